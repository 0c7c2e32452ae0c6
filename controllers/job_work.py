"""What a Job's controller reads of a pod beyond what all controllers do: its index, how it ended, how often it failed.

Kept only of pods that are tracked for a Job; the finalizer says which those are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.times import parse_time

JSON = dict[str, Any]

FINALIZER: Final = "batch.kubernetes.io/job-tracking"
INDEX: Final = "batch.kubernetes.io/job-completion-index"
FAILURES: Final = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURES: Final = "batch.kubernetes.io/job-index-ignored-failure-count"


@dataclass(frozen=True, slots=True)
class Work:
    """One pod's part of a Job."""

    index: int | None = None
    failures: int = 0  # of the pods with its index before it
    ignored_failures: int = 0
    restarts: int = 0  # of all its containers together
    ended: datetime | None = None
    exits: tuple[tuple[str, int], ...] = ()  # container and exit code, of those that ended
    conditions: tuple[tuple[str, str], ...] = ()  # type and status


def work_of(body: JSON) -> Work | None:
    """Read a Pod object; None for one that no Job tracks."""
    meta: JSON = body["metadata"]
    notes: Mapping[str, str] = meta.get("annotations") or {}
    if FINALIZER not in (meta.get("finalizers") or ()) and INDEX not in notes and not _made_by_job(meta):
        return None
    status: JSON = body.get("status") or {}
    statuses = (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ()))
    ends = list(_ends(statuses))
    moments = [moment for _, _, moment in ends if moment is not None]
    return Work(
        index=_number(notes.get(INDEX)),
        failures=_number(notes.get(FAILURES)) or 0,
        ignored_failures=_number(notes.get(IGNORED_FAILURES)) or 0,
        restarts=sum(s.get("restartCount") or 0 for s in statuses),
        ended=max(moments, default=None),
        exits=tuple((name, code) for name, code, _ in ends),
        conditions=tuple((c["type"], c.get("status") or "") for c in status.get("conditions") or ()),
    )


def _made_by_job(meta: JSON) -> bool:
    return any(o.get("controller") and o.get("kind") == "Job" for o in meta.get("ownerReferences") or ())


def _ends(statuses: tuple[JSON, ...]) -> Iterator[tuple[str, int, datetime | None]]:
    for status in statuses:
        ended: JSON | None = (status.get("state") or {}).get("terminated")
        if ended is not None:
            moment = ended.get("finishedAt")
            yield status["name"], ended.get("exitCode") or 0, parse_time(moment) if moment else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
