"""Is a node alive? It is while its Lease is renewed; the time is when *we* saw the renewal, never the node's clock.

A silent node's conditions become Unknown, its pods not Ready. Saying so is all this module does: what follows
(taints, eviction) is decided from the conditions alone, by `node_taints.py` and `eviction.py`.

When a node that was only slow is heard again, what it last said stands again: its agent has no reason to repeat it.
The same goes for its pods, unless the agent has spoken of them since (then the reason we gave is gone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.api.times import format_time, parse_time
from podwright.controllers.actions import Note, Patch, Plan, Step, Tell
from podwright.controllers.conditions import find
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import pod_reference
from podwright.controllers.resources import NODES, PODS

JSON = dict[str, Any]

_REPORTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
_SILENT = ("NodeStatusUnknown", "Kubelet stopped posting node status.")
_POD_REASON = "NodeNotReady"
_SETTLED = 2.0  # seconds a node has to be ready before its pods are believed to be as they were
_NEVER = ("NodeStatusNeverUpdated", "Kubelet never posted node status.")


@dataclass(frozen=True, slots=True)
class Signs:
    """What was last heard of a node: when (monotonic seconds), whether it has a Lease, and its own conditions."""

    heard_at: float
    leased: bool
    said: Sequence[JSON] = ()


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
    elif left > 0 and state == "Unknown" and signs.leased and signs.said:
        steps += _restored(node, signs.said, now)
    wait = left if left > 0 else None
    if state == "Unknown" and left <= 0:
        # A node that says it is not ready still speaks for its pods; this one does not.
        for pod in pods:
            steps += _unready(pod, now)
    elif state == "True" and (silenced := [pod for pod in pods if is_silenced(pod)]):
        settles = _SETTLED - _seconds_ready(node, now)
        if settles > 0:
            wait = min(settles, left) if left > 0 else settles
        else:
            steps += [_ready_again(pod, now) for pod in silenced]
    return Plan(tuple(steps), wait)


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


def _restored(node: Whole, said: Sequence[JSON], now: datetime) -> list[Step]:
    """Return the patch that puts back the node's own conditions where we had made them Unknown."""
    conditions: list[JSON] = []
    for own in said:
        current = find(node.status.get("conditions") or (), own["type"])
        if current is not None and (current.get("status"), current.get("reason")) == ("Unknown", _SILENT[0]):
            conditions.append({**own, "lastTransitionTime": format_time(now)})
    if not conditions:
        return []
    body = {"metadata": {"uid": node.meta.uid}, "status": {"conditions": conditions}}
    return [Patch(NODES, "", node.meta.name, body, form="strategic", subresource="status")]


def _unready(pod: PodView, now: datetime) -> list[Step]:
    if not pod.ready:
        return []
    text = "Node is not ready"
    note = Note("NodeNotReady", text, "Warning", about=pod_reference(pod.meta))
    return [_set_ready(pod, "False", now, reason=_POD_REASON, message=text), Tell(note)]


def is_silenced(pod: PodView) -> bool:
    """Tell whether the pod is not Ready because we said so, and nobody else has said anything since."""
    return pod.active and not pod.ready and pod.ready_reason == _POD_REASON


def _ready_again(pod: PodView, now: datetime) -> Patch:
    return _set_ready(pod, "True", now, reason=None, message=None)


def _set_ready(pod: PodView, status: str, now: datetime, **why: str | None) -> Patch:
    condition = {"type": "Ready", "status": status, "lastTransitionTime": format_time(now), **why}
    body = {"metadata": {"uid": pod.meta.uid}, "status": {"conditions": [condition]}}
    return Patch(PODS, pod.meta.namespace, pod.meta.name, body, form="strategic", subresource="status")


def _seconds_ready(node: Whole, now: datetime) -> float:
    ready = find(node.status.get("conditions") or (), "Ready") or {}
    since = ready.get("lastTransitionTime")
    return (now - parse_time(since)).total_seconds() if since else _SETTLED
