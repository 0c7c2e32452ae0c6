"""The CronJob kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.batch.job import JobSpec
from podwright.api.batch.values import ConcurrencyPolicy
from podwright.api.core.references import ObjectReference
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, Int64, Time, api_type


@api_type("batch.v1")
class JobTemplateSpec:
    """From what Jobs are made."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Labels and annotations the Jobs get."""
    spec: JobSpec = field(default_factory=JobSpec)
    """What is wanted of each Job."""


@api_type("batch.v1")
class CronJobSpec:
    """What is wanted of a CronJob."""

    schedule: Annotated[str, REQUIRED] = ""
    """When Jobs are started: minute, hour, day of the month, month and day of the week, or a word such as @daily."""
    time_zone: str | None = None
    """The time zone the schedule is meant in, such as Europe/Berlin; none means that of the controller."""
    starting_deadline_seconds: Int64 | None = None
    """How late a Job may still be started after its time was missed, in seconds; none means any time."""
    concurrency_policy: ConcurrencyPolicy = ""
    """What happens when the last Job still runs: Allow (the default) starts another, Forbid skips this time, Replace
    stops the one that runs."""
    suspend: bool | None = None
    """Whether no further Jobs are started. Those that run are left alone."""
    job_template: Annotated[JobTemplateSpec, REQUIRED] = field(default_factory=JobTemplateSpec)
    """From what the Jobs are made."""
    successful_jobs_history_limit: Int32 | None = None
    """How many Jobs that succeeded are kept; the default is 3."""
    failed_jobs_history_limit: Int32 | None = None
    """How many Jobs that failed are kept; the default is 1."""


@api_type("batch.v1")
class CronJobStatus:
    """What is known of a CronJob."""

    active: Annotated[tuple[ObjectReference, ...], ATOMIC] = ()
    """The Jobs that run."""
    last_schedule_time: Time | None = None
    """The last time at which a Job was due and started."""
    last_successful_time: Time | None = None
    """When a Job last completed."""


@api_type("batch.v1")
class CronJob:
    """Starts Jobs at the times of a schedule."""

    kind: str = "CronJob"
    """The kind of this object."""
    api_version: str = "batch/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: CronJobSpec = field(default_factory=CronJobSpec)
    """What is wanted."""
    status: CronJobStatus = field(default_factory=CronJobStatus)
    """What is observed. Written by the system."""
