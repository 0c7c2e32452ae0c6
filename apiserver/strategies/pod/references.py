"""References from a pod to its own fields and resources (downward API), in env variables and in volumes."""

from __future__ import annotations

import re
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.quantities import canonical_amount, milli_of

JSON = dict[str, Any]

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)

_KNOWN_FIELDS = frozenset((*ENV_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase",
                           "spec.host"))  # fmt: skip
_SUBSCRIPT = re.compile(r"(?P<path>.*)\['(?P<key>[^']*)'\]")
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_SIZES = frozenset(["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"])
_SIZES_TEXT = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
# resource (without limits. or requests.) -> allowed divisors, how the message ends
_DIVISORS = {
    "cpu": (frozenset(("1m", "1")), "1m and 1 are supported with the cpu resource"),
    "memory": (_SIZES, f"{_SIZES_TEXT} are supported with the memory resource"),
    "ephemeral-storage": (_SIZES, f"{_SIZES_TEXT} are supported with the local ephemeral storage resource"),
    "hugepages-": (_SIZES, f"{_SIZES_TEXT} are supported with the hugepages resource"),
}


def default_field_ref(reference: JSON) -> None:
    """Fill in the API version of a fieldRef."""
    if not reference.get("apiVersion"):
        reference["apiVersion"] = "v1"


def default_resource_ref(reference: JSON) -> None:
    """Fill in the divisor of a resourceFieldRef: "0" stands for the resource's own unit."""
    if not reference.get("divisor"):
        reference["divisor"] = "0"


def validate_field_ref(errors: Errors, path: str, reference: JSON, allowed: tuple[str, ...]) -> None:
    """Check a fieldRef against the fields that this place may use."""
    version, field = reference.get("apiVersion"), reference.get("fieldPath")
    if not version:
        errors.append(field_errors.required(f"{path}.apiVersion"))
        return
    if not field:
        errors.append(field_errors.required(f"{path}.fieldPath"))
        return
    name, key, problem = _convert(version, field)
    if problem:
        detail = f"error converting fieldPath: {problem}"
        errors.append(field_errors.invalid(f"{path}.fieldPath", field, detail))
    elif key is not None:
        if name == "metadata.annotations":
            formats.qualified_name(errors, path, key.lower())
        elif name == "metadata.labels":
            formats.qualified_name(errors, path, key)
        else:
            errors.append(field_errors.invalid(path, name, "does not support subscript"))
    elif name not in allowed:
        errors.append(field_errors.not_supported(f"{path}.fieldPath", name, allowed))


def validate_resource_ref(errors: Errors, path: str, reference: JSON, *, in_volume: bool) -> None:
    """Check a resourceFieldRef; volumes must name the container."""
    resource = reference.get("resource") or ""
    if in_volume and not reference.get("containerName"):
        errors.append(field_errors.required(f"{path}.containerName"))
    elif not resource:
        errors.append(field_errors.required(f"{path}.resource"))
    elif resource not in RESOURCES and not resource.startswith(_HUGE_PAGES):
        errors.append(field_errors.not_supported(f"{path}.resource", resource, RESOURCES))
    _validate_divisor(errors, path, resource, reference.get("divisor") or "0")


def _validate_divisor(errors: Errors, path: str, resource: str, divisor: str) -> None:
    if milli_of(divisor) == 0:
        return
    kind = resource.partition(".")[2]
    allowed = _DIVISORS.get("hugepages-" if kind.startswith("hugepages-") else kind)
    if allowed is not None and canonical_amount(divisor) not in allowed[0]:
        errors.append(field_errors.invalid(f"{path}.divisor", resource, f"only divisor's values {allowed[1]}"))


def _convert(version: str, field: str) -> tuple[str, str | None, str]:
    """Return the field's name, its subscript if it has one, and what is wrong."""
    if version != "v1":
        return "", None, f"unsupported pod version: {version}"
    found = _SUBSCRIPT.fullmatch(field)
    if found is not None:
        if found["path"] in {"metadata.annotations", "metadata.labels"}:
            return found["path"], found["key"], ""
        return "", None, f"field label does not support subscript: {field}"
    if field not in _KNOWN_FIELDS:
        return "", None, f"field label not supported: {field}"
    return ("spec.nodeName" if field == "spec.host" else field), None, ""
