"""Whether a Job is decided: it has succeeded, it has failed, or neither yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from podwright.api.times import parse_time
from podwright.controllers import job_indexes
from podwright.controllers.conditions import find
from podwright.controllers.job_tally import Tally, indexed, size
from podwright.controllers.meta import Whole

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, with the reason and message of its conditions."""

    kind: Literal["Complete", "Failed"]
    reason: str
    message: str


def decided(job: Whole) -> Verdict | None:
    """Return what was decided before and stands in the status."""
    listed: list[JSON] = job.status.get("conditions") or []
    for first, last in (("FailureTarget", "Failed"), ("SuccessCriteriaMet", "Complete")):
        for kind in (last, first):
            found = find(listed, kind)
            if found is not None and found.get("status") == "True":
                outcome: Literal["Complete", "Failed"] = "Failed" if last == "Failed" else "Complete"
                return Verdict(outcome, found.get("reason") or "", found.get("message") or "")
    return None


def decide(job: Whole, tally: Tally, now: datetime) -> Verdict | None:
    """Decide from what there is now."""
    if tally.matched is not None:
        return Verdict("Failed", "PodFailurePolicy", tally.matched.message)
    limit = job.spec.get("backoffLimit")
    if limit is not None and (tally.failed > limit or _restarts_too_often(job, tally, limit)):
        return Verdict("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    left = seconds_left(job, now)
    if left is not None and left <= 0:
        return Verdict("Failed", "DeadlineExceeded", "Job was active longer than specified deadline")
    return _by_success_policy(job, tally) or _by_failed_indexes(job, tally) or _complete(job, tally)


def seconds_left(job: Whole, now: datetime) -> float | None:
    """How much of activeDeadlineSeconds is left; None where there is none or the Job does not run."""
    seconds, started = job.spec.get("activeDeadlineSeconds"), job.status.get("startTime")
    if seconds is None or not started or job.spec.get("suspend"):
        return None
    return (parse_time(started) + timedelta(seconds=seconds) - now).total_seconds()


def _restarts_too_often(job: Whole, tally: Tally, limit: int) -> bool:
    """Whether containers that are started again in their pods have failed too often."""
    if (job.spec["template"].get("spec") or {}).get("restartPolicy") != "OnFailure":
        return False
    restarts = sum(pod.work.restarts for pod in tally.active if pod.work is not None)
    return restarts >= limit if limit else restarts > 0


def _by_success_policy(job: Whole, tally: Tally) -> Verdict | None:
    policy: JSON | None = job.spec.get("successPolicy")
    if not policy or not indexed(job):
        return None
    for number, rule in enumerate(policy.get("rules") or ()):
        listed = rule.get("succeededIndexes")
        wanted = job_indexes.parse(listed, size(job)) if listed else set(range(size(job)))
        done = len(wanted & tally.completed)
        if done >= (rule.get("succeededCount") or len(wanted)):
            return Verdict("Complete", "SuccessPolicy", f"Matched rules at index {number}")
    return None


def _by_failed_indexes(job: Whole, tally: Tally) -> Verdict | None:
    if not tally.failed_indexes:
        return None
    most = job.spec.get("maxFailedIndexes")
    if most is not None and len(tally.failed_indexes) > most:
        text = "Job has exceeded the specified maximal number of failed indexes"
        return Verdict("Failed", "MaxFailedIndexesExceeded", text)
    if len(tally.failed_indexes) + len(tally.completed) >= size(job) and not tally.active:
        return Verdict("Failed", "FailedIndexes", "Job has failed indexes")
    return None


def _complete(job: Whole, tally: Tally) -> Verdict | None:
    wanted = job.spec.get("completions")
    reached = tally.succeeded > 0 if wanted is None else tally.succeeded >= wanted
    if not reached or tally.active:
        return None
    return Verdict("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
