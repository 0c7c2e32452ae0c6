"""How long to wait before trying again: exponential, bounded, spread by chance.

A value source only: it never sleeps by itself, and its randomness is an input.
"""

from __future__ import annotations

import random
from collections.abc import Callable

Chance = Callable[[], float]
"""Returns a number in [0, 1)."""


class Backoff:
    """Delays `first`, `first * factor`, ... up to `limit` seconds, each stretched by up to `jitter` of itself."""

    __slots__ = ("_chance", "_factor", "_first", "_jitter", "_limit", "_next")

    def __init__(
        self,
        *,
        first: float = 0.2,
        factor: float = 2.0,
        limit: float = 30.0,
        jitter: float = 0.5,
        chance: Chance = random.random,
    ) -> None:
        self._first = first
        self._factor = factor
        self._limit = limit
        self._jitter = jitter
        self._chance = chance
        self._next = first

    def next(self) -> float:
        """Return the seconds to wait now, and grow."""
        delay = self._next
        self._next = min(self._limit, delay * self._factor)
        return min(self._limit, delay * (1 + self._jitter * self._chance()))

    def reset(self) -> None:
        """Start over: something worked."""
        self._next = self._first
