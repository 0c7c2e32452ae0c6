"""ReplicaSets and ReplicationControllers: as many pods of a template as asked for, no more, no fewer.

`reconcile` compares the set with the pods of its namespace; `Keeper` holds what differs between the two kinds. Pods
that are finished or being deleted do not count, so a replacement is made at once. It must never decide on a cache that
does not show its own last writes yet: the runner sees to that before it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.api.labels import Selector
from podwright.api.resources import Resource
from podwright.controllers import conditions
from podwright.controllers.actions import Batch, Create, Delete, Failure, Note, Patch, Plan, Step
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Meta, Owner, Whole
from podwright.controllers.ownership import adoption, claim, controller_owner, release
from podwright.controllers.pod_ranking import doomed
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PODS, REPLICA_SETS, REPLICATION_CONTROLLERS

JSON = dict[str, Any]

BURST = 500  # pods made or deleted in one go; the rest follows when these are seen
_FAILURE = "ReplicaFailure"


@dataclass(frozen=True, slots=True)
class Keeper:
    """A kind that keeps a number of pods: its names, how it selects them, and whether it counts those that go."""

    resource: Resource
    select: Callable[[Whole], Selector]
    counts_terminating: bool

    def owner(self, meta: Meta) -> Owner:
        """The reference by which a pod names its keeper."""
        return controller_owner(self.resource.api_version, self.resource.kind, meta)


REPLICA_SET = Keeper(REPLICA_SETS, lambda rs: Selector.from_label_selector(rs.spec.get("selector")), True)
REPLICATION_CONTROLLER = Keeper(REPLICATION_CONTROLLERS, lambda rc: Selector.from_map(rc.spec.get("selector")), False)


@dataclass(frozen=True, slots=True)
class Observed:
    """Pods of the namespace that are or may become this ReplicaSet's; and its siblings' pods, for ranking."""

    pods: tuple[PodView, ...]
    related: tuple[PodView, ...] = ()


def reconcile(
    rs: Whole, observed: Observed, now: datetime, failure: Failure | None = None, keeper: Keeper = REPLICA_SET
) -> Plan:
    """Return the pods to make or delete, or else the status to report."""
    claimed = claim(rs.meta, keeper.select(rs), observed.pods)
    steps: list[Step] = [release(PODS, pod.meta, rs.meta.uid) for pod in claimed.released]
    owner = keeper.owner(rs.meta)
    # A pod that is finished is adopted too: its owner's end must be its end.
    steps += [adoption(PODS, pod.meta, owner) for pod in claimed.adopted]
    active = [pod for pod in claimed.owned if pod.active]
    held_up = failure is not None and failure.waits(now, rs.meta.generation)
    changes = () if rs.meta.deleted is not None or held_up else _changes(rs, active, observed.related, keeper)
    if changes:
        # Their events bring the next look, which reports.
        return Plan((*steps, *changes))
    status = _status(rs, active, now)
    if keeper.counts_terminating:
        status["terminatingReplicas"] = sum(pod.terminating for pod in claimed.owned)
    listed = _conditions(rs, failure if held_up else None, now)
    if listed:
        status["conditions"] = listed
    difference = merge_diff(rs.status, status)
    if difference:
        body = {"metadata": {"uid": rs.meta.uid}, "status": difference}
        steps.append(Patch(keeper.resource, rs.meta.namespace, rs.meta.name, body, subresource="status"))
    return Plan(tuple(steps), _until_available(rs, active, now))


def wanted(rs: Whole) -> int:
    """Return spec.replicas, 1 where it is left out."""
    value = rs.spec.get("replicas")
    return 1 if value is None else value


def new_pod(rs: Whole, owner: Owner) -> JSON:
    """Return a pod as the template says, named after its owner."""
    template: JSON = rs.spec.get("template") or {}
    given: JSON = template.get("metadata") or {}
    meta: JSON = {key: given[key] for key in ("labels", "annotations", "finalizers") if given.get(key)}
    meta["generateName"] = f"{rs.meta.name}-"
    meta["namespace"] = rs.meta.namespace
    meta["ownerReferences"] = [owner.reference()]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template.get("spec") or {}}


def _changes(rs: Whole, active: Sequence[PodView], related: Sequence[PodView], keeper: Keeper) -> tuple[Batch, ...]:
    surplus = len(active) - wanted(rs)
    if surplus < 0:
        create = Create(
            PODS, rs.meta.namespace, new_pod(rs, keeper.owner(rs.meta)),
            Note("SuccessfulCreate", "Created pod: {name}"), Note("FailedCreate", "Error creating: {error}", "Warning"),
        )  # fmt: skip
        return (Batch((create,) * min(-surplus, BURST), slow_start=True),)
    if surplus > 0:
        chosen = doomed(active, related or active, min(surplus, BURST))
        return (Batch(tuple(_deletion(pod) for pod in chosen)),)
    return ()


def _deletion(pod: PodView) -> Delete:
    return Delete(
        PODS, pod.meta.namespace, pod.meta.name, pod.meta.uid,
        done=Note("SuccessfulDelete", "Deleted pod: {name}"),
        failed=Note("FailedDelete", "Error deleting: {error}", "Warning"),
    )  # fmt: skip


def _status(rs: Whole, active: Sequence[PodView], now: datetime) -> JSON:
    labels = Selector.from_map(((rs.spec.get("template") or {}).get("metadata") or {}).get("labels"))
    seconds = rs.spec.get("minReadySeconds") or 0
    ends = [pod.available_at(seconds) for pod in active]
    numbers = {
        "fullyLabeledReplicas": sum(labels.matches(pod.meta.labels) for pod in active),
        "readyReplicas": sum(pod.ready for pod in active),
        "availableReplicas": sum(end is not None and (not seconds or end <= now) for end in ends),
        "observedGeneration": max(rs.meta.generation, rs.status.get("observedGeneration") or 0),
    }
    status: JSON = {name: value for name, value in numbers.items() if value}
    return {"replicas": len(active), **status}


def _conditions(rs: Whole, failure: Failure | None, now: datetime) -> list[JSON]:
    listed: list[JSON] = rs.status.get("conditions") or []
    if failure is None or isinstance(failure.action, Patch):
        return conditions.without(listed, _FAILURE)
    reason = "FailedDelete" if isinstance(failure.action, Delete) else "FailedCreate"
    new = {"type": _FAILURE, "status": "True", "reason": reason, "message": failure.message}
    return conditions.put(listed, new, now)


def _until_available(rs: Whole, active: Sequence[PodView], now: datetime) -> float | None:
    seconds = rs.spec.get("minReadySeconds") or 0
    if not seconds:
        return None
    ends = [end for pod in active if (end := pod.available_at(seconds)) is not None and end > now]
    return (min(ends) - now).total_seconds() if ends else None
