"""What the server does by itself from time to time: bookmarks, forgetting history, removing old Events.

Each chore is one owned task; a chore that fails is logged and comes again at its next turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from podwright.apiserver.cache.item import Item
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.watching import send_bookmarks
from podwright.apiserver.tuning import give_memory_back
from podwright.client.transport import Transport
from podwright.store.protocol import Compacted, Compare, Delete, StoreError

log = logging.getLogger(__name__)
_MINUTE = 60.0
_FILES = 2.0
"""Seconds between two looks at files that may be changed while the server runs."""
_IDLE = 10.0
_BATCH = 128  # Events removed in one txn


class RevisionClock:
    """Remembers which revision it was when: (seconds, revision) samples of a limited past."""

    def __init__(self, keep_seconds: float) -> None:
        self._keep = keep_seconds
        self._samples: deque[tuple[float, int]] = deque()

    def note(self, seconds: float, revision: int) -> None:
        """Take a sample."""
        self._samples.append((seconds, revision))

    def before(self, seconds: float) -> int:
        """The newest revision known to be from `seconds` or before; 0 when that is too long ago to know."""
        found = 0
        while self._samples and self._samples[0][0] <= seconds:
            found = self._samples[0][1]
            if len(self._samples) > 1 and self._samples[1][0] <= seconds:
                self._samples.popleft()
            else:
                break
        return found


class ChangingFile:
    """A file that may be changed while the server runs."""

    def __init__(self, path: Path, changed: Callable[[Path], Awaitable[None]]) -> None:
        self._path = path
        self._changed = changed
        self._seen = self._state()

    def _state(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    async def look(self) -> None:
        """Tell of a change since the last look; a file that is gone tells nothing."""
        state = await asyncio.to_thread(self._state)
        if state and state != self._seen:
            self._seen = state
            await self._changed(self._path)


class Housekeeping:
    """Owns the tasks."""

    def __init__(self, registry: Registry, config: ServerConfig, transport: Transport) -> None:
        self._registry = registry
        self._transport = transport
        self._config = config
        self._revisions = RevisionClock(config.event_ttl_seconds)
        self._tasks: list[asyncio.Task[None]] = []
        self._files: list[ChangingFile] = []
        self._more: list[tuple[str, float, Callable[[], Awaitable[None]]]] = []

    def start(self) -> None:
        """Begin."""
        chores: tuple[tuple[str, float, Callable[[], Awaitable[None]]], ...] = (
            ("watch-bookmarks", self._config.bookmark_seconds, self._bookmarks),
            ("store-compaction", _MINUTE, self._compact),
            ("event-expiry", _MINUTE, self._expire_events),
            ("flow-schemas", _MINUTE, self._keep_flows),
            ("changed-files", _FILES, self._look_at_files),
            ("memory", _IDLE, _give_back),
        )
        for name, seconds, chore in (*chores, *self._more):
            self._tasks.append(asyncio.create_task(_repeat(name, seconds, chore), name=name))

    def add(self, name: str, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
        """Have one more chore done every so many seconds; before `start`."""
        self._more.append((name, seconds, chore))

    def follow(self, path: Path, changed: Callable[[Path], Awaitable[None]]) -> None:
        """Have `changed` called when a file is not as it was; before `start`. It has to answer for what it raises."""
        self._files.append(ChangingFile(path, changed))

    async def _look_at_files(self) -> None:
        for file in self._files:
            await file.look()

    async def stop(self) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def _bookmarks(self) -> None:
        send_bookmarks(self._registry)

    async def _compact(self) -> None:
        store = self._registry.store
        oldest = self._registry.clock().timestamp() - self._config.compact_after_seconds
        with contextlib.suppress(Compacted):  # the store does not remember that far back: nothing to forget yet
            await store.compact(await store.revision_at(oldest))

    async def _keep_flows(self) -> None:
        from podwright.apiserver.fairness.keeping import keep

        await keep(self._transport)

    async def _expire_events(self) -> None:
        await self.expire_events(self._registry.clock().timestamp())

    async def expire_events(self, now: float) -> int:
        """Remove Events that nobody touched for their time to live; returns how many. `now` is in Unix seconds."""
        self._revisions.note(now, self._registry.feed.revision)
        limit = self._revisions.before(now - self._config.event_ttl_seconds)
        cache = self._registry.endpoints["", "v1", "events"].cache
        old = [item for item in cache.iterate() if item.revision <= limit]
        for start in range(0, len(old), _BATCH):
            await self._remove(old[start : start + _BATCH])
        return len(old)

    async def _remove(self, items: list[Item]) -> None:
        compares = [Compare(item.key, item.revision) for item in items]
        result = await self._registry.store.txn(compares, [Delete(item.key) for item in items])
        if not result.succeeded:  # one of them changed meanwhile: the others one by one
            for item in items:
                await self._registry.store.txn([Compare(item.key, item.revision)], [Delete(item.key)])


async def _give_back() -> None:
    await asyncio.to_thread(give_memory_back)


async def _repeat(name: str, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await chore()
        except StoreError as error:
            log.warning("Cannot do %s now: %s", name, error)
