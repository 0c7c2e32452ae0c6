"""Is a node alive? It is while its Lease is renewed; the time is when *we* saw the renewal, never the node's clock.

A silent node's conditions become Unknown, its pods not Ready. Saying so is all this module does: what follows
(taints, eviction) is decided from the conditions alone, by `node_taints.py` and `eviction.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.api.times import format_time
from podwright.controllers.actions import Note, Patch, Plan, Step, Tell
from podwright.controllers.conditions import find
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import pod_reference
from podwright.controllers.resources import NODES, PODS

JSON = dict[str, Any]

_REPORTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
_SILENT = ("NodeStatusUnknown", "Kubelet stopped posting node status.")
_NEVER = ("NodeStatusNeverUpdated", "Kubelet never posted node status.")


@dataclass(frozen=True, slots=True)
class Signs:
    """What was last heard of a node, in monotonic seconds: when, and whether a Lease was ever seen."""

    heard_at: float
    leased: bool


def readiness(node: Whole) -> str:
    """Return the status of the Ready condition: True, False or Unknown; "" where the node has none yet."""
    ready = find(node.status.get("conditions") or (), "Ready")
    return ready.get("status", "") if ready is not None else ""


def reported(old: Whole, new: Whole) -> bool:
    """Tell whether the node itself has written its Ready condition: nobody else ever makes it True or False."""
    before = find(old.status.get("conditions") or (), "Ready")
    after = find(new.status.get("conditions") or (), "Ready")
    return after is not None and after != before and after.get("status") != "Unknown"


def reconcile(
    node: Whole, signs: Signs, pods: Sequence[PodView], *, grace: float, startup_grace: float, monotonic: float,
    now: datetime,
) -> Plan:  # fmt: skip
    """Return what a silence that lasted too long changes, or when it will have lasted too long."""
    patience = grace if signs.leased else startup_grace
    left = signs.heard_at + patience - monotonic
    state = readiness(node)
    steps: list[Step] = []
    if left <= 0 and state != "Unknown":
        steps.append(_silenced(node, now))
        steps.append(Tell(Note("NodeNotReady", f"Node {node.meta.name} status is now: NodeNotReady")))
        state = "Unknown"
    if state == "Unknown":  # a node that says it is not ready still speaks for its pods; this one does not
        for pod in pods:
            steps += _unready(pod, now)
    return Plan(tuple(steps), left if left > 0 else None)


def _silenced(node: Whole, now: datetime) -> Patch:
    """Return the patch that makes every condition the node reports Unknown."""
    have: list[JSON] = node.status.get("conditions") or []
    stamp = format_time(now)
    conditions: list[JSON] = []
    for kind in _REPORTED:
        current = find(have, kind)
        if current is not None and current.get("status") == "Unknown":
            continue
        reason, message = _NEVER if current is None else _SILENT
        heartbeat = (current or {}).get("lastHeartbeatTime") or format_time(node.meta.created or now)
        conditions.append({
            "type": kind, "status": "Unknown", "reason": reason, "message": message,
            "lastHeartbeatTime": heartbeat, "lastTransitionTime": stamp,
        })  # fmt: skip
    body = {"metadata": {"uid": node.meta.uid}, "status": {"conditions": conditions}}
    return Patch(NODES, "", node.meta.name, body, form="strategic", subresource="status")


def _unready(pod: PodView, now: datetime) -> list[Step]:
    if not pod.ready:
        return []
    condition = {"type": "Ready", "status": "False", "lastTransitionTime": format_time(now)}
    body = {"metadata": {"uid": pod.meta.uid}, "status": {"conditions": [condition]}}
    note = Note("NodeNotReady", "Node is not ready", "Warning", about=pod_reference(pod.meta))
    return [
        Patch(PODS, pod.meta.namespace, pod.meta.name, body, form="strategic", subresource="status"),
        Tell(note),
    ]
