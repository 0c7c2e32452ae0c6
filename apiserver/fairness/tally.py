"""What is counted of the requests of one flow schema. Plain numbers: the quiet path adds one of them.

It must never keep anything of a single request.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

BOUNDS: Final = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
"""Upper ends of the buckets of durations, in seconds."""


class Durations:
    """A histogram."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Tally:
    """The counts of one schema."""

    __slots__ = ("at_once", "cancelled", "refused", "waited", "waited_in_vain")

    def __init__(self) -> None:
        self.at_once = 0
        """Requests that began without waiting."""
        self.refused: dict[str, int] = {}
        """By reason."""
        self.cancelled = 0
        self.waited = Durations()
        self.waited_in_vain = Durations()

    @property
    def begun(self) -> int:
        """Requests that began."""
        return self.at_once + sum(self.waited.counts)

    def refuse(self, reason: str) -> None:
        """Count a refusal."""
        self.refused[reason] = self.refused.get(reason, 0) + 1
