"""How the server's seats are shared out among priority levels: arithmetic alone. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from podwright.apiserver.fairness.levels import LevelSpec


@dataclass(frozen=True, slots=True)
class Limits:
    """Seats of one level: its own, those of them that it never lends, and the most it may use with borrowed ones."""

    nominal: int
    least: int
    most: int


def share_out(levels: Iterable[LevelSpec], seats: int) -> dict[str, Limits]:
    """Share out the seats by shares; every part is rounded up, so that a level with a share has a seat."""
    listed = list(levels)
    whole = sum(level.shares for level in listed)
    found: dict[str, Limits] = {}
    for level in listed:
        nominal = math.ceil(seats * level.shares / whole) if whole else 0
        lent = _percent(nominal, level.lendable)
        borrowed = seats if level.borrowing < 0 else _percent(nominal, level.borrowing)
        found[level.name] = Limits(nominal, nominal - lent, nominal + borrowed)
    return found


def _percent(number: int, percent: int) -> int:
    return math.floor(number * percent / 100 + 0.5)
