"""Jobs that have finished go when their ttlSecondsAfterFinished has passed.

It must never delete by a cached time alone what was changed since: the deletion names the version that was looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from podwright.api.times import parse_time
from podwright.controllers.actions import NOTHING, Delete, Plan
from podwright.controllers.cronjob import finished
from podwright.controllers.meta import Whole
from podwright.controllers.resources import JOBS


def reconcile(job: Whole, now: datetime) -> Plan:
    """Return the deletion, or when to look again."""
    seconds = job.spec.get("ttlSecondsAfterFinished")
    ended = _ended_at(job)
    if seconds is None or ended is None or job.meta.deleted is not None:
        return NOTHING
    left = (ended + timedelta(seconds=seconds) - now).total_seconds()
    if left > 0:
        return Plan(again=left)
    meta = job.meta
    # Its pods go with it, and before it: whoever waits for the Job's end waits for theirs.
    return Plan((Delete(JOBS, meta.namespace, meta.name, meta.uid, version=meta.version, propagation="Foreground"),))


def _ended_at(job: Whole) -> datetime | None:
    ended = finished(job)
    for condition in job.status.get("conditions") or ():
        if ended and condition.get("type") == ended and condition.get("lastTransitionTime"):
            return parse_time(condition["lastTransitionTime"])
    return None
