"""Makes a node's key and signing request: run as a program of its own, so that the agent never loads the library.

`python -m podwright.agent.link.make_key NODE KEYFILE` writes the key (0600) and prints the request (PEM).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def make(node: str, key_file: Path) -> bytes:
    """Create an EC P-256 key and a request for CN system:node:<name>, O system:nodes."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    fd = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(pem)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:nodes"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"system:node:{node}"),
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def main() -> None:
    """Entry point."""
    node, key_file = sys.argv[1:3]
    sys.stdout.buffer.write(make(node, Path(key_file)))


if __name__ == "__main__":
    main()
