"""Small API objects for controller tests, and readers of plans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from podwright.api.times import format_time
from podwright.controllers.actions import Action, Batch, Create, Delete, Patch, Plan, Tell
from podwright.controllers.meta import Whole, whole
from podwright.controllers.pod_view import PodView, pod_view

JSON = dict[str, Any]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_uids = count(1)


def at(seconds: float) -> str:
    return format_time(NOW + timedelta(seconds=seconds))


def template(**labels: str) -> JSON:
    return {"metadata": {"labels": labels or {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}


def owner_of(kind: str, name: str, uid: str, *, block: bool = True) -> JSON:
    version = {"Pod": "v1", "Service": "v1"}.get(kind, "apps/v1")
    body = {"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": True}
    return {**body, "blockOwnerDeletion": True} if block else body


def deployment(replicas: int = 3, *, status: JSON | None = None, meta: JSON | None = None, **spec: Any) -> Whole:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    base = {
        "replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": template(), "strategy": rolling,
        "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
    }  # fmt: skip
    metadata = {"name": "d", "namespace": "ns", "uid": "D", "generation": 1, "creationTimestamp": at(-100)}
    return whole({"metadata": {**metadata, **(meta or {})}, "spec": {**base, **spec}, "status": status or {}})


def replica_set(
    name: str = "r", replicas: int = 3, *, owner: str = "D", status: JSON | None = None, meta: JSON | None = None,
    **spec: Any,
) -> Whole:  # fmt: skip
    metadata: JSON = {
        "name": name, "namespace": "ns", "uid": f"uid-{name}", "generation": 1, "creationTimestamp": at(-50),
        "labels": {"app": "a"},
    }  # fmt: skip
    if owner:
        metadata["ownerReferences"] = [owner_of("Deployment", "d", owner)]
    base = {"replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": template()}
    return whole({"metadata": {**metadata, **(meta or {})}, "spec": {**base, **spec}, "status": status or {}})


def full(replicas: int) -> JSON:
    """The status of a ReplicaSet all of whose pods are available."""
    counts = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return {**dict.fromkeys(counts, replicas), "observedGeneration": 1}


def pod(
    name: str = "", *, owner: str = "uid-r", labels: JSON | None = None, node: str = "n", phase: str = "Running",
    ready: bool = True, ready_since: float = -30, created: float = -60, deleted: bool = False, restarts: int = 0,
    ip: str = "", meta: JSON | None = None, status: JSON | None = None, **spec: Any,
) -> PodView:  # fmt: skip
    number = next(_uids)
    name = name or f"p{number}"
    metadata: JSON = {
        "name": name, "namespace": "ns", "uid": f"uid-{name}", "labels": labels or {"app": "a"},
        "creationTimestamp": at(created), "resourceVersion": str(number), "generation": 1,
    }  # fmt: skip
    if owner:
        metadata["ownerReferences"] = [owner_of("ReplicaSet", "r", owner)]
    if deleted:
        metadata["deletionTimestamp"] = at(10)
    conditions = [{"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": at(ready_since)}]
    body: JSON = {"phase": phase, "conditions": conditions, "containerStatuses": [{"restartCount": restarts}]}
    if ip:
        body |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    where = {"nodeName": node} if node else {}
    return pod_view({
        "metadata": {**metadata, **(meta or {})}, "spec": {**where, **spec}, "status": {**body, **(status or {})},
    })  # fmt: skip


def node(
    name: str = "n", *, ready: str | None = "True", status: JSON | None = None, meta: JSON | None = None, **spec: Any
) -> Whole:
    conditions = [] if ready is None else [{"type": "Ready", "status": ready, "lastHeartbeatTime": at(-9)}]
    metadata = {"name": name, "uid": f"uid-{name}", "resourceVersion": "7", "creationTimestamp": at(-100)}
    return whole(
        {"metadata": {**metadata, **(meta or {})}, "spec": spec, "status": status or {"conditions": conditions}}
    )


def actions(plan: Plan) -> list[Action]:
    """All actions of a plan, batches taken apart."""
    return [a for step in plan.steps for a in (step.actions if isinstance(step, Batch) else (step,))]


def creates(plan: Plan) -> list[JSON]:
    return [a.body for a in actions(plan) if isinstance(a, Create)]


def deletes(plan: Plan) -> list[str]:
    return [a.name for a in actions(plan) if isinstance(a, Delete)]


def patches(plan: Plan, plural: str, subresource: str = "") -> dict[str, JSON]:
    """Patches of one resource by name, merged."""
    found: dict[str, JSON] = {}
    for a in actions(plan):
        if isinstance(a, Patch) and a.resource.plural == plural and a.subresource == subresource:
            found.setdefault(a.name, {}).update(a.patch)
    return found


def notes(plan: Plan) -> list[tuple[str, str]]:
    """Reason and message of all events, those about successful writes included."""
    found = []
    for a in actions(plan):
        note = a.note if isinstance(a, Tell) else getattr(a, "done", None)
        if note is not None:
            found.append((note.reason, note.message))
    return found


def condition(status: JSON, kind: str) -> JSON:
    return next((c for c in status.get("conditions", []) if c["type"] == kind), {})
