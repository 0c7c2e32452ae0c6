"""Lets a working thread have the interpreter while the event loop is busy.

A thread that comes out of a system call needs the interpreter's lock. A busy loop lets go of it often, for the few
microseconds of a send, and each time the thread is woken, comes too late and begins to wait anew: so it never gets as
far as demanding the lock (after the switch interval), and 15 ms pass. Here the loop stands still for the moment that
the thread needs, as long as somebody waits who asked for little. For those who have much under way it does not: large
batches cost less, and they would only wait for themselves. It must never stand still longer than `_PAUSE`, nor when
there is nothing to wait for.
"""

from __future__ import annotations

import asyncio
from queue import Empty, SimpleQueue
from typing import Final

_LITTLE: Final = 2
"""So many pieces of work at once are little."""
_SOON: Final = 0.0007
"""Seconds from one pause to the next."""
_REMEMBERED: Final = 64
"""Clients of which it is remembered how much they asked for lately."""
_PAUSE: Final = 0.0002
"""Seconds that a pause lasts at most. A pause in vain doubles the time until the next: the disk is slow."""


class _Wishes:
    """What one client has under way, and the most that it had lately."""

    __slots__ = ("most", "open")

    def __init__(self) -> None:
        self.open = self.most = 0


class GivingWay:
    """One thread works, one loop waits for what it does. All but `taken` is for the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wishes: dict[object, _Wishes] = {}
        self._next: asyncio.Handle | None = None
        self._factor = 1
        self._pausing = False
        self._taken: SimpleQueue[None] = SimpleQueue()

    def handed_over(self, whose: object) -> None:
        """The thread has one more piece of work: let it begin when the loop has nothing else at hand."""
        wishes = self._wishes.get(whose)
        if wishes is None:
            wishes = self._remember(whose)
        wishes.open += 1
        wishes.most = max(wishes.most, wishes.open)
        if wishes.most <= _LITTLE and self._next is None:
            self._next = self._loop.call_soon(self._give_way)

    def done(self, whose: object) -> None:
        """A piece of work is done."""
        self._factor = 1
        wishes = self._wishes[whose]
        wishes.open -= 1
        if not wishes.open:
            wishes.most -= 1

    def close(self) -> None:
        """Nothing more is handed over."""
        if self._next is not None:
            self._next.cancel()

    def taken(self) -> None:
        """The thread says: I have what I need and am off without the interpreter, for work or for sleep."""
        if self._pausing:
            self._pausing = False
            self._taken.put(None)

    def _remember(self, whose: object) -> _Wishes:
        if len(self._wishes) >= _REMEMBERED:
            self._wishes = {key: wishes for key, wishes in self._wishes.items() if wishes.open}
        made = self._wishes[whose] = _Wishes()
        return made

    def _give_way(self) -> None:
        self._next = None
        if not any(wishes.open and wishes.most <= _LITTLE for wishes in self._wishes.values()):
            return
        while not self._taken.empty():  # taken in the moment in which the last pause was over
            self._taken.get_nowait()
        self._pausing = True
        try:
            self._taken.get(timeout=_PAUSE)
            self._factor = 1
        except Empty:
            self._factor *= 2
        self._pausing = False
        self._next = self._loop.call_later(_SOON * self._factor, self._give_way)
