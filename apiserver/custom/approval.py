"""Groups under the API's own domains need a word that someone approved of their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from podwright.api.quoting import quote

JSON = dict[str, Any]
ANNOTATION: Final = "api-approved.kubernetes.io"
_PROTECTED: Final = ("k8s.io", "kubernetes.io")
_SEE: Final = "see https://github.com/kubernetes/enhancements/pull/1111"


@dataclass(frozen=True, slots=True)
class Approval:
    """What the annotation says. `state` is Approved, Bypassed, Missing or Invalid."""

    state: str
    text: str


def is_protected(group: str) -> bool:
    """Whether a group lies under one of the API's own domains."""
    return any(group == domain or group.endswith(f".{domain}") for domain in _PROTECTED)


def approval(annotations: JSON) -> Approval:
    """Read the annotation."""
    value = annotations.get(ANNOTATION) or ""
    if not value:
        return Approval("Missing", f"protected groups must have approval annotation {quote(ANNOTATION)}, {_SEE}")
    if value.startswith("unapproved"):
        return Approval("Bypassed", f"not approved: {quote(value)}")
    try:
        parts = urlsplit(value)
        good = bool(parts.scheme and parts.netloc)
    except ValueError:
        good = False
    if good:
        return Approval("Approved", f"approved in {value}")
    text = f"protected groups must have approval annotation {quote(ANNOTATION)} with either a URL or a reason starting "
    return Approval("Invalid", f'{text}with "unapproved", {_SEE}')


def condition(group: str, annotations: JSON) -> JSON | None:
    """The condition that tells about it; None for groups that need no approval."""
    if not is_protected(group):
        return None
    found = approval(annotations)
    reasons = {
        "Approved": ("True", "ApprovedAnnotation"),
        "Bypassed": ("False", "UnapprovedAnnotation"),
        "Missing": ("False", "MissingAnnotation"),
        "Invalid": ("False", "InvalidAnnotation"),
    }
    status, reason = reasons[found.state]
    kind = "KubernetesAPIApprovalPolicyConformant"
    return {"type": kind, "status": status, "reason": reason, "message": found.text}
