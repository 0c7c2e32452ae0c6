"""What becomes of a definition next: its names are judged, it is served, and at its end its objects go first.

`decide` is a pure function of the definition, the names of others, and what is left of its objects. It is asked again
whenever something changed; a definition for which it has nothing to say is at rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.api.times import format_time
from podwright.apiserver.custom import approval, naming
from podwright.apiserver.custom.definition import FINALIZER, condition, is_true

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """`serve`: its kinds are to be served. `status`: the new status, if it changes. `empty`: its objects are to be
    deleted. `release`: nothing is left, and it may go."""

    serve: bool
    status: JSON | None = None
    empty: bool = False
    release: bool = False


def decide(definition: JSON, taken: naming.Taken, left: int, now: datetime) -> Step:
    """Work out the next step; `left` counts the objects that are still there."""
    status: JSON = definition.get("status") or {}
    verdict = naming.judge(definition, taken)
    conditions: list[JSON] = list(status.get("conditions") or ())
    established = is_true(definition, "Established")
    accepted = not verdict.reason
    told = ("NamesAccepted", "True", "NoConflicts", "no conflicts found")
    if not accepted:
        told = ("NamesAccepted", "False", verdict.reason, verdict.message)
    conditions = _put(conditions, told, now)
    if accepted and not established:
        text = "the initial names have been accepted"
        conditions = _put(conditions, ("Established", "True", "InitialNamesAccepted", text), now)
    elif not established:
        conditions = _put(conditions, ("Established", "False", "NotAccepted", "not all names are accepted"), now)
    approved = approval.condition(definition["spec"]["group"], definition["metadata"].get("annotations") or {})
    if approved is not None:
        told = (approved["type"], approved["status"], approved["reason"], approved["message"])
        conditions = _put(conditions, told, now)
    ending = "deletionTimestamp" in definition["metadata"]
    held = FINALIZER in (definition["metadata"].get("finalizers") or ())
    serve = accepted or established
    if ending and held:
        if left:
            told = ("Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")
        else:
            told = ("Terminating", "False", "InstanceDeletionCompleted", "removed all instances")
        conditions = _put(conditions, told, now)
    after = {**status, "conditions": conditions, "acceptedNames": {"plural": "", "kind": "", **verdict.names}}
    changed = after if _differs(after, status) else None
    return Step(serve, changed, empty=ending and held and left > 0, release=ending and held and not left)


def terminating(definition: JSON, now: datetime) -> None:
    """Mark a definition whose deletion begins, in place."""
    metadata: JSON = definition["metadata"]
    metadata["deletionTimestamp"] = format_time(now)
    finalizers: list[str] = metadata.get("finalizers") or []
    if FINALIZER not in finalizers:
        metadata["finalizers"] = [*finalizers, FINALIZER]
    status: JSON = definition.setdefault("status", {})
    text = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    told = ("Terminating", "True", "InstanceDeletionPending", text)
    status["conditions"] = _put(list(status.get("conditions") or ()), told, now)


def _put(conditions: list[JSON], told: tuple[str, str, str, str], now: datetime) -> list[JSON]:
    """The conditions with one of them as told; its time changes with its status alone."""
    kind, status, reason, message = told
    made = {
        "type": kind,
        "status": status,
        "lastTransitionTime": format_time(now),
        "reason": reason,
        "message": message,
    }
    for index, found in enumerate(conditions):
        if found.get("type") == kind:
            if found.get("status") == status:
                made["lastTransitionTime"] = found.get("lastTransitionTime") or made["lastTransitionTime"]
            return [*conditions[:index], {**found, **made}, *conditions[index + 1 :]]
    return [*conditions, made]


def _differs(after: JSON, before: JSON) -> bool:
    return any(after.get(key) != before.get(key) for key in ("conditions", "acceptedNames"))


def is_ending(definition: JSON) -> bool:
    """Whether its objects can only be read and deleted."""
    found = condition(definition, "Terminating")
    return "deletionTimestamp" in definition["metadata"] or (found is not None and found.get("status") == "True")
