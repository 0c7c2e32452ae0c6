"""Lets a working thread have the interpreter while the event loop is busy.

A thread that comes out of a system call needs the interpreter's lock. A busy loop lets go of it often, for the few
microseconds of a send, and each time the thread is woken, comes too late and begins to wait anew: so it never gets as
far as demanding the lock (after the switch interval), and 15 ms pass. Here the loop stands still for the moment that
the thread needs: right after work was handed over, and now and then while it is not done: seldom for a client that
has much under way, since large batches cost less, soon for one that waits for little. It must never stand still longer
than `_PAUSE`, nor when there is nothing to wait for.
"""

from __future__ import annotations

import asyncio
from queue import Empty, SimpleQueue
from typing import Final

_SOON: Final = 0.0015
"""Seconds from one pause to the next while somebody waits for little."""
_SELDOM: Final = 0.005
"""Seconds while everybody waits for much."""
_LITTLE: Final = 2
"""So many pieces of work are little."""
_PAUSE: Final = 0.0002
"""Seconds that a pause lasts at most. A pause in vain doubles the time until the next: the disk is slow."""


class GivingWay:
    """One thread works, one loop waits for what it does. All but `taken` is for the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._open: dict[object, int] = {}  # pieces of work handed over and not done, by whose they are
        self._next: asyncio.Handle | None = None
        self._is_soon = True  # the next pause is
        self._factor = 1
        self._pausing = False
        self._taken: SimpleQueue[None] = SimpleQueue()

    def handed_over(self, whose: object) -> None:
        """The thread has one more piece of work: let it begin when the loop has nothing else at hand."""
        count = self._open[whose] = self._open.get(whose, 0) + 1
        if self._next is None:
            self._is_soon = True
            self._next = self._loop.call_soon(self._give_way)
        elif count <= _LITTLE and not self._is_soon:
            self._next.cancel()
            self._is_soon = True
            self._next = self._loop.call_later(_SOON, self._give_way)

    def done(self, whose: object) -> None:
        """A piece of work is done."""
        self._factor = 1
        count = self._open[whose] - 1
        if count:
            self._open[whose] = count
        else:
            del self._open[whose]

    def close(self) -> None:
        """Nothing more is handed over."""
        if self._next is not None:
            self._next.cancel()

    def taken(self) -> None:
        """The thread says: I have what I need and am off without the interpreter, for work or for sleep."""
        if self._pausing:
            self._pausing = False
            self._taken.put(None)

    def _give_way(self) -> None:
        self._next = None
        if not self._open:
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
        self._is_soon = min(self._open.values()) <= _LITTLE
        self._next = self._loop.call_later((_SOON if self._is_soon else _SELDOM) * self._factor, self._give_way)
