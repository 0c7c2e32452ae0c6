"""The queues of one priority level: which one a request joins, and whose turn is next. Pure: no clock, no tasks.

Each queue has a virtual time: the work it has had. The queue that has had least is next, so flows share alike whatever
they ask for; one that was idle gains nothing by that. Work is guessed when a request begins and put right when it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from podwright.apiserver.fairness.levels import LevelSpec
from podwright.apiserver.fairness.shares import Limits

GUESS: Final = 0.001
"""Seconds of work that a seat is thought to mean."""
_NOTHING: Final = Limits(0, 0, 0)


class Ticket:
    """One request that asks for seats. `number` is lower for older ones."""

    __slots__ = ("arrived", "began", "level", "number", "queue", "running", "spent", "wake", "width")

    def __init__(self, level: Level, number: int, width: int) -> None:
        self.level = level
        self.number = number
        self.width = width
        self.queue: Queue | None = None
        self.wake: Callable[[], None] | None = None
        """What to call when it has waited and may begin."""
        self.running = False
        self.arrived = 0.0
        self.began = 0.0
        self.spent = 0.0
        """Seconds of the processor that it has taken."""


class Queue:
    """Requests in the order in which they came. `seats` counts those waiting and running that came through it."""

    __slots__ = ("index", "seats", "tickets", "worked")

    def __init__(self, index: int) -> None:
        self.index = index
        self.tickets: deque[Ticket] = deque()
        self.seats = 0
        self.worked = 0.0

    @property
    def work(self) -> float:
        """Seconds that those who wait are thought to take."""
        return GUESS * sum(ticket.width for ticket in self.tickets)


class QueueSet:
    """All queues of a level; only those in use take memory."""

    def __init__(self) -> None:
        self.queues: dict[int, Queue] = {}
        self.waiting = 0
        self._now = 0.0  # the virtual time of the queue that was served last

    def __iter__(self) -> Iterator[Queue]:
        return iter(self.queues.values())

    def join(self, ticket: Ticket, hand: Iterable[int], length: int) -> bool:
        """Put a request into the shortest queue of its hand. Returns False when that is full."""
        queue = min((self.queues.get(index) or Queue(index) for index in hand), key=lambda q: q.seats)
        if len(queue.tickets) >= length:
            return False
        if queue.index not in self.queues:
            self.queues[queue.index] = queue
        if not queue.seats:
            queue.worked = max(queue.worked, self._now)
        queue.tickets.append(ticket)
        queue.seats += ticket.width
        ticket.queue = queue
        self.waiting += 1
        return True

    def in_turn(self) -> list[Queue]:
        """The queues with requests, whose turn is next first."""
        return sorted((q for q in self.queues.values() if q.tickets), key=lambda q: (q.worked, q.tickets[0].number))

    def begin(self, queue: Queue) -> Ticket:
        """Take the first request of a queue."""
        ticket = queue.tickets.popleft()
        self.waiting -= 1
        self._now = max(self._now, queue.worked)
        queue.worked += GUESS * ticket.width
        return ticket

    def end(self, ticket: Ticket) -> None:
        """A request that came through a queue is done, and what it took is known."""
        queue = ticket.queue
        assert queue is not None
        queue.worked += ticket.spent - GUESS * ticket.width
        self._leave(queue, ticket)

    def withdraw(self, ticket: Ticket) -> None:
        """A waiting request goes away."""
        queue = ticket.queue
        assert queue is not None
        queue.tickets.remove(ticket)
        self.waiting -= 1
        self._leave(queue, ticket)

    def _leave(self, queue: Queue, ticket: Ticket) -> None:
        ticket.queue = None
        queue.seats -= ticket.width
        if not queue.seats and queue.worked <= self._now:
            self.queues.pop(queue.index, None)  # it would begin at that time anyway


class Level:
    """A priority level at work."""

    def __init__(self, spec: LevelSpec) -> None:
        self.spec = spec
        self.limits = _NOTHING
        self.used = 0
        self.wide = 0
        """Seats used by requests that take more than one."""
        self.short = False
        """Whether a request waits for seats that others have."""
        self.running: set[Ticket] = set()
        self.queues = QueueSet()

        self.ending = False
        """It is not wanted any more, and goes with its last request."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name
