"""How a node's word joins what is in the API: its own fields replace the old ones, everyone else's stay.

Pure functions of two JSON values; they share structure with their inputs and change neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podwright.apiserver.gateway.assignments import OWNED_CONDITIONS

JSON = dict[str, Any]

_POD_FIELDS = frozenset(
    (
        "observedGeneration", "phase", "message", "reason", "hostIP", "hostIPs", "podIP", "podIPs", "startTime",
        "initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses", "resources", "allocatedResources",
    )
)  # fmt: skip
_TERMINAL = ("Succeeded", "Failed")
_NODE_FIELDS = ("addresses", "nodeInfo", "images", "daemonEndpoints", "volumesInUse", "runtimeHandlers", "features")


def merge_pod_status(old: Mapping[str, Any], new: Mapping[str, Any]) -> JSON:
    """Join a pod's status. A pod that has ended stays ended."""
    if old.get("phase") in _TERMINAL and new.get("phase") not in _TERMINAL:
        return dict(old)
    merged = {key: value for key, value in old.items() if key not in _POD_FIELDS}
    merged |= {key: value for key, value in new.items() if key in _POD_FIELDS and value is not None}
    merged["qosClass"] = old.get("qosClass") or new.get("qosClass")
    conditions = merge_conditions(old.get("conditions") or (), new.get("conditions") or (), OWNED_CONDITIONS)
    merged.pop("conditions", None)
    if conditions:
        merged["conditions"] = conditions
    return merged


def merge_conditions(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], owned: frozenset[str] | None = None
) -> list[JSON]:
    """Join conditions by type. `owned`: types that vanish when the new ones lack them; None: none does.

    Where some are owned, those of others come first. A condition whose status stays keeps its lastTransitionTime.
    """
    before = {c["type"]: c for c in old}
    merged: list[JSON] = []
    for condition in new:
        known = before.get(condition["type"])
        same = known is not None and known.get("status") == condition.get("status")
        since = known.get("lastTransitionTime") if same and known is not None else None
        merged.append({**condition, "lastTransitionTime": since} if since else dict(condition))
    types = {c["type"] for c in new}
    kept = [dict(c) for c in old if c["type"] not in types and (owned is None or c["type"] not in owned)]
    return merged + kept if owned is None else kept + merged


def merge_node(old: Mapping[str, Any], new: Mapping[str, Any]) -> JSON:
    """Join a node's object when it registers again: its labels win, all others stay, and so does the spec."""
    meta = dict(old["metadata"])
    for key in ("labels", "annotations"):
        meta[key] = {**(meta.get(key) or {}), **(new["metadata"].get(key) or {})}
    return {**old, "metadata": meta}


def merge_node_status(old: Mapping[str, Any], new: Mapping[str, Any]) -> JSON:
    """Join a node's status. Amounts of resources that the node does not name (extended ones) stay."""
    merged = dict(old)
    merged |= {key: new[key] for key in _NODE_FIELDS if key in new}
    for key in ("capacity", "allocatable"):
        if key in new:
            merged[key] = {**(old.get(key) or {}), **new[key]}
    if "conditions" in new:
        merged["conditions"] = merge_conditions(old.get("conditions") or (), new["conditions"])
    return merged
