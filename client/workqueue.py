"""The queue between events and workers: keys, each at most once, never by two workers at a time.

Three sets make it work: `queue` (waiting, in order), `dirty` (must be worked on), `processing` (being worked on).
A key added while a worker has it is only marked dirty, and queued again when the worker is done. So losing or
doubling events never changes what gets done. It holds keys, never objects; its size is bounded by their number.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class QueueShutDown(Exception):
    """The queue gives out nothing any more."""


class WorkQueue(Generic[K]):
    """Keys for workers. `first` and `limit` in seconds bound the waiting of `add_rate_limited`."""

    def __init__(self, *, first: float = 0.005, limit: float = 60.0) -> None:
        self._queue: deque[K] = deque()
        self._dirty: set[K] = set()
        self._processing: set[K] = set()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._first = first
        self._limit = limit
        self._closed = False

    def __len__(self) -> int:
        """Return how many keys wait for a worker now."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        """Whether nothing waits, is worked on, or will come by itself."""
        return not (self._queue or self._processing or self._timers)

    def add(self, key: K) -> None:
        """Ask for work on a key. Does nothing if it is asked for already, or after shut_down."""
        if self._closed or key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._processing:
            self._queue.append(key)
            self._wake()

    def add_after(self, key: K, seconds: float) -> None:
        """Ask for work on a key later; of several times, the earliest counts. Needs a running loop."""
        if self._closed:
            return
        if seconds <= 0:
            self.add(key)
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= when:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(when, self._ripe, key)

    def add_rate_limited(self, key: K) -> None:
        """Ask for work on a key that failed: later each time, until `forget`."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(self._limit, self._first * 2.0 ** min(failures, 32)))

    def forget(self, key: K) -> None:
        """The key worked: the next failure waits shortly again."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        """Return how often a key was put back since it last worked."""
        return self._failures.get(key, 0)

    async def get(self) -> K:
        """Take the next key; call `done` with it afterwards. Raises QueueShutDown when there will be none."""
        while not self._queue:
            if self._closed:
                raise QueueShutDown
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                # Cancelled with a key already promised: pass the promise on.
                if waiter.done() and not waiter.cancelled():
                    self._wake()
                raise
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        key = self._queue.popleft()
        self._processing.add(key)
        self._dirty.discard(key)
        return key

    def done(self, key: K) -> None:
        """Give a key back; if it was asked for meanwhile it waits again."""
        self._processing.discard(key)
        if key in self._dirty:
            self._queue.append(key)
            self._wake()

    def shut_down(self) -> None:
        """Take no more keys; what waits is still given out, then workers end."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        while self._waiters:
            self._wake()

    async def __aiter__(self) -> AsyncIterator[K]:
        """Yield keys until shut_down; the loop's body calls `done`."""
        while True:
            try:
                key = await self.get()
            except QueueShutDown:
                return
            yield key

    def _ripe(self, key: K) -> None:
        self._timers.pop(key, None)
        self.add(key)

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
