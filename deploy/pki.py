"""The cluster's own certificates: its CA, the server's certificate, client certificates, the key that signs tokens.

All live in <data>/pki as `<name>.crt` and `<name>.key` (EC P-256, PEM). What is there and good is used again; what is
missing, has lived two thirds of its life or lacks a name it must have is made anew. Keys are 0600 and never leave the
folder but in kubeconfigs. It must never sign anything that outlives the CA.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from podwright.deploy.certificates.files import write_file

CA_LIFE = dt.timedelta(days=3650)
LIFE = dt.timedelta(days=365)
_RENEW_AT = 2 / 3  # of a certificate's life
_BACKDATED = dt.timedelta(minutes=5)  # for clocks that are a little behind

SERVING = "apiserver"
"""The file of the certificate that the API server and the node gateway show."""
ADMIN = "admin"
"""The file of the certificate in the administrator's kubeconfig."""
NODE_PREFIX = "system:node:"
NODES_GROUP = "system:nodes"
FRONT_PROXY, FRONT_PROXY_CA = "front-proxy-client", "front-proxy-ca"
"""The files of the certificate by which the API server speaks for its users, and of its CA."""


class PkiError(ValueError):
    """A certificate or signing request cannot be used. The message says which and why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A CA of one cluster, kept in a folder. Blocking."""

    def __init__(self, folder: Path, now: Callable[[], dt.datetime], ca: str = "ca") -> None:
        """`ca` names its files."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._now = now
        found = self._read(ca)
        if found is None:
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name(f"podwright-{ca}")
            builder = self._builder(name, name, key.public_key(), self._now() + CA_LIFE)
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
            found = Pair(_pem(builder.sign(key, hashes.SHA256())), _key_pem(key))
            self._write(ca, found)
        self.certificate = x509.load_pem_x509_certificate(found.certificate)
        self._key = _load_key(found.key)
        self.ca = found.certificate

    def server(self, names: Sequence[str]) -> Pair:
        """The server's certificate for these DNS names and IP addresses."""
        found = self._read(SERVING)
        if found is not None and self._good(found, names):
            return found
        key = ec.generate_private_key(ec.SECP256R1())
        names_of = x509.SubjectAlternativeName([_alternative(n) for n in names])
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        signed = self.issue(_name("podwright-apiserver"), key.public_key(), (purpose, names_of))
        made = Pair(signed, _key_pem(key))
        self._write(SERVING, made)
        return made

    def client(self, file: str, user: str, groups: Sequence[str]) -> Pair:
        """A client certificate: the user as CN, the groups as O."""
        found = self._read(file)
        if found is not None and self._good(found, ()):
            return found
        key = ec.generate_private_key(ec.SECP256R1())
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        made = Pair(self.issue(_name(user, groups), key.public_key(), (purpose,)), _key_pem(key))
        self._write(file, made)
        return made

    def front_proxy(self) -> Pair:
        """A CA of its own, and the certificate by which the server speaks for its users to other API servers.

        Not the cluster's CA: whoever has a client certificate of that one must not be able to say who others are.
        """
        return Authority(self._folder, self._now, FRONT_PROXY_CA).client(FRONT_PROXY, FRONT_PROXY, ())

    def sign_node(self, node: str, request: bytes) -> bytes:
        """Sign a node's request: it must be for exactly this node's identity. Raises PkiError."""
        try:
            csr = x509.load_pem_x509_csr(request)
        except ValueError as e:
            msg = f"cannot sign for node {node!r}: the request is no PEM certificate request"
            raise PkiError(msg) from e
        if not csr.is_signature_valid:
            msg = f"cannot sign for node {node!r}: the request is not signed by its own key"
            raise PkiError(msg)
        wanted = _name(NODE_PREFIX + node, (NODES_GROUP,))
        if csr.subject != wanted:
            msg = f"cannot sign for node {node!r}: the request is for {csr.subject.rfc4514_string()}"
            raise PkiError(msg)
        key = csr.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            msg = f"cannot sign for node {node!r}: its key must be an elliptic curve key"
            raise PkiError(msg)
        return self.issue(wanted, key, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),))

    def token_key(self) -> Path:
        """The file of the key that signs service-account tokens (`sa.key`; its public half beside it)."""
        path = self._folder / "sa.key"
        if not path.exists():
            key = rsa.generate_private_key(65537, 2048)  # RS256 is what verifiers of such tokens expect
            public = key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            write_file(self._folder / "sa.pub", public, 0o644)
            write_file(path, _key_pem(key), 0o600)
        return path

    def path(self, name: str) -> Path:
        """A file of the folder: "ca.crt", "apiserver.key"."""
        return self._folder / name

    def discard(self, name: str) -> None:
        """Forget a certificate, so that it is made anew when it is next asked for."""
        self.path(f"{name}.crt").unlink(missing_ok=True)

    def issue(
        self,
        subject: x509.Name,
        key: CertificatePublicKeyTypes,
        extensions: Sequence[x509.ExtensionType],
        usage: x509.KeyUsage | None = None,
        life: dt.timedelta = LIFE,
    ) -> bytes:
        """Sign a certificate that ends with the CA at the latest; returns it as PEM. Raises PkiError."""
        now, last = self._now(), self.certificate.not_valid_after_utc
        if now >= last:
            msg = f"cannot sign a certificate: the cluster's CA has ended on {last:%Y-%m-%d}"
            raise PkiError(msg)
        builder = self._builder(subject, self.certificate.subject, key, min(now + life, last))
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage or _usage(signs_certificates=False), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return _pem(builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256()))

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, end: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now() - _BACKDATED)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )

    def _good(self, pair: Pair, names: Sequence[str]) -> bool:
        """Signed by this CA for this key, not about to end, and valid for all these names."""
        certificate = x509.load_pem_x509_certificate(pair.certificate)
        if certificate.public_key() != _load_key(pair.key).public_key():
            return False  # whoever wrote them was interrupted in between
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        if renew_at(certificate, self.certificate) <= self._now():
            return False
        if not names:
            return True
        try:
            held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return False
        return {_alternative(n) for n in names} <= set(held)

    def _read(self, name: str) -> Pair | None:
        try:
            return Pair((self._folder / f"{name}.crt").read_bytes(), (self._folder / f"{name}.key").read_bytes())
        except FileNotFoundError:
            return None

    def _write(self, name: str, pair: Pair) -> None:
        """The key first: a certificate whose key is missing is worth nothing."""
        write_file(self._folder / f"{name}.key", pair.key, 0o600)
        write_file(self._folder / f"{name}.crt", pair.certificate, 0o644)


def renew_at(certificate: x509.Certificate, ca: x509.Certificate) -> dt.datetime:
    """When a certificate is due: after two thirds of its life, at its end when a new one could not outlive it."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return end if end >= ca.not_valid_after_utc else begin + (end - begin) * _RENEW_AT


def server_names(*addresses: str) -> list[str]:
    """Every name that clients know the API server by, with further addresses of this cluster."""
    service = "kubernetes"
    return [
        "localhost",
        "127.0.0.1",
        "::1",
        service,
        f"{service}.default",
        f"{service}.default.svc",
        f"{service}.default.svc.cluster.local",
        *addresses,
    ]


def _name(common: str, organizations: Sequence[str] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, o) for o in organizations]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(data: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(data, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError("cannot use the CA's key: it is no elliptic curve key")
    return key
