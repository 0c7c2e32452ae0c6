"""What wakes the controllers of CronJobs, of Jobs, and of Jobs that have finished."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.controllers import cronjob, job, job_expiry
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import OWNER, TRACKED, Caches, orphans_of
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.meta import Whole
from podwright.controllers.references import reference
from podwright.controllers.wiring.owned import keepers_of

JSON = dict[str, Any]


def cron_jobs(caches: Caches, workers: int) -> Controller:
    """Return the CronJob controller."""

    def decide(key: str, look: Look) -> Plan:
        cron = caches.cron_jobs.get(key)
        if cron is None:
            return NOTHING
        return cronjob.reconcile(cron, tuple(caches.jobs.by_index(OWNER, cron.meta.uid)), look.now, look.failure)

    def by_job(old: Whole | None, new: Whole | None) -> Iterator[str]:
        for each in (old, new):
            owner = each.meta.controller if each is not None else None
            if each is not None and owner is not None and owner.kind == "CronJob":
                yield f"{each.meta.namespace}/{owner.name}"

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


def controller(caches: Caches, workers: int) -> Controller:
    """Return the Job controller."""

    def decide(key: str, look: Look) -> Plan:
        found = caches.jobs.get(key)
        uid = found.meta.uid if found is not None else ""
        tracked = caches.pods.by_index(TRACKED, key)
        lost = job.strays(pod for pod in tracked if pod.meta.controller is None or pod.meta.controller.uid != uid)
        if found is None:
            return Plan(lost)
        mine = caches.pods.by_index(OWNER, uid)
        orphans = caches.pods.by_index(OWNER, orphans_of(found.meta.namespace))
        plan = job.reconcile(found, (*mine, *orphans), look.now, look.failure)
        return Plan((*lost, *plan.steps), plan.again)

    def subject(key: str) -> JSON | None:
        found = caches.jobs.get(key)
        return reference("batch/v1", "Job", found.meta) if found is not None else None

    def generation(key: str) -> int:
        found = caches.jobs.get(key)
        return found.meta.generation if found is not None else 0

    return Controller(
        name="job-controller",
        triggers=(Trigger(caches.jobs, own_key), Trigger(caches.pods, keepers_of("Job", caches.jobs))),
        decide=decide,
        subject=subject,
        generation=generation,
        workers=workers,
    )


def expiry(caches: Caches, workers: int) -> Controller:
    """Return the controller that clears finished Jobs away."""

    def decide(key: str, look: Look) -> Plan:
        found = caches.jobs.get(key)
        return NOTHING if found is None else job_expiry.reconcile(found, look.now)

    return Controller(
        name="ttl-after-finished-controller",
        triggers=(Trigger(caches.jobs, own_key),),
        decide=decide,
        workers=workers,
    )
