"""Whether a certificate and a key belong together: read only to warn, never stored or shown."""

from __future__ import annotations

_BEGIN = b"-----BEGIN "


def problem_of_pair(certificate: bytes, key: bytes) -> str:
    """Say why a TLS server could not use the pair; "" when it could."""
    if _BEGIN not in certificate:
        return "tls: failed to find any PEM data in certificate input"
    if b"-----BEGIN CERTIFICATE-----" not in certificate:
        return 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks'
    if _BEGIN not in key:
        return "tls: failed to find any PEM data in key input"
    if b"PRIVATE KEY-----" not in key:
        return 'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks'
    return _mismatch(certificate, key)


def _mismatch(certificate: bytes, key: bytes) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        public = load_pem_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "x509: malformed certificate"
    try:
        own = load_pem_private_key(key, None).public_key()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return "tls: failed to parse private key"
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if type(public) is not type(own):
        return "tls: private key type does not match public key type"
    if public.public_bytes(*form) != own.public_bytes(*form):
        return "tls: private key does not match public key"
    return ""
