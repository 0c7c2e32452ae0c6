"""What one evaluation carries along: the variables' values, what it has cost, and when it must stop.

A Budget is shared by all rules of one request. Cost stops what computes too much; the deadline stops what the cost
model does not see, so that no expression can hold up a server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.api.cel.errors import CostExceeded

PER_CALL_LIMIT: Final = 1_000_000
REQUEST_LIMIT: Final = 10_000_000
_TICKS: Final = 256
_PARTS_PER_COST: Final = 4


class Budget:
    """What the expressions of one request may cost together, and how long they may run.

    `remaining` falls with every evaluation and is negative once the budget is used up. `clock` counts seconds from
    any start; without one there is no deadline.
    """

    __slots__ = ("_clock", "_deadline", "remaining")

    def __init__(
        self, remaining: int = REQUEST_LIMIT, *, seconds: float = 5.0, clock: Callable[[], float] | None = None
    ) -> None:
        self.remaining = remaining
        self._clock = clock
        self._deadline = 0.0 if clock is None else clock() + seconds

    def late(self) -> bool:
        """Return whether the time is up."""
        return self._clock is not None and self._clock() > self._deadline


class Frame:
    """The state of one evaluation. `slots` hold values by the numbers the compiler gave to variables."""

    __slots__ = ("_budget", "_parts", "_ticks", "cost", "limit", "slots")

    def __init__(self, slots: list[Any], limit: int, budget: Budget) -> None:
        self.slots = slots
        self.cost = 0
        self.limit = limit
        self._ticks = 0
        self._parts = 0
        self._budget = budget

    def charge(self, cost: int) -> None:
        """Add to the cost. Raises CostExceeded."""
        self.cost += cost
        if self.cost > self.limit:
            raise CostExceeded

    def spend(self, parts: int) -> None:
        """Add the cost of comparing so many parts of two values. Raises CostExceeded."""
        self._parts += parts
        if self._parts >= _PARTS_PER_COST:
            self.cost += self._parts // _PARTS_PER_COST
            self._parts %= _PARTS_PER_COST
            if self.cost > self.limit:
                raise CostExceeded

    def turn(self, cost: int) -> None:
        """Add the cost of one more turn of a loop, and look at the clock now and then. Raises CostExceeded."""
        self.cost += cost
        self._ticks += 1
        if self.cost > self.limit or (self._ticks >= _TICKS and self._overdue()):
            raise CostExceeded

    def _overdue(self) -> bool:
        self._ticks = 0
        return self._budget.late()
