"""How many pods of a disruption budget may be evicted now: what the API server takes evictions from.

    expected  how many pods there should be: the scale of their controllers, or just the pods there are
    desired   how many of them must be healthy, by minAvailable or maxUnavailable
    healthy   how many are: Ready, not on their way out, no eviction granted lately

The status is always written over the version it was computed from, because the API server takes from it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from podwright.api.times import parse_time
from podwright.controllers import conditions
from podwright.controllers.actions import NOTHING, Note, Plan, Update
from podwright.controllers.meta import Owner, Whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import DISRUPTION_BUDGETS

JSON = dict[str, Any]

GRANT_LASTS: Final = timedelta(minutes=2)
"""How long after an eviction was granted its pod counts as gone though it is still there."""
_CONDITION: Final = "DisruptionAllowed"


@dataclass(frozen=True, slots=True)
class Scales:
    """How many pods the controllers of a budget's pods want, by uid. `missing` names a pod whose controller is none."""

    wanted: Mapping[str, int]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many pods there should be, and how many of them healthy."""

    expected: int
    desired: int


def needs_scale(spec: JSON) -> bool:
    """Tell whether a budget is relative to how many pods there should be."""
    return spec.get("maxUnavailable") is not None or isinstance(spec.get("minAvailable"), str)


def owners_of(pods: Sequence[PodView]) -> dict[str, tuple[Owner, str]]:
    """The controllers of pods by uid, each with the name of one of its pods. Pods without one are not counted on."""
    found: dict[str, tuple[Owner, str]] = {}
    for pod in pods:
        controller = pod.meta.controller
        if controller is not None:
            found.setdefault(controller.uid, (controller, pod.meta.name))
    return found


def expectation(spec: JSON, pods: int, scale: int) -> Expectation:
    """Work out a budget's numbers; `scale` is the sum of the controllers' scales."""
    unavailable, available = spec.get("maxUnavailable"), spec.get("minAvailable")
    if unavailable is not None:
        return Expectation(scale, max(scale - _share(unavailable, scale), 0))
    if isinstance(available, str):
        return Expectation(scale, _share(available, scale))
    return Expectation(pods if available is not None else 0, available or 0)


def _share(bound: int | str, of: int) -> int:
    """A number, or a percentage of `of` rounded up."""
    return bound if isinstance(bound, int) else -(-int(bound.removesuffix("%")) * of // 100)


def reconcile(budget: Whole | None, pods: Sequence[PodView], scales: Scales, now: datetime) -> Plan:
    """Return the write that brings a budget's status up to date, and when a granted eviction runs out."""
    if budget is None or budget.meta.deleted is not None:
        return NOTHING
    if scales.missing:
        why = f'found no controllers for pod "{scales.missing}"'
        return _written(budget, _failed(budget, why, now), Note("CalculateExpectedPodCountFailed", why, "Warning"))
    granted, again = _granted(budget, pods, now)
    numbers = expectation(budget.spec, len(pods), sum(scales.wanted.values()))
    healthy = sum(pod.ready and pod.meta.deleted is None and pod.meta.name not in granted for pod in pods)
    spare = healthy - numbers.desired if numbers.expected > 0 else 0
    status: JSON = {
        **budget.status,
        "observedGeneration": budget.meta.generation,
        "disruptedPods": granted,
        "disruptionsAllowed": max(spare, 0),
        "currentHealthy": healthy,
        "desiredHealthy": numbers.desired,
        "expectedPods": numbers.expected,
    }
    if not granted:
        del status["disruptedPods"]
    reason = "SufficientPods" if spare > 0 else "InsufficientPods"
    _judge(status, "True" if spare > 0 else "False", reason, "", now)
    note = None if pods else Note("NoPods", "No matching pods found")
    plan = _written(budget, status, note)
    return Plan(plan.steps, (again - now).total_seconds() if again is not None else None)


def _granted(budget: Whole, pods: Sequence[PodView], now: datetime) -> tuple[JSON, datetime | None]:
    """The evictions granted lately whose pods are still there as if nothing had been, and when the first runs out.

    One without a time (somebody else wrote it) has run out.
    """
    entries: JSON = budget.status.get("disruptedPods") or {}
    staying = {pod.meta.name for pod in pods if pod.meta.deleted is None}
    ends = {name: parse_time(since) + GRANT_LASTS for name, since in entries.items() if since and name in staying}
    kept = {name: entries[name] for name, end in ends.items() if end > now}
    return kept, min((ends[name] for name in kept), default=None)


def _failed(budget: Whole, why: str, now: datetime) -> JSON:
    """The status while nothing can be computed: nothing may be evicted."""
    status = {**budget.status, "observedGeneration": budget.meta.generation, "disruptionsAllowed": 0}
    _judge(status, "False", "SyncFailed", why, now)
    return status


def _judge(status: JSON, value: str, reason: str, message: str, now: datetime) -> None:
    condition = {"type": _CONDITION, "status": value, "reason": reason, "message": message}
    listed = conditions.put(status.get("conditions") or [], condition, now)
    seen = {"observedGeneration": status["observedGeneration"]}
    status["conditions"] = [{**c, **seen} if c["type"] == _CONDITION else c for c in listed]


def _written(budget: Whole, status: JSON, note: Note | None) -> Plan:
    if status == budget.status:
        return NOTHING
    meta = budget.meta
    body = {
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "status": status,
        "metadata": {"name": meta.name, "namespace": meta.namespace, "uid": meta.uid, "resourceVersion": meta.version},
    }  # fmt: skip
    return Plan((Update(DISRUPTION_BUDGETS, meta.namespace, body, "status", done=note),))
