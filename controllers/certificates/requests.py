"""What a request for a certificate asks for, read from its PEM: names, groups and other names. Nothing is kept."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

JSON = Mapping[str, Any]
APPROVED: Final = "Approved"
DENIED: Final = "Denied"
FAILED: Final = "Failed"
DNS: Final = "DNS"
IP: Final = "IP"
EMAIL: Final = "Email"
URI: Final = "URI"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's subject, and how many other names of each kind it has."""

    common_name: str
    organizations: tuple[str, ...]
    names: Mapping[str, int]


def read(spec: JSON) -> Asked | None:
    """Read what a signing request's spec asks for; None for what is none."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        csr = x509.load_pem_x509_csr(pem_of(spec))
        subject = csr.subject
        found = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        organizations = tuple(str(p.value) for p in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
        try:
            others = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            others = ()
    except (ValueError, TypeError, binascii.Error):
        return None
    kinds = {DNS: x509.DNSName, IP: x509.IPAddress, EMAIL: x509.RFC822Name, URI: x509.UniformResourceIdentifier}
    names = {kind: sum(isinstance(name, cls) for name in others) for kind, cls in kinds.items()}
    return Asked(found[-1] if found else "", organizations, names)


def pem_of(spec: JSON) -> bytes:
    """The request itself. Raises ValueError."""
    return base64.b64decode(spec.get("request") or "")


def conditions(status: JSON) -> dict[str, JSON]:
    """The conditions by type."""
    return {condition.get("type") or "": condition for condition in status.get("conditions") or ()}
