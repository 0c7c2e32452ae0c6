"""Certificates and signing requests in PEM: whether they can be read, told in words. Nothing is kept."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from podwright.api.quoting import quote

_BLOCK = re.compile(rb"-----BEGIN ([^\n-]*)-----\s*?\n(.*?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Block:
    type: str
    headers: bool
    data: bytes


def _blocks(text: bytes) -> Iterator[_Block]:
    for found in _BLOCK.finditer(text.replace(b"\r\n", b"\n")):
        head, blank, body = found[2].partition(b"\n\n")
        headers = bool(blank) and b":" in head
        try:
            data = base64.b64decode(body if headers else found[2].replace(b"\n", b""), validate=not headers)
        except binascii.Error:
            continue
        yield _Block(found[1].decode("ascii", "replace"), headers, data)


def problem_of_request(text: bytes) -> str:
    """Say why this is no signing request whose signature fits its key; "" when it is one."""
    block = next(_blocks(text), None)
    if block is None or block.type != "CERTIFICATE REQUEST":
        return "PEM block type must be CERTIFICATE REQUEST"
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import load_der_x509_csr

    try:
        good = load_der_x509_csr(block.data).is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "x509: malformed certificate request"
    return "" if good else "x509: the signature of the certificate request does not fit its key"


def problem_of_authorities(text: bytes) -> str:
    """Say why these tell of no authority to trust; "" when one of them can be read."""
    from cryptography.x509 import load_der_x509_certificate

    problem = ""
    for block in _blocks(text):
        if block.type != "CERTIFICATE" or block.headers:
            continue
        try:
            load_der_x509_certificate(block.data)
        except ValueError as error:
            problem = problem or f"failed to parse certificate: {error}"
            continue
        return ""
    return problem or "unable to parse bytes as PEM block"


def problem_of_chain(text: bytes) -> str:
    """Say why these are not certificates and nothing else; "" when they are (none at all is fine)."""
    if not text:
        return ""
    blocks = list(_blocks(text))
    if not blocks:
        return "must contain at least one CERTIFICATE PEM block"
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import load_der_x509_certificate

    for block in blocks:
        if block.type != "CERTIFICATE":
            return f"only CERTIFICATE PEM blocks are allowed, found {quote(block.type)}"
        if block.headers:
            return "no PEM block headers are permitted"
        try:
            load_der_x509_certificate(block.data)
        except (ValueError, UnsupportedAlgorithm):
            return "x509: malformed certificate"
    return ""
