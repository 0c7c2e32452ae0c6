"""`matchLabelKeys`: selectors that take the values of the pod's own labels.

The server writes the requirements into the selectors when the pod is created, so that nobody else has to know the
rule.
"""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def merge_label_keys(pod: JSON) -> None:
    """Add to the selectors of affinity terms and spread constraints what their label keys stand for."""
    spec: JSON = pod.get("spec") or {}
    labels: JSON = pod["metadata"].get("labels") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity: JSON = (spec.get("affinity") or {}).get(kind) or {}
        terms = [
            *(affinity.get(_REQUIRED) or ()),
            *(weighted.get("podAffinityTerm") or {} for weighted in affinity.get(_PREFERRED) or ()),
        ]
        for term in terms:
            _merge(term, "matchLabelKeys", "In", labels)
            _merge(term, "mismatchLabelKeys", "NotIn", labels)
    for constraint in spec.get("topologySpreadConstraints") or ():
        _merge(constraint, "matchLabelKeys", "In", labels)


def _merge(term: JSON, keys: str, operator: str, labels: JSON) -> None:
    selector = term.get("labelSelector")
    if selector is None or not term.get(keys):
        return
    added = [{"key": key, "operator": operator, "values": [labels[key]]} for key in term[keys] if key in labels]
    if added:
        term["labelSelector"] = {
            **selector,
            "matchExpressions": [*(selector.get("matchExpressions") or ()), *added],
        }
