"""Counting a Job's pods, each exactly once, although counters and pods are different objects.

A pod that has ended is first noted by uid in the Job's status (uncountedTerminatedPods), then let go (its finalizer is
removed), and only when that is seen it becomes part of a number. A pod that is gone before it was noted never counts.
Pods with an index count by their index, so noting them is writing the index down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podwright.controllers import job_indexes
from podwright.controllers.job_policy import IGNORE, Match, match
from podwright.controllers.job_work import FINALIZER
from podwright.controllers.meta import Whole
from podwright.controllers.pod_view import PodView

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a Job's pods come to."""

    active: tuple[PodView, ...]  # running or to run, not on their way out
    ready: int
    terminating: int
    succeeded: int  # the number so far, and those noted
    failed: int
    counted: tuple[int, int]  # succeeded and failed that are numbers already
    uncounted: JSON  # for the status
    let_go: tuple[PodView, ...]  # their finalizer may be removed once the status is written
    completed: frozenset[int]  # indexes
    failed_indexes: frozenset[int]
    matched: Match | None  # the failure that the Job's policy says to fail it for
    fresh_failures: bool

    @property
    def settled(self) -> bool:
        """Whether nothing noted waits to become a number."""
        return not self.uncounted


def size(job: Whole) -> int:
    """How many completions there are to be; 0 where that is open."""
    return job.spec.get("completions") or 0


def indexed(job: Whole) -> bool:
    """Whether each pod has an index."""
    return job.spec.get("completionMode") == "Indexed"


def waits_for_failure(job: Whole) -> bool:
    """Whether a pod on its way out is replaced only when it has ended."""
    return job.spec.get("podReplacementPolicy") == "Failed"


def has_failed(job: Whole, pod: PodView) -> bool:
    """Whether a pod counts as failed: one that is being deleted does too, unless its replacement waits for its end."""
    if pod.phase == "Failed":
        return True
    return pod.meta.deleted is not None and pod.phase != "Succeeded" and not waits_for_failure(job)


def tally(job: Whole, pods: Sequence[PodView]) -> Tally:
    """Count. `pods` are those that the Job owns."""
    status = job.status
    noted: JSON = status.get("uncountedTerminatedPods") or {}
    tracked = {pod.meta.uid for pod in pods if FINALIZER in pod.meta.finalizers}
    good, bad = list[str](noted.get("succeeded") or ()), list[str](noted.get("failed") or ())
    counted_good = (status.get("succeeded") or 0) + sum(uid not in tracked for uid in good)
    counted_bad = (status.get("failed") or 0) + sum(uid not in tracked for uid in bad)
    good, bad = [uid for uid in good if uid in tracked], [uid for uid in bad if uid in tracked]
    per_index = job.spec.get("backoffLimitPerIndex")
    completed = job_indexes.parse(status.get("completedIndexes"), size(job)) if indexed(job) else set[int]()
    failed_indexes = job_indexes.parse(status.get("failedIndexes"), size(job)) if per_index is not None else set[int]()
    let_go: list[PodView] = []
    matched: Match | None = None
    fresh = False
    for pod in pods:
        if pod.meta.uid not in tracked:
            continue
        index = pod.work.index if pod.work else None
        if pod.phase == "Succeeded":
            let_go.append(pod)
            if indexed(job):
                if index is not None and index < size(job):
                    completed.add(index)
            elif pod.meta.uid not in good:
                good.append(pod.meta.uid)
        elif has_failed(job, pod):
            let_go.append(pod)
            found = match(job, pod)
            if found is not None and found.action == IGNORE:
                continue
            if pod.meta.uid not in bad:
                bad.append(pod.meta.uid)
                fresh = True
            if found is not None and found.action == "FailJob" and matched is None:
                matched = found
            if per_index is not None and index is not None and pod.work is not None:
                given_up = pod.work.failures >= per_index or (found is not None and found.action == "FailIndex")
                if given_up and index not in completed:
                    failed_indexes.add(index)
    active = tuple(pod for pod in pods if pod.active)
    uncounted: JSON = {key: uids for key, uids in (("succeeded", good), ("failed", bad)) if uids}
    return Tally(
        active=active, ready=sum(pod.ready for pod in active), terminating=sum(pod.terminating for pod in pods),
        succeeded=len(completed) if indexed(job) else counted_good + len(good), failed=counted_bad + len(bad),
        counted=(len(completed) if indexed(job) else counted_good, counted_bad), uncounted=uncounted,
        let_go=tuple(let_go), completed=frozenset(completed), failed_indexes=frozenset(failed_indexes - completed),
        matched=matched, fresh_failures=fresh,
    )  # fmt: skip
