"""Seats for requests, by priority level: who may begin, who waits, who is refused. Pure: time comes with each call.

A level has seats of its own, lends some of them while it does not need them, and borrows what others lend. Nothing has
to be handed back: requests are short, and a level below its own number is served before any that borrows. A request for
much (a long list) takes several seats; such requests never borrow, so small ones find a free seat. It must never run
anything: who waits is told through its ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podwright.apiserver.fairness.levels import LevelSpec
from podwright.apiserver.fairness.queues import Level, Ticket
from podwright.apiserver.fairness.shares import Limits, share_out

REFUSED_FULL: Final = "queue-full"
REFUSED_LIMIT: Final = "concurrency-limit"
REFUSED_LATE: Final = "time-out"


class Seats:
    """All levels of a server."""

    def __init__(self, seats: int) -> None:
        self.total = seats
        self.levels: dict[str, Level] = {}

    def configure(self, specs: Mapping[str, LevelSpec]) -> None:
        """Take new levels and limits; one that is gone stays until its requests are."""
        limits = share_out(specs.values(), self.total)
        for name, spec in specs.items():
            level = self.levels.get(name)
            if level is None:
                level = self.levels[name] = Level(spec)
            level.spec, level.limits, level.ending = spec, limits[name], False
        for name in [name for name in self.levels if name not in specs]:
            level = self.levels[name]
            if level.running or level.queues.waiting:
                level.limits, level.ending = Limits(0, 0, self.total), True
            else:
                del self.levels[name]

    def enter(self, ticket: Ticket, hand: tuple[int, ...], now: float) -> str:
        """Ask for seats. Returns "" when the request is running or waits, or why it is refused."""
        level = ticket.level
        ticket.arrived = now
        if level.spec.exempt:
            self._begin(ticket, now)
            return ""
        if ticket.width > level.limits.nominal:
            ticket.width = max(level.limits.nominal, 1)
        if not level.queues.waiting and self._fits(ticket):
            self._begin(ticket, now)
            return ""
        if not level.spec.queues:
            return REFUSED_LIMIT
        return "" if level.queues.join(ticket, hand, level.spec.length) else REFUSED_FULL

    def leave(self, ticket: Ticket) -> None:
        """A request that had begun is done."""
        level = ticket.level
        ticket.running = False
        level.running.discard(ticket)
        level.used -= ticket.width
        if ticket.width > 1:
            level.wide -= ticket.width
        if ticket.queue is not None:
            level.queues.end(ticket)

    def withdraw(self, ticket: Ticket) -> None:
        """A request that waits goes away."""
        level = ticket.level
        level.queues.withdraw(ticket)
        level.short = level.short and level.queues.waiting > 0

    def begin_waiting(self, now: float) -> list[Ticket]:
        """Let begin who may; returns them. To be called after whatever may have made room."""
        begun: list[Ticket] = []
        waiting = [level for level in self.levels.values() if level.queues.waiting]
        while waiting:
            level = min(waiting, key=_use)
            level.short = False
            ticket = self._next(level)
            if ticket is None:
                waiting.remove(level)
                continue
            self._begin(ticket, now)
            begun.append(ticket)
            if not level.queues.waiting:
                waiting.remove(level)
        return begun

    def _next(self, level: Level) -> Ticket | None:
        """Who of a level may begin now. One that only waits for wide ones lets others pass."""
        for queue in level.queues.in_turn():
            first = queue.tickets[0]
            if self._fits(first):
                return level.queues.begin(queue)
            if first.width == 1 or self._room_for_wide(level, first):
                level.short = True
                return None
        return None

    def _room_for_wide(self, level: Level, ticket: Ticket) -> bool:
        return not level.wide or level.wide + ticket.width <= level.limits.nominal

    def _fits(self, ticket: Ticket) -> bool:
        level, width = ticket.level, ticket.width
        limits, used = level.limits, level.used
        if not used:
            return True  # nobody has to wait for ever, however small the shares
        if width > 1 and not self._room_for_wide(level, ticket):
            return False
        if used + width <= limits.least:
            return True
        if used + width > limits.most:
            return False
        busy, kept, needy = 0, 0, False
        for other in self.levels.values():
            if other.spec.exempt:
                continue
            busy += other.used
            if other is not level:
                kept += max(0, other.limits.least - other.used)
                needy = needy or (other.short and other.used < other.limits.nominal)
        if needy and used + width > limits.nominal:
            return False
        return busy + kept + width <= self.total

    def _begin(self, ticket: Ticket, now: float) -> None:
        level = ticket.level
        ticket.began = now
        ticket.running = True
        level.running.add(ticket)
        level.used += ticket.width
        if ticket.width > 1:
            level.wide += ticket.width


def _use(level: Level) -> float:
    return level.used / max(level.limits.nominal, 1)
