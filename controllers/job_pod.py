"""The pods that a Job makes: which indexes are missing, and what a pod looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.controllers.job_tally import Tally, indexed, size
from podwright.controllers.job_work import FAILURES, FINALIZER, INDEX
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import controller_owner
from podwright.controllers.pod_view import PodView

JSON = dict[str, Any]


def new_pods(job: Whole, tally: Tally, pods: Sequence[PodView], count: int) -> list[JSON]:
    """Return so many new pods, those of the lowest missing indexes where pods have one."""
    if not indexed(job):
        return [new_pod(job)] * count
    missing = missing_indexes(job, tally, pods)[:count]
    return [new_pod(job, index, _failures(job, pods, index)) for index in missing]


def missing_indexes(job: Whole, tally: Tally, pods: Sequence[PodView]) -> list[int]:
    """Indexes that are neither done nor given up nor being worked on."""
    taken = {pod.work.index for pod in pods if pod.work is not None and not pod.finished and _holds(job, pod)}
    done = tally.completed | tally.failed_indexes
    return [index for index in range(size(job)) if index not in taken and index not in done]


def _holds(job: Whole, pod: PodView) -> bool:
    return pod.meta.deleted is None or job.spec.get("podReplacementPolicy") == "Failed"


def _failures(job: Whole, pods: Sequence[PodView], index: int) -> int | None:
    if job.spec.get("backoffLimitPerIndex") is None:
        return None
    before = [pod.work.failures + 1 for pod in pods if pod.work and pod.work.index == index and pod.phase == "Failed"]
    return max(before, default=0)


def new_pod(job: Whole, index: int | None = None, failures: int | None = None) -> JSON:
    """Return a pod as the template says, tracked for the Job."""
    template: JSON = job.spec.get("template") or {}
    given: JSON = template.get("metadata") or {}
    meta: JSON = {key: dict(given[key]) for key in ("labels", "annotations") if given.get(key)}
    spec: JSON = template.get("spec") or {}
    meta["generateName"] = f"{job.meta.name}-" if index is None else f"{job.meta.name}-{index}-"
    if index is not None:
        meta["labels"] = {**(meta.get("labels") or {}), INDEX: str(index)}
        meta["annotations"] = {**(meta.get("annotations") or {}), INDEX: str(index)}
        spec = {"hostname": f"{job.meta.name}-{index}", **_with_index(spec)}
    if failures is not None:
        meta["annotations"] = {**(meta.get("annotations") or {}), FAILURES: str(failures)}
    meta["namespace"] = job.meta.namespace
    meta["finalizers"] = [*(given.get("finalizers") or ()), FINALIZER]
    meta["ownerReferences"] = [controller_owner("batch/v1", "Job", job.meta).reference()]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _with_index(spec: JSON) -> JSON:
    """Tell the containers their index in JOB_COMPLETION_INDEX, unless they say what that is themselves."""
    own = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
    entry: JSON = {"name": "JOB_COMPLETION_INDEX", "valueFrom": own}
    told: JSON = {}
    for key in ("initContainers", "containers"):
        if spec.get(key):
            told[key] = [_named(container, entry) for container in spec[key]]
    return {**spec, **told}


def _named(container: JSON, entry: JSON) -> JSON:
    env: list[JSON] = container.get("env") or []
    return container if any(e["name"] == entry["name"] for e in env) else {**container, "env": [*env, entry]}
