"""What wakes the controllers of CronJobs and of Jobs that have finished."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.controllers import cronjob, job_expiry
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import OWNER, Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.meta import Whole
from podwright.controllers.references import reference

JSON = dict[str, Any]


def cron_jobs(caches: Caches, workers: int) -> Controller:
    """Return the CronJob controller."""

    def decide(key: str, look: Look) -> Plan:
        cron = caches.cron_jobs.get(key)
        if cron is None:
            return NOTHING
        return cronjob.reconcile(cron, tuple(caches.jobs.by_index(OWNER, cron.meta.uid)), look.now, look.failure)

    def by_job(old: Whole | None, new: Whole | None) -> Iterator[str]:
        for job in (old, new):
            owner = job.meta.controller if job is not None else None
            if job is not None and owner is not None and owner.kind == "CronJob":
                yield f"{job.meta.namespace}/{owner.name}"

    def subject(key: str) -> JSON | None:
        cron = caches.cron_jobs.get(key)
        return reference("batch/v1", "CronJob", cron.meta) if cron is not None else None

    def generation(key: str) -> int:
        cron = caches.cron_jobs.get(key)
        return cron.meta.generation if cron is not None else 0

    return Controller(
        name="cronjob-controller",
        triggers=(Trigger(caches.cron_jobs, own_key), Trigger(caches.jobs, by_job)),
        decide=decide,
        subject=subject,
        generation=generation,
        workers=workers,
    )


def expiry(caches: Caches, workers: int) -> Controller:
    """Return the controller that clears finished Jobs away."""

    def decide(key: str, look: Look) -> Plan:
        job = caches.jobs.get(key)
        return NOTHING if job is None else job_expiry.reconcile(job, look.now)

    return Controller(
        name="ttl-after-finished-controller",
        triggers=(Trigger(caches.jobs, own_key),),
        decide=decide,
        workers=workers,
    )
