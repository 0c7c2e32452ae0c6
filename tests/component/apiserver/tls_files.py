"""Certificates for tests, made once a session."""

import subprocess
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podwright.apiserver.dev_certificates import ensure_certificates


class TlsFiles:
    """A CA and what it signed, as files."""

    def __init__(self, folder):
        self.folder = folder
        self.server = ensure_certificates(folder, "127.0.0.1")

    def client(self, name, *groups, ca=None):
        """Files (certificate, key) of a client; signed by `ca`'s folder or ours."""
        source = ca.folder if ca else self.folder
        authority = x509.load_pem_x509_certificate((source / "ca.crt").read_bytes())
        authority_key = serialization.load_pem_private_key((source / "ca.key").read_bytes(), None)
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, g) for g in groups]
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(names))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(hours=1))
            .sign(authority_key, hashes.SHA256())
        )
        crt, pem = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        crt.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return crt, pem


def kubectl(config, *arguments, stdin=None, seconds=30):
    """Run the real kubectl; returns (exit code, stdout, stderr)."""
    done = subprocess.run(
        ["kubectl", *arguments],
        env={"KUBECONFIG": str(config), "HOME": str(config.parent), "PATH": "/usr/bin:/bin"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
