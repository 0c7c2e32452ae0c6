"""Fan-out of committed changes to watchers in this process.

A store publishes each commit once; every subscription takes the events under its prefix. Buffers are bounded:
a subscription that does not keep up loses its buffer and re-reads the store's history instead, until that
is compacted away and it gets Compacted. So memory stays bounded and a slow reader never slows the writer.

All of it runs on the event loop's thread; it must never block or touch storage itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

from podwright.store.protocol import Event, StoreError, WatchBatch

PROGRESS_SECONDS = 4.0
BUFFER_EVENTS = 4096
BUFFER_BYTES = 8 << 20

# (from, to) -> one page of the events from revision `from` on, and the revision (<= to) the page is complete up to.
# Raises Compacted.
ReadHistory = Callable[[int, int], Awaitable[tuple[list[Event], int]]]


class Hub:
    """All subscriptions of one store. `revision` is the newest one published."""

    def __init__(self, revision: int, history: ReadHistory) -> None:
        self.revision = revision
        self._history = history
        self._subscriptions: set[Subscription] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed: StoreError | None = None
        self._is_closed = False

    def publish(self, events: Sequence[Event], revision: int) -> None:
        """Hand out everything that happened after the last call up to `revision`, in revision order."""
        self.revision = revision
        for subscription in self._subscriptions:
            subscription.offer(events, revision)

    def subscribe(self, prefix: str, from_revision: int) -> Subscription:
        """Begin a watch with `from_revision` (0: after the newest published revision)."""
        first = from_revision or self.revision + 1
        subscription = Subscription(self, prefix, first, self._history)
        if self._is_closed:
            subscription.end(self._closed)
            return subscription
        self._subscriptions.add(subscription)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PROGRESS_SECONDS, self._tick)
        return subscription

    def reset(self, revision: int, error: StoreError) -> None:
        """Go on at `revision` though what was between is lost: every watch open now ends with `error`."""
        self.revision = revision
        for subscription in list(self._subscriptions):
            subscription.end(error)

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        self._subscriptions.discard(subscription)

    def close(self, error: StoreError | None = None) -> None:
        """End every watch: with `error`, or quietly."""
        self._is_closed, self._closed = True, error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for subscription in list(self._subscriptions):
            subscription.end(error)
        self._subscriptions.clear()

    def _tick(self) -> None:
        self._timer = None
        if not self._subscriptions:
            return
        for subscription in self._subscriptions:
            subscription.wake()
        self._timer = asyncio.get_running_loop().call_later(PROGRESS_SECONDS, self._tick)


class Subscription:
    """One watch (a `WatchStream`).

    Invariants: everything before `_next` was delivered; `_buffer` holds the matching events after `_replay_to` up to
    `_revision`; revisions from `_next` to `_replay_to`, if any, must be read from history first.
    """

    def __init__(self, hub: Hub, prefix: str, first: int, history: ReadHistory) -> None:
        self._hub = hub
        self._prefix = prefix
        self._history = history
        self._next = first
        self._replay_to = hub.revision
        self._revision = hub.revision
        self._buffer: list[Event] = []
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._due = True  # the first batch comes at once
        self._ended = False
        self._error: StoreError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchBatch:
        while True:
            if self._ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            if self._next <= self._replay_to:
                batch = await self._replay()
                if batch is not None:
                    return batch
            elif self._due:
                return self._take()
            else:
                await self._wait()

    async def aclose(self) -> None:
        """Stop watching."""
        self.end(None)

    def offer(self, events: Sequence[Event], revision: int) -> None:
        """Take what matches; on overflow drop the buffer and fall back to history."""
        self._revision = revision
        prefix, first = self._prefix, self._next
        for event in events:
            if event.key.startswith(prefix) and event.mod_revision >= first:
                self._buffer.append(event)
                self._bytes += len(event.value or b"")
        if len(self._buffer) > BUFFER_EVENTS or self._bytes > BUFFER_BYTES:
            self._clear()
            self._replay_to = revision
        self.wake()

    def wake(self) -> None:
        """Let the reader look; it will report at least progress."""
        self._due = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def end(self, error: StoreError | None) -> None:
        """Finish the iteration, with `error` or quietly."""
        if not self._ended:
            self._ended, self._error = True, error
            self._clear()
            self._hub.drop(self)
            self.wake()

    def _clear(self) -> None:
        self._buffer, self._bytes = [], 0

    def _take(self) -> WatchBatch:
        events = self._buffer
        self._clear()
        self._due = False
        # A watch may begin with a revision of the future: nothing before it counts.
        self._next = max(self._next, self._revision + 1)
        return WatchBatch(events, self._revision)

    async def _replay(self) -> WatchBatch | None:
        """Read one page of history; None when it held nothing for us and more follows."""
        try:
            events, upto = await self._history(self._next, self._replay_to)
        except StoreError:
            self.end(None)
            raise
        if self._ended:
            return None
        self._next = upto + 1
        mine = [event for event in events if event.key.startswith(self._prefix)]
        if not mine and (self._next <= self._replay_to or self._buffer):
            return None
        if self._next > self._replay_to and not self._buffer:
            self._due = self._revision > upto
        return WatchBatch(mine, upto)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
