"""The tables of Jobs and CronJobs."""

from __future__ import annotations

from datetime import datetime

from podwright.api.times import parse_time
from podwright.apiserver.printing.ages import human_duration, since
from podwright.apiserver.printing.printer import (
    AGE,
    CONTAINERS,
    IMAGES,
    JSON,
    NAME,
    NONE,
    SELECTOR,
    UNSET,
    Cells,
    Column,
    Printer,
    age,
    container_cells,
    label_selector,
    meta,
    name,
    section,
)  # fmt: skip


def _job(job: JSON, now: datetime) -> Cells:
    spec, status = section(job, "spec"), section(job, "status")
    return [
        name(job),
        _state(job),
        _completions(spec, status.get("succeeded") or 0),
        _took(status, now),
        age(job, now),
        *container_cells(spec.get("template")),
        label_selector(spec.get("selector")) or NONE,
    ]


def _state(job: JSON) -> str:
    held = {c.get("type") for c in section(job, "status").get("conditions") or () if c.get("status") == "True"}
    for state in ("Complete", "Failed"):
        if state in held:
            return state
    if meta(job).get("deletionTimestamp"):
        return "Terminating"
    for state in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if state in held:
            return state
    return "Running"


def _completions(spec: JSON, succeeded: int) -> str:
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism") or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _took(status: JSON, now: datetime) -> str:
    if not status.get("startTime"):
        return ""
    end = parse_time(status["completionTime"]) if status.get("completionTime") else now
    return human_duration(end - parse_time(status["startTime"]))


JOB = Printer(
    (
        NAME,
        Column("Status", "How far it is."),
        Column("Completions", "How many of the wanted pods have succeeded."),
        Column("Duration", "How long it took, or has taken so far."),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    _job,
)


def _cron_job(cron_job: JSON, now: datetime) -> Cells:
    spec, status = section(cron_job, "spec"), section(cron_job, "status")
    job = section(section(spec, "jobTemplate"), "spec")
    last = status.get("lastScheduleTime")
    return [
        name(cron_job),
        spec.get("schedule") or "",
        spec.get("timeZone") or NONE,
        UNSET if spec.get("suspend") is None else str(spec["suspend"]),
        len(status.get("active") or ()),
        since(last, now) if last else NONE,
        age(cron_job, now),
        *container_cells(job.get("template")),
        label_selector(job.get("selector")) or NONE,
    ]


CRON_JOB = Printer(
    (
        NAME,
        Column("Schedule", "When Jobs are started."),
        Column("Timezone", "The time zone of the schedule."),
        Column("Suspend", "Whether it is held.", "boolean"),
        Column("Active", "How many of its Jobs run.", "integer"),
        Column("Last Schedule", "How long ago a Job was last due."),
        AGE,
        CONTAINERS,
        IMAGES,
        Column("Selector", "Which pods belong to its Jobs.", priority=1),
    ),
    _cron_job,
)
