"""Levels of the Pod Security Standards and their versions, as namespaces' labels name them.

Every release may change a level; a version pins what it means. It must never know what a level forbids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LEVELS: Final = ("privileged", "baseline", "restricted")
"""From the one that forbids nothing to the strictest."""
PRIVILEGED, BASELINE, RESTRICTED = LEVELS
NEWEST: Final = 1 << 31
"""The minor version that "latest" means: newer than any."""
_VERSION: Final = re.compile(r"v1\.(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Standard:
    """A level as a minor version of the API defines it."""

    level: str = PRIVILEGED
    minor: int = NEWEST

    def __str__(self) -> str:
        version = "latest" if self.minor == NEWEST else f"v1.{self.minor}"
        return f"{self.level}:{version}"


FREE: Final = Standard()
"""What forbids nothing."""


def strictness(level: str) -> int:
    """How much a level forbids, to compare it with others."""
    return LEVELS.index(level)


def minor_of(text: str) -> int | None:
    """The minor version that a label means, None for what is no version."""
    if text == "latest":
        return NEWEST
    found = _VERSION.fullmatch(text)
    return None if found is None else int(found[1])
