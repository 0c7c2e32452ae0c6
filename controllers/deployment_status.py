"""What a Deployment reports: counts summed over its ReplicaSets, and the conditions that rollout clients wait for.

    Available        enough replicas are available
    Progressing      the rollout moves (ReplicaSetUpdated), is done (NewReplicaSetAvailable), hangs
                     (ProgressDeadlineExceeded) or rests (DeploymentPaused)
    ReplicaFailure   a ReplicaSet cannot make its pods

A pure function of what is observed; the status it starts from is the one last written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podwright.api.times import format_time, parse_time
from podwright.controllers.conditions import find, without
from podwright.controllers.meta import Whole

JSON = dict[str, Any]

PROGRESSING = "Progressing"
AVAILABLE = "Available"
REPLICA_FAILURE = "ReplicaFailure"
DONE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
NO_DEADLINE = 2**31 - 1
_COUNTS = ("replicas", "readyReplicas", "availableReplicas")


@dataclass(frozen=True, slots=True)
class Rollout:
    """What a status is worked out from. `least` is how many replicas must be available."""

    deployment: Whole
    new: Whole | None
    old: tuple[Whole, ...]
    least: int

    @property
    def all(self) -> tuple[Whole, ...]:
        """Old ReplicaSets and the new one."""
        return (*self.old, self.new) if self.new is not None else self.old

    @property
    def replicas(self) -> int:
        """The number of replicas asked for."""
        return replicas_of(self.deployment)


def replicas_of(obj: Whole) -> int:
    """Return spec.replicas, 1 where it is left out."""
    value = obj.spec.get("replicas")
    return 1 if value is None else value


def has_deadline(deployment: Whole) -> bool:
    """Tell whether lack of progress is to be reported."""
    return deployment.spec.get("progressDeadlineSeconds") not in {None, NO_DEADLINE}


def condition(kind: str, status: str, reason: str, message: str, now: datetime) -> JSON:
    """Return a Deployment condition that begins now."""
    stamp = format_time(now)
    return {
        "type": kind, "status": status, "lastUpdateTime": stamp, "lastTransitionTime": stamp,
        "reason": reason, "message": message,
    }  # fmt: skip


def with_condition(conditions: Sequence[JSON], new: JSON) -> list[JSON]:
    """Return the list with the condition, last; one of the same status and reason stays as it is."""
    current = find(conditions, new["type"])
    if current is not None and current.get("status") == new["status"]:
        if current.get("reason") == new["reason"]:
            return list(conditions)
        new = {**new, "lastTransitionTime": current.get("lastTransitionTime", new["lastTransitionTime"])}
    return [*without(conditions, new["type"]), new]


def counts(rollout: Rollout, conditions: Sequence[JSON], now: datetime) -> JSON:
    """Return the status by numbers alone, with the Available condition; zero counts are left out."""
    total = {name: sum(rs.status.get(name) or 0 for rs in rollout.all) for name in _COUNTS}
    asked = sum(replicas_of(rs) for rs in rollout.all)
    known = [rs.status["terminatingReplicas"] for rs in rollout.all if "terminatingReplicas" in rs.status]
    status: JSON = {
        "observedGeneration": rollout.deployment.meta.generation,
        **total,
        "updatedReplicas": (rollout.new.status.get("replicas") or 0) if rollout.new is not None else 0,
        "unavailableReplicas": max(0, asked - total["availableReplicas"]),
    }
    status = {name: value for name, value in status.items() if value}
    status["terminatingReplicas"] = sum(known)
    if "collisionCount" in rollout.deployment.status:
        status["collisionCount"] = rollout.deployment.status["collisionCount"]
    if total["availableReplicas"] >= rollout.least:
        new = condition(AVAILABLE, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    else:
        text = "Deployment does not have minimum availability."
        new = condition(AVAILABLE, "False", "MinimumReplicasUnavailable", text, now)
    status["conditions"] = with_condition(conditions, new)
    return status


def rolled(rollout: Rollout, conditions: Sequence[JSON], now: datetime) -> JSON:
    """Return the status with the Progressing and ReplicaFailure conditions brought up to date."""
    deployment = rollout.deployment
    status = counts(rollout, conditions, now)
    listed: list[JSON] = status["conditions"]
    watched = has_deadline(deployment)
    listed = _progress(rollout, status, listed, now) if watched else without(listed, PROGRESSING)
    failure = _failure(rollout)
    if failure is None:
        listed = without(listed, REPLICA_FAILURE)
    else:
        text = failure.get("message", "")
        new = condition(REPLICA_FAILURE, failure["status"], failure.get("reason", ""), text, now)
        listed = with_condition(listed, new)
    status["conditions"] = listed
    return status


def complete(deployment: Whole, status: JSON) -> bool:
    """Tell whether every replica is of the newest template and available, and nothing else is left."""
    wanted = replicas_of(deployment)
    return (
        all((status.get(name) or 0) == wanted for name in ("updatedReplicas", "replicas", "availableReplicas"))
        and (status.get("observedGeneration") or 0) >= deployment.meta.generation
    )


def deadline_left(deployment: Whole, status: JSON, now: datetime) -> float | None:
    """Return in how many seconds a rollout that does not move is overdue; None where nothing is awaited."""
    current = find(status.get("conditions") or (), PROGRESSING)
    if not has_deadline(deployment) or current is None or complete(deployment, status):
        return None
    if current.get("reason") in {TIMED_OUT, DONE, PAUSED} or deployment.spec.get("paused"):
        return None
    return max(0.0, (_due(deployment, current) - now).total_seconds()) + 1.0  # times are whole seconds


def paused_conditions(deployment: Whole, now: datetime) -> list[JSON]:
    """Return the conditions with pausing or resuming noted. A deadline that passed before stays reported."""
    listed: list[JSON] = deployment.status.get("conditions") or []
    current = find(listed, PROGRESSING)
    if not has_deadline(deployment) or (current is not None and current.get("reason") == TIMED_OUT):
        return listed
    noted = current is not None and current.get("reason") == PAUSED
    paused = bool(deployment.spec.get("paused"))
    if paused and not noted:
        return with_condition(listed, condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", now))
    if noted and not paused:
        new = condition(PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed", now)
        return with_condition(listed, new)
    return listed


def _progress(rollout: Rollout, status: JSON, listed: list[JSON], now: datetime) -> list[JSON]:
    deployment = rollout.deployment
    current = find(listed, PROGRESSING)
    settled = (status.get("replicas") or 0) == (status.get("updatedReplicas") or 0)
    if settled and current is not None and current.get("reason") == DONE:
        return listed
    subject = (
        f'ReplicaSet "{rollout.new.meta.name}"' if rollout.new is not None else f'Deployment "{deployment.meta.name}"'
    )
    if complete(deployment, status):
        text = f"{subject} has successfully progressed."
        return with_condition(listed, condition(PROGRESSING, "True", DONE, text, now))
    if _moved(deployment.status, status):
        new = condition(PROGRESSING, "True", "ReplicaSetUpdated", f"{subject} is progressing.", now)
        if current is not None and current.get("status") == "True":
            new["lastTransitionTime"] = current.get("lastTransitionTime", new["lastTransitionTime"])
        return [*without(listed, PROGRESSING), new]  # its update time is what the deadline counts from
    if current is not None and _overdue(deployment, current, now):
        text = f"{subject} has timed out progressing."
        return with_condition(listed, condition(PROGRESSING, "False", TIMED_OUT, text, now))
    return listed


def _moved(before: JSON, after: JSON) -> bool:
    def old_replicas(status: JSON) -> int:
        return (status.get("replicas") or 0) - (status.get("updatedReplicas") or 0)

    grew = any(
        (after.get(name) or 0) > (before.get(name) or 0)
        for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return grew or old_replicas(after) < old_replicas(before)


def _overdue(deployment: Whole, current: JSON, now: datetime) -> bool:
    if current.get("reason") == DONE:
        return False
    return current.get("reason") == TIMED_OUT or _due(deployment, current) < now


def _due(deployment: Whole, current: JSON) -> datetime:
    return parse_time(current["lastUpdateTime"]) + timedelta(seconds=deployment.spec["progressDeadlineSeconds"])


def _failure(rollout: Rollout) -> JSON | None:
    for rs in ([rollout.new] if rollout.new is not None else []) + list(rollout.old):
        found = find(rs.status.get("conditions") or (), REPLICA_FAILURE)
        if found is not None:
            return found
    return None
