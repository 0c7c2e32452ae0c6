"""Taints that say what a node's conditions say, so that filters and evictions need to know only taints.

    condition            taint node.kubernetes.io/...    effects
    Ready=False          not-ready                       NoSchedule NoExecute
    Ready=Unknown        unreachable                     NoSchedule NoExecute
    MemoryPressure=True  memory-pressure                 NoSchedule      (DiskPressure, PIDPressure alike)
    NetworkUnavailable   network-unavailable             NoSchedule
    spec.unschedulable   unschedulable                   NoSchedule

Other taints are their owners' and stay as they are.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from podwright.api.times import format_time
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.conditions import find
from podwright.controllers.meta import Whole
from podwright.controllers.resources import NODES

JSON = dict[str, Any]

NOT_READY: Final = "node.kubernetes.io/not-ready"
UNREACHABLE: Final = "node.kubernetes.io/unreachable"
UNSCHEDULABLE: Final = "node.kubernetes.io/unschedulable"
NO_SCHEDULE: Final = "NoSchedule"
NO_EXECUTE: Final = "NoExecute"

_BY_CONDITION: Final = (
    ("Ready", "False", NOT_READY, (NO_SCHEDULE, NO_EXECUTE)),
    ("Ready", "Unknown", UNREACHABLE, (NO_SCHEDULE, NO_EXECUTE)),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure", (NO_SCHEDULE,)),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure", (NO_SCHEDULE,)),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure", (NO_SCHEDULE,)),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable", (NO_SCHEDULE,)),
)
_OURS: Final = frozenset({UNSCHEDULABLE, *(key for _, _, key, _ in _BY_CONDITION)})


def wanted(node: Whole) -> set[tuple[str, str]]:
    """Return (key, effect) of the taints that the node's state calls for."""
    conditions: list[JSON] = node.status.get("conditions") or []
    found: set[tuple[str, str]] = set()
    for kind, status, key, effects in _BY_CONDITION:
        condition = find(conditions, kind)
        if condition is not None and condition.get("status") == status:
            found.update((key, effect) for effect in effects)
    if node.spec.get("unschedulable"):
        found.add((UNSCHEDULABLE, NO_SCHEDULE))
    return found


def reconcile(node: Whole, now: datetime) -> Plan:
    """Return the patch that puts taints right, if any is missing or too many.

    A node without a Ready condition keeps its not-ready taint: it never said that it is ready.
    """
    if node.meta.deleted is not None:
        return NOTHING
    have: list[JSON] = node.spec.get("taints") or []
    want = wanted(node)
    if find(node.status.get("conditions") or (), "Ready") is None:
        want |= {(t["key"], t["effect"]) for t in have if t["key"] == NOT_READY}
    kept = [t for t in have if t["key"] not in _OURS or (t["key"], t["effect"]) in want]
    missing = sorted(want - {(t["key"], t["effect"]) for t in kept})
    if not missing and len(kept) == len(have):
        return NOTHING
    taints = [*kept, *(_taint(key, effect, now) for key, effect in missing)]
    # The version makes sure that a taint which somebody else adds meanwhile is not lost: lists are replaced whole.
    body = {"metadata": {"uid": node.meta.uid, "resourceVersion": node.meta.version}, "spec": {"taints": taints}}
    return Plan((Patch(NODES, "", node.meta.name, body),))


def _taint(key: str, effect: str, now: datetime) -> JSON:
    return {"key": key, "effect": effect, "timeAdded": format_time(now)}
