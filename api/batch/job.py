"""The Job kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.batch.policies import PodFailurePolicy, SuccessPolicy
from podwright.api.batch.values import CompletionMode, JobConditionType, PodReplacementPolicy
from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, SET, UID, Int32, Int64, Merge, Time, api_type


@api_type("batch.v1")
class JobSpec:
    """What is wanted of a Job."""

    parallelism: Int32 | None = None
    """How many pods may run at the same time; the default is 1."""
    completions: Int32 | None = None
    """How many pods must succeed. Without it (and with parallelism) the success of any one is that of all."""
    active_deadline_seconds: Int64 | None = None
    """How long the Job may be active before it is stopped, in seconds. Suspending it starts the clock anew."""
    pod_failure_policy: PodFailurePolicy | None = None
    """What failed pods mean, by their exit codes and conditions. It wants the restart policy Never."""
    success_policy: SuccessPolicy | None = None
    """When the Job is done early; for indexed Jobs only."""
    backoff_limit: Int32 | None = None
    """How many retries there are before the Job has failed; the default is 6, or no limit with
    backoffLimitPerIndex."""
    backoff_limit_per_index: Int32 | None = None
    """How many retries each index has; for indexed Jobs with the restart policy Never."""
    max_failed_indexes: Int32 | None = None
    """How many indexes may fail before the whole Job has; goes with backoffLimitPerIndex."""
    selector: LabelSelector | None = None
    """Which pods are its own. It is made by the system unless manualSelector says otherwise."""
    manual_selector: bool | None = None
    """Whether the selector and its labels are the author's own. Pods of other Jobs may then be taken for this one's."""
    template: Annotated[PodTemplateSpec, REQUIRED] = field(default_factory=PodTemplateSpec)
    """From what the pods are made. Its restart policy is Never or OnFailure."""
    ttl_seconds_after_finished: Int32 | None = None
    """How long the Job stays after it has finished, in seconds; none means for ever."""
    completion_mode: CompletionMode | None = None
    """NonIndexed (the default) counts successes; Indexed has one pod succeed for each index from 0 on."""
    suspend: bool | None = None
    """Whether the Job is held: none of its pods run, and its start time is reset when it goes on."""
    pod_replacement_policy: PodReplacementPolicy | None = None
    """When a pod is replaced: as soon as it is terminating or has failed (TerminatingOrFailed), or only when it has
    ended (Failed, which is the only way with a pod failure policy)."""
    managed_by: str | None = None
    """The controller that looks after the Job, such as "example.com/queue"; none means the built-in one."""


@api_type("batch.v1")
class JobCondition:
    """One observed aspect of a Job."""

    type: Annotated[JobConditionType, REQUIRED] = ""
    """The aspect: Suspended, SuccessCriteriaMet, FailureTarget, Complete or Failed."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_probe_time: Annotated[Time | None, ALWAYS] = None
    """When it was last looked at."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("batch.v1")
class UncountedTerminatedPods:
    """Pods that have ended and are not in the counters yet: they are noted here before their finalizer goes."""

    succeeded: Annotated[tuple[UID, ...], SET] = ()
    """The uids of those that succeeded."""
    failed: Annotated[tuple[UID, ...], SET] = ()
    """The uids of those that failed."""


@api_type("batch.v1")
class JobStatus:
    """What is known of a Job."""

    conditions: Annotated[tuple[JobCondition, ...], Merge(("merge",), "type", "atomic")] = ()
    """The observed aspects. A finished Job has Complete or Failed, a held one Suspended."""
    start_time: Time | None = None
    """When the Job was started, or went on after it was held."""
    completion_time: Time | None = None
    """When the Job completed; Jobs that failed have none."""
    active: Int32 = 0
    """How many pods are pending or running and not on their way out."""
    succeeded: Int32 = 0
    """How many pods have succeeded."""
    failed: Int32 = 0
    """How many pods have failed."""
    terminating: Int32 | None = None
    """How many pods are on their way out and have not ended yet."""
    completed_indexes: str = ""
    """The indexes that have succeeded, as in "1,3-5,7"."""
    failed_indexes: str | None = None
    """The indexes that were given up, in the same form; with backoffLimitPerIndex."""
    uncounted_terminated_pods: UncountedTerminatedPods | None = None
    """Pods that have ended and still wait to be counted."""
    ready: Int32 | None = None
    """How many of the active pods are ready."""


@api_type("batch.v1")
class Job:
    """Runs pods until enough of them have succeeded."""

    kind: str = "Job"
    """The kind of this object."""
    api_version: str = "batch/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: JobSpec = field(default_factory=JobSpec)
    """What is wanted."""
    status: JobStatus = field(default_factory=JobStatus)
    """What is observed. Written by the system."""
