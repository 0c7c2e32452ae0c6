"""Runs a coroutine step by step, each when it is its flow's turn.

What the coroutine waits for is handed on to its task as it is; only between the wait and the next step the turn is
asked for. A cancelled coroutine does not wait for turns any more: what it holds is to be free soon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Generic, TypeVar

from podwright.apiserver.fairness.queues import Ticket
from podwright.apiserver.fairness.turns import Lane, Turns

T = TypeVar("T")


class Steps(Generic[T]):
    """Await it once. What the steps take is added to the ticket.

    While it waits for its turn it is what the task waits for: like a future, but the task goes on in the very moment.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_context",
        "_coroutine",
        "_gone",
        "_lane",
        "_loop",
        "_ticket",
        "_turns",
        "_wake",
    )

    def __init__(self, turns: Turns, lane: Lane, ticket: Ticket, coroutine: Coroutine[Any, Any, T]) -> None:
        self._turns = turns
        self._lane = lane
        self._ticket = ticket
        self._coroutine = coroutine
        self._wake: Callable[[object], object] | None = None

    def __await__(self) -> Generator[Any, None, T]:
        """Run the coroutine to its end."""
        turns, lane, ticket, coroutine = self._turns, self._lane, self._ticket, self._coroutine
        clock, charge = turns.clock, turns.charge
        error: BaseException | None = None
        while True:
            if error is None and (turns.waiting or turns.spent >= turns.slice) and not turns.may_run(lane):
                self._gone = False
                self._asyncio_future_blocking = True  # what tasks know a future by
                turns.wait(lane, ticket.number, self._go)
                try:
                    yield self
                except BaseException as cancelled:  # noqa: BLE001 - it is the coroutine's to handle
                    error = cancelled
            begin = clock()
            try:
                waited = coroutine.send(None) if error is None else coroutine.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                seconds = clock() - begin
                ticket.spent += seconds
                charge(lane, seconds)
            error = None
            try:
                yield waited
            except BaseException as thrown:  # noqa: BLE001 - as above
                error = thrown

    # -- what a task asks of a future

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the task that waits."""
        self._loop = asyncio.get_running_loop()
        return self._loop

    def add_done_callback(self, wake: Callable[[object], object], *, context: Context | None = None) -> None:
        """Remember the task that waits."""
        self._wake, self._context = wake, context

    def result(self) -> None:
        """Nothing, or CancelledError."""
        if self._gone:
            raise asyncio.CancelledError

    def cancel(self, msg: object = None) -> bool:
        """Wake the task, which is cancelled."""
        del msg
        wake, self._wake = self._wake, None
        if wake is None:
            return False
        self._gone = True
        self._loop.call_soon(wake, self, context=self._context)
        return True

    def _go(self) -> None:
        wake, self._wake = self._wake, None
        if wake is not None and self._context is not None:
            self._context.run(wake, self)
