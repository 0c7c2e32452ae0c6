"""Whether a pod's nodeSelector and required node affinity allow a node: pure, by the node's name and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def allows(spec: Mapping[str, Any], name: str, labels: Mapping[str, str]) -> bool:
    """Say whether a pod of this spec may run on the node. Of several terms one is enough; an empty one allows none."""
    selector: Mapping[str, str] = spec.get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return False
    affinity: Mapping[str, Any] = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required: Mapping[str, Any] | None = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    fields = {"metadata.name": name}
    return any(
        bool(term.get("matchExpressions") or term.get("matchFields"))
        and all(_holds(e, labels) for e in term.get("matchExpressions") or ())
        and all(_holds(e, fields) for e in term.get("matchFields") or ())
        for term in required.get("nodeSelectorTerms") or ()
    )


def _holds(expression: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    have = values.get(expression["key"])
    listed: list[str] = list(expression.get("values") or ())
    match expression.get("operator"):
        case "In":
            return have in listed
        case "NotIn":
            return have not in listed
        case "Exists":
            return have is not None
        case "DoesNotExist":
            return have is None
        case "Gt":
            return _less(listed, have)
        case "Lt":
            return _less([have or ""], listed[0] if listed else None)
        case _:
            return False


def _less(bounds: list[str], value: str | None) -> bool:
    try:
        return len(bounds) == 1 and value is not None and int(bounds[0]) < int(value)
    except ValueError:
        return False
