"""What makes a controller, as a value: what wakes it, and how it decides. `runner.py` runs it.

A controller must never do I/O in `decide`; what has to be read live is read by `observe`, before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from podwright.api.resources import Resource
from podwright.client.informer import Informer
from podwright.controllers.actions import Failure, Plan

JSON = dict[str, Any]

Keys = Callable[[Any, Any], Iterable[str]]  # (old, new) -> keys to look at; one of both is None when it came or went


@dataclass(frozen=True, slots=True)
class Trigger:
    """A watch, and which keys a change in it concerns."""

    informer: Informer[Any]
    keys: Keys


class Source(Protocol):
    """Kinds that come while controllers run."""

    def listen(self, handler_for: Callable[[Resource], Callable[[str, Any, Any], None]]) -> None:
        """Have a handler called for every change of objects of these kinds."""
        ...


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Kinds that come while the controller runs, and which keys a change of one of their objects concerns."""

    source: Source
    keys: Callable[[Resource], Keys]


@dataclass(frozen=True, slots=True)
class Look:
    """The circumstances of one decision: time, live reads, and what went wrong last."""

    now: datetime
    monotonic: float
    observed: Any = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """A controller. `name` is the component that its events name."""

    name: str
    triggers: tuple[Trigger, ...]
    decide: Callable[[str, Look], Plan]
    subject: Callable[[str], JSON | None] = lambda _: None
    """The object that a key stands for, as an ObjectReference for events."""
    generation: Callable[[str], int] = lambda _: 0
    """metadata.generation of that object: a failure is forgotten when it changes."""
    newcomers: Newcomers | None = None
    observe: Callable[[str], Awaitable[Any]] | None = None
    reports_failures: bool = False
    """Whether `decide` wants to be called with a failure before it is time to try again."""
    workers: int = 8


def own_key(old: Any, new: Any) -> tuple[str]:
    """Return the key of the changed object itself."""
    return ((new if new is not None else old).meta.key,)
