"""Revision numbers and the other annotations by which a Deployment and its ReplicaSets keep the rollout's history.

Everything here is text in annotations, because that is where clients (`rollout history`, `rollout undo`) read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from podwright.controllers.meta import Whole

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"

# What says something about the Deployment alone; everything else is copied to its new ReplicaSet.
_OWN = frozenset({
    "kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MAXIMUM,
    "deprecated.deployment.rollback.to",
})  # fmt: skip
_MAX_HISTORY = 2000  # characters; the oldest entries go first


def revision(annotations: Mapping[str, str]) -> int:
    """Return the revision number; 0 where there is none that can be read."""
    return number(annotations, REVISION) or 0


def number(annotations: Mapping[str, str], name: str) -> int | None:
    """Return an annotation as a number, or None."""
    text = annotations.get(name, "")
    return int(text) if text.isdecimal() else None


def next_revision(old: Iterable[Whole]) -> int:
    """Return the number after the largest one in use."""
    return max((revision(rs.annotations) for rs in old), default=0) + 1


def sizes(replicas: int, surge: int) -> dict[str, str]:
    """Return the annotations that say for which Deployment size a ReplicaSet was last sized."""
    return {DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}


def for_new_replica_set(deployment: Mapping[str, str], current: Mapping[str, str], wanted: int) -> dict[str, str]:
    """Return the annotations that the newest ReplicaSet, which has `current`, should get; only those that differ."""
    changes = {k: v for k, v in deployment.items() if k not in _OWN and current.get(k) != v}
    had = number(current, REVISION)
    if had is None or had < wanted:
        changes[REVISION] = str(wanted)
        if had is not None:
            changes[HISTORY] = _extended(current.get(HISTORY, ""), str(had))
    return changes


def _extended(history: str, entry: str) -> str:
    entries = [*filter(None, history.split(",")), entry]
    while len(entries) > 1 and sum(map(len, entries)) + len(entries) - 1 > _MAX_HISTORY:
        del entries[0]
    return ",".join(entries)
