"""CronJobs: a Job for each time of a schedule, unless one still runs that forbids it; old ones are cleared away.

A time that nobody looked at is caught up with once, the latest of them only, and not when its deadline has passed. A
Job is named after its time, so that no time ever has two. It must never start a Job for a time before its own creation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from podwright.api.cron import CronError, Schedule, parse
from podwright.api.times import format_time, parse_time
from podwright.controllers.actions import Action, Create, Delete, Failure, Note, Patch, Plan, Tell
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import controller_owner
from podwright.controllers.references import reference
from podwright.controllers.resources import CRON_JOBS, JOBS

JSON = dict[str, Any]

SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_MANY_MISSED = 100
_SLACK = timedelta(milliseconds=100)  # a timer that rings a little early must not miss its time


@dataclass(frozen=True, slots=True)
class Due:
    """The latest time that is due (None: none is), how many were passed over, and when the next one is."""

    at: datetime | None
    missed: int
    following: datetime | None


def due(schedule: Schedule, zone: tzinfo, earliest: datetime, now: datetime) -> Due:
    """Find the times after `earliest` up to now. Only the latest of many is found exactly; their number is a bound."""
    found: list[datetime] = []
    moment: datetime | None = schedule.after(earliest, zone)
    while moment is not None and moment <= now:
        found.append(moment)
        if len(found) > _MANY_MISSED:
            return _latest(schedule, zone, found, now)
        moment = schedule.after(moment, zone)
    return Due(found[-1] if found else None, max(len(found) - 1, 0), moment)


def _latest(schedule: Schedule, zone: tzinfo, found: Sequence[datetime], now: datetime) -> Due:
    """Go back from now in growing steps instead of through every time there was."""
    step = timedelta(minutes=1)
    while True:
        moment = schedule.after(max(now - step, found[0]), zone)
        if moment is not None and moment <= now:
            break
        step *= 2
    following = schedule.after(moment, zone)
    while following is not None and following <= now:
        moment, following = following, schedule.after(following, zone)
    return Due(moment, len(found), following)


def finished(job: Whole) -> str:
    """The condition that ended a Job: "Complete", "Failed", or ""."""
    for condition in job.status.get("conditions") or ():
        if condition.get("type") in {"Complete", "Failed"} and condition.get("status") == "True":
            return condition["type"]
    return ""


def reconcile(cron: Whole, jobs: Sequence[Whole], now: datetime, failure: Failure | None = None) -> Plan:
    """Return the Jobs to start and to clear away, and the status to report."""
    owned = [job for job in jobs if job.meta.controller is not None and job.meta.controller.uid == cron.meta.uid]
    status = _status(cron, owned)
    steps: list[Action] = [*_ended(cron, owned), *_unexpected(owned), *_surplus(cron, owned)]
    if cron.meta.deleted is not None or cron.spec.get("suspend"):
        return Plan((*steps, *_report(cron, status)))
    try:
        schedule, zone = parse(_plain(cron.spec.get("schedule") or "")), _zone(cron)
    except (CronError, KeyError, ValueError, OSError) as error:
        text = f"unparseable schedule: {cron.spec.get('schedule')!r}: {error}"
        return Plan((*steps, *_report(cron, status), Tell(Note("UnparseableSchedule", text, "Warning"))))
    found = due(schedule, zone, _earliest(cron, now), now + _SLACK)
    held_up = failure is not None and failure.waits(now, cron.meta.generation)
    if found.at is not None and not held_up:
        started, status = _start(cron, owned, found, status, now)
        steps += started
    steps += _report(cron, status)
    wait = None if found.following is None else max((found.following - now).total_seconds(), 0.0)
    return Plan(tuple(steps), wait)


def _plain(schedule: str) -> str:
    """The schedule without a zone in front, which only very old objects have."""
    return schedule.partition(" ")[2].strip() if schedule.startswith(("TZ=", "CRON_TZ=")) else schedule


def _zone(cron: Whole) -> tzinfo:
    from zoneinfo import ZoneInfo

    name = cron.spec.get("timeZone")
    schedule: str = cron.spec.get("schedule") or ""
    if not name and schedule.startswith(("TZ=", "CRON_TZ=")):
        name = schedule.partition(" ")[0].partition("=")[2]
    return ZoneInfo(name) if name else UTC


def _earliest(cron: Whole, now: datetime) -> datetime:
    """From when on times count: the last one that was seen to, creation, or how far back the deadline reaches."""
    last = cron.status.get("lastScheduleTime")
    earliest = parse_time(last) if last else (cron.meta.created or now)
    deadline = cron.spec.get("startingDeadlineSeconds")
    return earliest if deadline is None else max(earliest, now - timedelta(seconds=deadline))


def _start(cron: Whole, owned: Sequence[Whole], found: Due, status: JSON, now: datetime) -> tuple[list[Action], JSON]:
    assert found.at is not None
    steps: list[Action] = []
    if found.missed >= _MANY_MISSED:
        text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
        steps.append(Tell(Note("TooManyMissedTimes", text, "Warning")))
    name = job_name(cron, found.at)
    if any(job.meta.name == name for job in owned):
        return steps, status  # started, and not noted yet
    deadline = cron.spec.get("startingDeadlineSeconds")
    if deadline is not None and found.at + timedelta(seconds=deadline) < now:
        text = f"Missed scheduled time to start a job: {format_time(found.at)}"
        return [*steps, Tell(Note("MissSchedule", text, "Warning"))], status
    active = [job for job in owned if _ours(job) and not finished(job)]
    policy = cron.spec.get("concurrencyPolicy")
    if policy == "Forbid" and active:
        text = "Not starting job because prior execution is running and concurrency policy is Forbid"
        return [*steps, Tell(Note("JobAlreadyActive", text))], status
    if policy == "Replace":
        steps += [_deletion(job) for job in active]
        status = {**status, "active": []}
    steps.append(
        Create(
            JOBS, cron.meta.namespace, new_job(cron, found.at, name),
            Note("SuccessfulCreate", "Created job {name}"),
            Note("FailedCreate", "Error creating job: {error}", "Warning"),
            existing_is_fine=True,
        )
    )  # fmt: skip
    return steps, {**status, "lastScheduleTime": format_time(found.at)}


def job_name(cron: Whole, at: datetime) -> str:
    """The name of the Job for a time: the minutes since 1970 make it the only one."""
    return f"{cron.meta.name}-{int(at.timestamp()) // 60}"


def new_job(cron: Whole, at: datetime, name: str) -> JSON:
    """Return the Job for a time, as the template says."""
    template: JSON = cron.spec.get("jobTemplate") or {}
    given: JSON = template.get("metadata") or {}
    meta: JSON = {"labels": given["labels"]} if given.get("labels") else {}
    stamp = at.astimezone(_zone(cron)).isoformat(timespec="seconds").replace("+00:00", "Z")
    meta["annotations"] = {**(given.get("annotations") or {}), SCHEDULED_AT: stamp}
    meta |= {"name": name, "namespace": cron.meta.namespace}
    meta["ownerReferences"] = [controller_owner("batch/v1", "CronJob", cron.meta).reference()]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template.get("spec") or {}}


def _deletion(job: Whole, note: Note | None = None) -> Delete:
    return Delete(
        JOBS, job.meta.namespace, job.meta.name, job.meta.uid, propagation="Background",
        done=note or Note("SuccessfulDelete", "Deleted job {name}"),
        failed=Note("FailedDelete", "Deleted job: {error}", "Warning"),
    )  # fmt: skip


def _ended(cron: Whole, owned: Sequence[Whole]) -> Iterator[Action]:
    """Tell of the Jobs that were active and have ended, or vanished."""
    present = {job.meta.uid: job for job in owned}
    for entry in cron.status.get("active") or ():
        job = present.get(entry.get("uid", ""))
        if job is None:
            yield Tell(Note("MissingJob", f"Active job went missing: {entry.get('name')}"))
        elif finished(job):
            yield Tell(Note("SawCompletedJob", f"Saw completed job: {job.meta.name}, condition: {finished(job)}"))


def _ours(job: Whole) -> bool:
    """Whether a Job was started for a time of the schedule; others may have been started by hand."""
    return SCHEDULED_AT in job.annotations


def _unexpected(owned: Sequence[Whole]) -> Iterator[Action]:
    """Tell of Jobs that run although nothing here started them."""
    for job in owned:
        if not _ours(job) and not finished(job):
            text = f"Saw a job that the controller did not create or forgot: {job.meta.name}"
            yield Tell(Note("UnexpectedJob", text, "Warning"))


def _surplus(cron: Whole, owned: Sequence[Whole]) -> Iterator[Action]:
    """The oldest Jobs beyond what is to be kept."""
    for ended, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
        limit = cron.spec.get(field)
        if limit is None:
            continue
        done = sorted((job for job in owned if finished(job) == ended and job.meta.deleted is None), key=_age)
        yield from (_deletion(job) for job in done[: max(len(done) - limit, 0)])


def _age(job: Whole) -> tuple[datetime, str]:
    started = job.status.get("startTime")
    return (parse_time(started) if started else datetime.max.replace(tzinfo=UTC)), job.meta.name


def _status(cron: Whole, owned: Sequence[Whole]) -> JSON:
    status: JSON = {}
    active = [job for job in owned if _ours(job) and not finished(job)]
    if active:
        status["active"] = [reference("batch/v1", "Job", job.meta) for job in sorted(active, key=lambda j: j.meta.name)]
    if cron.status.get("lastScheduleTime"):
        status["lastScheduleTime"] = cron.status["lastScheduleTime"]
    ends = [job.status["completionTime"] for job in owned if job.status.get("completionTime")]
    last = max([*ends, cron.status.get("lastSuccessfulTime") or ""])
    if last:
        status["lastSuccessfulTime"] = last
    return status


def _report(cron: Whole, status: JSON) -> tuple[Patch, ...]:
    """The status, if it says anything new; that a running Job was written to again is nothing new."""
    before = cron.status
    if [job.get("uid") for job in before.get("active") or ()] == [job["uid"] for job in status.get("active") or ()]:
        status = {**status, "active": before.get("active") or []}
    difference = merge_diff({"active": [], **before}, {"active": [], **status})
    if not difference:
        return ()
    body = {"metadata": {"uid": cron.meta.uid}, "status": difference}
    return (Patch(CRON_JOBS, cron.meta.namespace, cron.meta.name, body, subresource="status"),)
