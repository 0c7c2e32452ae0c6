"""Taints NoExecute drive pods off a node: at once, or when the pod's tolerations have run out.

Admission gives every pod two tolerations of 300 s, for not-ready and unreachable nodes: nobody asked for them, and
in a small cluster five minutes of outage are too long. `max_default_toleration` bounds exactly these (same key,
operator Exists, effect NoExecute, 300 s); a toleration that a user wrote differs in one of them and holds as written.

While no node at all is ready nothing is evicted: there is nowhere to go, and what fails is more likely the network
or the control plane than every node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.times import format_time, parse_time
from podwright.controllers.actions import NOTHING, Delete, Note, Patch, Plan, Step, Tell
from podwright.controllers.meta import Whole
from podwright.controllers.node_taints import NO_EXECUTE, NOT_READY, UNREACHABLE
from podwright.controllers.pod_view import PodView, Toleration
from podwright.controllers.references import pod_reference
from podwright.controllers.resources import PODS

JSON = dict[str, Any]

_DEFAULTED: Final = tuple(Toleration(key, "Exists", "", NO_EXECUTE, 300) for key in (NOT_READY, UNREACHABLE))


@dataclass(frozen=True, slots=True)
class Taint:
    """A NoExecute taint; `since` None where it does not say."""

    key: str
    value: str
    since: datetime | None


def taints_of(node: Whole) -> tuple[Taint, ...]:
    """Return a node's NoExecute taints."""
    return tuple(
        Taint(t["key"], t.get("value") or "", parse_time(t["timeAdded"]) if t.get("timeAdded") else None)
        for t in node.spec.get("taints") or ()
        if t.get("effect") == NO_EXECUTE
    )


def reconcile(
    taints: Sequence[Taint], pods: Iterable[PodView], *, anywhere: bool, max_default: float | None, now: datetime
) -> Plan:
    """Return the evictions that are due on one node, and when the next one will be."""
    if not taints or not anywhere:
        return NOTHING
    steps: list[Step] = []
    waits: list[float] = []
    for pod in pods:
        if not pod.active:
            continue
        left = time_left(pod.tolerations, taints, max_default, now)
        if left is None:
            continue
        if left <= 0:
            steps += evict(pod, now)
        else:
            waits.append(left)
    return Plan(tuple(steps), min(waits, default=None))


def time_left(
    tolerations: Sequence[Toleration], taints: Sequence[Taint], max_default: float | None, now: datetime
) -> float | None:
    """Return for how many seconds the pod may stay: 0 or less means it must go now, None that it may stay for good."""
    shortest: float | None = None
    for taint in taints:
        spans = [_span(t, max_default) for t in tolerations if _covers(t, taint)]
        if not spans:
            return 0.0
        bounded = [span for span in spans if span is not None]
        if not bounded:
            continue
        left = min(bounded) - ((now - taint.since).total_seconds() if taint.since else 0.0)
        shortest = left if shortest is None else min(shortest, left)
    return shortest


def evict(pod: PodView, now: datetime) -> list[Step]:
    """Return the steps that say why a pod is deleted, and delete it."""
    meta = pod.meta
    text = "Taint manager: deleting due to NoExecute taint"
    return [
        *disruption(pod, "DeletionByTaintManager", text, now),
        Tell(Note("TaintManagerEviction", f"Marking for deletion Pod {meta.key}", about=pod_reference(pod.meta))),
        Delete(PODS, meta.namespace, meta.name, meta.uid),
    ]


def disruption(pod: PodView, reason: str, message: str, now: datetime, **status: Any) -> list[Step]:
    """Return the step that notes in the pod's status who is about to delete it; `status` goes along."""
    if pod.disrupted and not status:
        return []
    condition = {
        "type": "DisruptionTarget", "status": "True", "reason": reason, "message": message,
        "lastTransitionTime": format_time(now),
    }  # fmt: skip
    body = {"metadata": {"uid": pod.meta.uid}, "status": {**status, "conditions": [condition]}}
    return [Patch(PODS, pod.meta.namespace, pod.meta.name, body, form="strategic", subresource="status")]


def _span(toleration: Toleration, max_default: float | None) -> float | None:
    if toleration.seconds is None:
        return None
    if max_default is not None and toleration in _DEFAULTED:
        return min(max_default, toleration.seconds)
    return float(max(0, toleration.seconds))


def _covers(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect not in {"", NO_EXECUTE} or toleration.key not in {"", taint.key}:
        return False
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)
