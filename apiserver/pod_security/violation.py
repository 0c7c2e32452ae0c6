"""What a control says of a pod, and the words that all controls share.

Clients and people read these texts; each begins with a short reason, which alone is shown where many pods are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a pod is not as a control wants it."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})"


Check = Callable[[JSON, JSON], Violation | None]
"""(metadata, spec of a pod) -> what is wrong with it."""


def containers_of(spec: JSON) -> Iterator[JSON]:
    """All containers of a pod, in the order in which texts name them."""
    for field in _CONTAINERS:
        yield from spec.get(field) or ()


def context_of(part: JSON) -> JSON:
    """The security context of a container or a pod's spec, empty without one."""
    return part.get("securityContext") or {}


def found_in(spec: JSON, wrong: Callable[[JSON], bool]) -> list[str]:
    """The names of the containers that a predicate holds for."""
    return [container["name"] for container in containers_of(spec) if wrong(container)]


def quoted(names: Iterable[str]) -> str:
    """`"a", "b"`: names as they are, so that they are found again."""
    return ", ".join(f'"{name}"' for name in names)


def counted(noun: str, things: Collection[object]) -> str:
    """A noun, in the plural unless there is just one of it."""
    return noun if len(things) == 1 else f"{noun}s"


def use(things: Collection[object]) -> str:
    """The verb, for one or for many."""
    return "uses" if len(things) == 1 else "use"


def named(names: Collection[str], noun: str = "container") -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{counted(noun, names)} {quoted(names)}"


def setters(*, pod: bool, containers: Collection[str]) -> list[str]:
    """Who set something: the pod itself, some of its containers."""
    return (["pod"] if pod else []) + ([named(containers)] if containers else [])
