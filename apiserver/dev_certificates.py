"""Throw-away CAs and certificates for a server that is run alone. A cluster gets its own from deploy/."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

_FRONT_PROXY = "front-proxy-client"


@dataclass(frozen=True, slots=True)
class Pki:
    """Files of one server. The proxy's are by which it speaks for its users to other API servers."""

    ca: Path
    cert: Path
    key: Path
    sa_key: Path
    proxy_ca: Path
    proxy_cert: Path
    proxy_key: Path


def ensure_certificates(folder: Path, host: str) -> Pki:
    """Return the files in `folder`, making them first when they are not there. Raises OSError."""
    names = ("ca.crt", "apiserver.crt", "apiserver.key", "sa.key")
    names += ("front-proxy-ca.crt", f"{_FRONT_PROXY}.crt", f"{_FRONT_PROXY}.key")
    pki = Pki(*(folder / name for name in names))
    if all((folder / name).exists() for name in names):
        return pki
    folder.mkdir(parents=True, exist_ok=True)
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa

    served: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName("kubernetes.default.svc")]
    served += [x509.IPAddress(ipaddress.ip_address(a)) for a in {"127.0.0.1", "10.96.0.1", _address(host)}]
    names_served = x509.SubjectAlternativeName(served)
    _make(folder, "ca", "podwright-ca", {"apiserver": ("apiserver", names_served)})
    _make(folder, "front-proxy-ca", "podwright-front-proxy-ca", {_FRONT_PROXY: (_FRONT_PROXY, None)})
    _write_key(pki.sa_key, rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return pki


def _make(folder: Path, ca: str, title: str, signed: dict[str, tuple[str, x509.SubjectAlternativeName | None]]) -> None:
    """Make a CA and what it signs: file name -> common name, and the names it is known by."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def named(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def builder(common: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        begin = datetime.now(UTC) - timedelta(minutes=5)
        made = x509.CertificateBuilder().not_valid_before(begin).not_valid_after(begin + timedelta(days=365))
        made = made.subject_name(named(common)).issuer_name(named(title))
        return made.public_key(key.public_key()).serial_number(x509.random_serial_number())

    ca_key = ec.generate_private_key(ec.SECP256R1())
    root = builder(title, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    _write(folder / ca, root.sign(ca_key, hashes.SHA256()), ca_key)
    for file, (common, names) in signed.items():
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = builder(common, key)
        if names is not None:
            leaf = leaf.add_extension(names, critical=False)
        _write(folder / file, leaf.sign(ca_key, hashes.SHA256()), key)


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    from cryptography.hazmat.primitives import serialization

    path.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(path.with_suffix(".key"), key)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    from cryptography.hazmat.primitives import serialization

    private = serialization.PrivateFormat.PKCS8
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))


def _address(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1"
