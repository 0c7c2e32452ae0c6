"""Semantic versions (2.0) in expressions: semver('1.2.3').isLessThan(semver('1.10.0'))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.cel.costs import traversal
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.types import SEMVER
from podwright.api.cel.values import Opaque

_VERSION: Final = re.compile(
    r"(0|[1-9][0-9]{0,18})\.(0|[1-9][0-9]{0,18})\.(0|[1-9][0-9]{0,18})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version; `build` has no say in its order, nor in whether it equals another."""

    release: tuple[int, int, int]
    before: tuple[str, ...]

    def key(self) -> tuple[Any, ...]:
        """Return what orders versions: a release comes after everything that leads up to it."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.before)
        return (*self.release, not self.before, parts)


def parse_version(text: str) -> Version | None:
    """Return the version that a text denotes, or None."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    major, minor, patch, before, _build = found.groups()
    parts = tuple(before.split(".")) if before else ()
    if any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in parts):
        return None
    return Version((int(major), int(minor), int(patch)), parts)


def _normalized(text: str) -> str:
    """Return the version with a `v` in front cut off, leading zeros dropped, and missing parts added."""
    parts = [_without_zeros(part) for part in text.removeprefix("v").split(".", 2)]
    if len(parts) < 3 and re.search("[+-]", parts[-1]):
        return text
    return ".".join([*parts, *["0"] * (3 - len(parts))])


def _without_zeros(part: str) -> str:
    if len(part) < 2:
        return part
    found = part.lstrip("0")
    return found if found[:1].isdigit() else f"0{found}"


def _semver(text: str, normalize: bool = False) -> Opaque:
    found = parse_version(_normalized(text) if normalize else text)
    if found is None:
        msg = f'Invalid semantic version "{text}"'
        raise EvaluationError(msg)
    return Opaque(SEMVER, found)


def _is_semver(text: str, normalize: bool = False) -> bool:
    return parse_version(_normalized(text) if normalize else text) is not None


def _compare(one: Opaque, other: Opaque) -> int:
    left, right = one.content.key(), other.content.key()
    return (left > right) - (left < right)


VERSIONS: Final[tuple[Overload, ...]] = (
    declare("semver", "(string) Semver", _semver, traversal(0)),
    declare("semver", "(string, bool) Semver", _semver, traversal(0)),
    declare("isSemver", "(string) bool", _is_semver, traversal(0)),
    declare("isSemver", "(string, bool) bool", _is_semver, traversal(0)),
    declare("isGreaterThan", "Semver.(Semver) bool", lambda one, other: _compare(one, other) > 0),
    declare("isLessThan", "Semver.(Semver) bool", lambda one, other: _compare(one, other) < 0),
    declare("compareTo", "Semver.(Semver) int", _compare),
    declare("major", "Semver.() int", lambda value: value.content.release[0]),
    declare("minor", "Semver.() int", lambda value: value.content.release[1]),
    declare("patch", "Semver.() int", lambda value: value.content.release[2]),
)
