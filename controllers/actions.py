"""What a controller wants done: values, carried out by `runner.py` and by nobody else.

    Plan     what one look at one object came to: steps in order, and when to look again
    Step     an action, or a Batch of actions that may run side by side
    action   Create, Patch, Update, Delete, DeleteAll, Tell

A failed step ends the plan: what follows it was decided on the assumption that it would work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from podwright.api.resources import Resource

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """An event about the object being reconciled. `{name}` is what was written, `{error}` what went wrong."""

    reason: str
    message: str
    type: Literal["Normal", "Warning"] = "Normal"
    about: JSON | None = None  # another object than the one being reconciled, as an ObjectReference


@dataclass(frozen=True, slots=True)
class Create:
    """POST an object. `existing_is_fine`: somebody else having made it is as good."""

    resource: Resource
    namespace: str
    body: JSON
    done: Note | None = None
    failed: Note | None = None
    existing_is_fine: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """PATCH an object or its subresource. A `uid` in patch.metadata makes sure that it is still the same object."""

    resource: Resource
    namespace: str
    name: str
    patch: JSON
    form: Literal["merge", "strategic", "apply"] = "merge"
    subresource: str = ""
    done: Note | None = None
    failed: Note | None = None
    manager: str = ""
    """Who owns what an `apply` says, whoever owned it before."""


@dataclass(frozen=True, slots=True)
class Update:
    """PUT an object or its subresource."""

    resource: Resource
    namespace: str
    body: JSON
    subresource: str = ""
    done: Note | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE one object, if it still is the one with this uid. That it is gone already is no failure."""

    resource: Resource
    namespace: str
    name: str
    uid: str
    version: str = ""  # resourceVersion it must have, "" for any
    grace: int | None = None  # seconds; None leaves it to the object
    propagation: Literal["", "Background", "Foreground", "Orphan"] = ""
    done: Note | None = None
    failed: Note | None = None


@dataclass(frozen=True, slots=True)
class DeleteAll:
    """DELETE the collection of one resource in a namespace."""

    resource: Resource
    namespace: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Only record an event."""

    note: Note


Action = Create | Patch | Update | Delete | DeleteAll | Tell


@dataclass(frozen=True, slots=True)
class Batch:
    """Actions in any order, side by side. `slow_start`: 1, then 2, 4, ... so that a quota is not stormed in vain."""

    actions: tuple[Action, ...]
    slow_start: bool = False


Step = Action | Batch


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order; `again` is in how many seconds to look even if nothing changed (None: no need)."""

    steps: tuple[Step, ...] = ()
    again: float | None = None


NOTHING = Plan()


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong when this object was last worked on. Until `retry_at` a controller should only report it."""

    action: Action
    reason: str  # the API's: "AlreadyExists", "Forbidden", ...; "" where the server could not be reached
    message: str
    retry_at: datetime
    generation: int = 0  # of the object that was being worked on: a newer one deserves a new try

    def waits(self, now: datetime, generation: int) -> bool:
        """Tell whether it is too early to try again."""
        return now < self.retry_at and generation == self.generation
