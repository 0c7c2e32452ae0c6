"""Which pods of a ReplicaSet go first when there are too many: those that are missed least.

The order is the one users of the API know; `rank` returns a sort key, the smallest goes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from podwright.controllers.pod_view import PodView

_NEVER = datetime.max.replace(tzinfo=UTC)
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}

_Key = tuple[bool, int, bool, int, int, float, int, float, str]


def doomed(pods: Sequence[PodView], related: Iterable[PodView], count: int) -> list[PodView]:
    """Return the `count` pods to delete. `related` are the active pods of all ReplicaSets of the same owner."""
    if count >= len(pods):
        return list(pods)
    crowd = Counter(pod.node for pod in related if pod.active and pod.node)
    return sorted(pods, key=lambda pod: rank(pod, crowd[pod.node]))[:count]


def rank(pod: PodView, neighbours: int) -> _Key:
    """Return the sort key: unassigned, pending, not ready, cheap, crowded, just ready, often restarted, young."""
    return (
        bool(pod.node),
        _PHASES.get(pod.phase, 2),
        pod.ready,
        pod.deletion_cost,
        -neighbours,
        -_seconds(pod.ready_since) if pod.ready else 0.0,
        -pod.restarts,
        -_seconds(pod.meta.created),
        pod.meta.uid,
    )


def _seconds(moment: datetime | None) -> float:
    return (moment or _NEVER).timestamp()
