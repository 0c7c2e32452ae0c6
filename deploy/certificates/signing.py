"""Signs what was approved: the subject, names and key of a request, for the usages and the time that were asked for.

Whether a request may be signed is decided by others; this only refuses what cannot be made into a certificate.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

from podwright.deploy.pki import LIFE, Authority, PkiError

_SHORTEST: Final = dt.timedelta(minutes=10)
_KEY_USAGES: Final[Mapping[str, str]] = {
    "cert sign": "key_cert_sign",
    "content commitment": "content_commitment",
    "crl sign": "crl_sign",
    "data encipherment": "data_encipherment",
    "decipher only": "decipher_only",
    "digital signature": "digital_signature",
    "encipher only": "encipher_only",
    "key agreement": "key_agreement",
    "key encipherment": "key_encipherment",
    "signing": "digital_signature",
}
_PURPOSES: Final[Mapping[str, x509.ObjectIdentifier]] = {
    "any": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "client auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "ocsp signing": ExtendedKeyUsageOID.OCSP_SIGNING,
    "s/mime": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "server auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
}
_FLAGS: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def sign_request(authority: Authority, request: bytes, usages: Sequence[str], seconds: int | None) -> bytes:
    """Return the certificate for a request (PEM). Raises PkiError."""
    try:
        csr = x509.load_pem_x509_csr(request)
        good, key = csr.is_signature_valid, csr.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = f"cannot sign the request: {error}"
        raise PkiError(msg) from error
    if not good:
        raise PkiError("cannot sign the request: it is not signed by its own key")
    unknown = [usage for usage in usages if usage not in _KEY_USAGES and usage not in _PURPOSES]
    if unknown:
        msg = f"cannot sign the request: no certificate is for {', '.join(unknown)}"
        raise PkiError(msg)
    extensions: list[x509.ExtensionType] = []
    purposes = dict.fromkeys(_PURPOSES[usage] for usage in usages if usage in _PURPOSES)
    if purposes:
        extensions.append(x509.ExtendedKeyUsage(list(purposes)))
    with contextlib.suppress(x509.ExtensionNotFound, ValueError):
        extensions.append(csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    wanted = {_KEY_USAGES[usage] for usage in usages if usage in _KEY_USAGES}
    flags = {flag: flag in wanted for flag in _FLAGS}
    if not flags["key_agreement"]:
        flags |= {"encipher_only": False, "decipher_only": False}  # they mean nothing without it
    life = LIFE if seconds is None else min(max(dt.timedelta(seconds=seconds), _SHORTEST), LIFE)
    return authority.issue(csr.subject, key, extensions, x509.KeyUsage(**flags), life)
