"""Pods that nobody will ever finish: bound to a node that is gone, deleted before they were bound, or done long ago.

The first two are deleted by force, because the node that would confirm their end does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from podwright.controllers.actions import NOTHING, Delete, Plan
from podwright.controllers.eviction import disruption
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PODS

_EVER = datetime.min.replace(tzinfo=UTC)


def orphaned(pod: PodView, missing_for: float, grace: float, now: datetime) -> Plan:
    """Return how a pod ends whose node does not exist, as known for `missing_for` seconds."""
    if not pod.node:
        return NOTHING
    if missing_for < grace:
        return Plan(again=grace - missing_for)
    status = {} if pod.finished else {"phase": "Failed", "observedGeneration": pod.meta.generation}
    text = "PodGC: node no longer exists"
    steps = disruption(pod, "DeletionByPodGC", text, now, **status) if not pod.finished else []
    return Plan((*steps, _force(pod)))


def unscheduled(pod: PodView) -> Plan:
    """Return how a pod ends that was deleted before it got a node."""
    return Plan((_force(pod),)) if pod.meta.deleted is not None and not pod.node else NOTHING


def surplus(pods: Iterable[PodView], keep: int) -> Sequence[PodView]:
    """Return the finished pods beyond `keep`, those created first."""
    finished = [pod for pod in pods if pod.finished and pod.meta.deleted is None]
    if keep <= 0 or len(finished) <= keep:
        return ()
    order: Callable[[PodView], tuple[datetime, str]] = lambda pod: (pod.meta.created or _EVER, pod.meta.key)  # noqa: E731
    return sorted(finished, key=order)[: len(finished) - keep]


def terminated(pod: PodView) -> Plan:
    """Return how a surplus finished pod is deleted."""
    return Plan((_force(pod),))


def _force(pod: PodView) -> Delete:
    return Delete(PODS, pod.meta.namespace, pod.meta.name, pod.meta.uid, grace=0)
