"""A throw-away CA and serving certificate for a server that is run alone. A cluster gets its own from deploy/."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pki:
    """Files of one server."""

    ca: Path
    cert: Path
    key: Path
    sa_key: Path


def ensure_certificates(folder: Path, host: str) -> Pki:
    """Return the files in `folder`, making them first when they are not there. Raises OSError."""
    pki = Pki(folder / "ca.crt", folder / "apiserver.crt", folder / "apiserver.key", folder / "sa.key")
    if all(p.exists() for p in (pki.ca, pki.cert, pki.key, pki.sa_key)):
        return pki
    folder.mkdir(parents=True, exist_ok=True)
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    def name(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    now = datetime.now(UTC) - timedelta(minutes=5)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    base = x509.CertificateBuilder().not_valid_before(now).not_valid_after(now + timedelta(days=365))
    ca = (
        base.subject_name(name("podwright-ca"))
        .issuer_name(name("podwright-ca"))
        .public_key(ca_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName("kubernetes.default.svc")]
    names += [x509.IPAddress(ipaddress.ip_address(a)) for a in {"127.0.0.1", "10.96.0.1", _address(host)}]
    cert = (
        base.subject_name(name("apiserver"))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pki.ca.write_bytes(ca.public_bytes(pem))
    pki.cert.write_bytes(cert.public_bytes(pem))
    sa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for path, private in ((pki.key, key), (folder / "ca.key", ca_key), (pki.sa_key, sa_key)):
        path.touch(mode=0o600)
        path.write_bytes(private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return pki


def _address(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1"
