"""Keeps every resource cache in step with the store, through one watch over all keys.

One consumer sees all changes in revision order, so `revision` is true for every resource at once: whoever waited
for revision N sees N everywhere. Only this module reads the store's watch. It must never apply a change twice or
skip one: after a gap (the store compacted what we had not read) everything is loaded again and all watches end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any, Protocol

from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.cache.watcher import Watcher
from podwright.store.protocol import Compacted, KeyValue, Store, StoreError, StoreUnavailable, WatchBatch

log = logging.getLogger(__name__)

ROOT = "/registry/"
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_WAIT_SECONDS = 10.0


class SharedQuestion:
    """Asks for a number; callers that come while someone is asking share the next answer, not the present one.

    With a store across the network that is one question for many reads; with one in this process nobody ever waits.
    """

    def __init__(self, ask: Callable[[], Awaitable[int]]) -> None:
        self._ask = ask
        self._begun = 0  # questions begun so far
        self._answered = 0  # number of the newest question that has an answer
        self._answer = 0
        self._asking = False
        self._turn: asyncio.Future[None] | None = None

    async def ask(self) -> int:
        """Return an answer to a question that was begun after this call."""
        arrived = self._begun
        while self._asking:
            if self._turn is None:
                self._turn = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._turn)
            if self._answered > arrived:
                return self._answer
        self._asking = True
        self._begun += 1
        number = self._begun
        try:
            answer = await self._ask()
            self._answered, self._answer = number, answer
            return answer
        finally:
            self._asking = False
            turn, self._turn = self._turn, None
            if turn is not None:
                turn.set_result(None)


class Follower(Protocol):
    """What the feed tells of the keys of one resource."""

    def load(self, items: list[KeyValue], revision: int) -> None:
        """Replace everything."""
        ...

    def apply(self, key: str, value: bytes | None, revision: int, dirty: set[Watcher[Any]]) -> None:
        """Take one change."""
        ...


class Joining:
    """Stands in for a cache that is being loaded; the one that it will replace goes on being told."""

    def __init__(self, before: Follower | None) -> None:
        self.before = before
        self._loaded: tuple[list[KeyValue], int] | None = None
        self._changes: list[tuple[str, bytes | None, int]] = []

    def load(self, items: list[KeyValue], revision: int) -> None:
        """Keep a newer state for later."""
        self._loaded = (items, revision)
        self._changes.clear()
        if self.before is not None:
            self.before.load(items, revision)

    def apply(self, key: str, value: bytes | None, revision: int, dirty: set[Watcher[Any]]) -> None:
        """Keep a change for later."""
        self._changes.append((key, value, revision))
        if self.before is not None:
            self.before.apply(key, value, revision, dirty)

    def fill(self, cache: ResourceCache, items: list[KeyValue], revision: int) -> None:
        """Bring the cache to the state of now, given what was read at a revision."""
        if self._loaded is not None and self._loaded[1] >= revision:
            items, revision = self._loaded
        cache.load(items, revision)
        dirty: set[Watcher[Any]] = set()  # nobody watches it yet
        for key, value, changed in self._changes:
            if changed > revision:
                cache.apply(key, value, changed, dirty)


class Listener(Protocol):
    """Is told of every change, right after it was applied. It must be quick."""

    def __call__(self, key: str, *, gone: bool) -> None:
        """Take note of one changed key."""
        ...


class Feed:
    """Owns the caches; `caches` maps the key segment after /registry/ to its cache."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.caches: dict[str, Follower] = {}
        self.revision = 0
        self.loaded = False
        self.listener: Listener | None = None
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._serial = count()
        self._task: asyncio.Task[None] | None = None
        self._newest = SharedQuestion(store.current_revision)
        self._exclusive = store.exclusive

    def add(self, cache: ResourceCache) -> None:
        """Follow one more resource; before `start`."""
        self.caches[_segment(cache)] = cache

    async def join(self, cache: ResourceCache) -> None:
        """Load one more resource while running and follow it, in place of the cache that followed its keys before.

        Raises StoreError. What changes while it loads is kept aside, so nothing is lost between load and follow.
        """
        name = _segment(cache)
        joining = self.caches[name] = Joining(self.caches.get(name))
        try:
            result = await self.store.range(cache.prefix)
            await self.reached(result.revision)
        except BaseException:
            if joining.before is None:
                self.caches.pop(name, None)
            else:
                self.caches[name] = joining.before
            raise
        joining.fill(cache, result.items, result.revision)
        self.caches[name] = cache

    def leave(self, cache: ResourceCache) -> None:
        """Follow a resource no more."""
        if self.caches.get(_segment(cache)) is cache:
            del self.caches[_segment(cache)]

    async def start(self) -> None:
        """Load everything and begin to follow. Raises StoreError."""
        await self._load()
        self._task = asyncio.create_task(self._run(), name="watch-cache-feed")

    async def stop(self) -> None:
        """Stop following; waiting readers fail."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for _, _, future in self._waiters:
            if not future.done():
                future.set_exception(StoreUnavailable("the server is stopping"))
        self._waiters.clear()

    async def reached(self, revision: int) -> None:
        """Wait until every cache shows `revision`. Raises StoreUnavailable when that takes too long."""
        if self.revision >= revision:
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        heappush(self._waiters, (revision, next(self._serial), future))
        timer = loop.call_later(_WAIT_SECONDS, _expire, future, revision)
        try:
            await future
        finally:
            timer.cancel()

    async def fresh(self) -> None:
        """Wait until the caches show everything that any client of the store was told of before this call.

        Who writes through this process is answered when the caches show it, and refused when they show why: where
        nobody else writes there is nothing to wait for.
        """
        if not self._exclusive:
            await self.caught_up()

    async def refused(self) -> None:
        """Before a refusal of a write is answered: wait until reads, which do not wait, show what it may speak of."""
        if self._exclusive:
            await self.caught_up()

    async def caught_up(self) -> None:
        """Wait until the caches show everything that the store held when this was called."""
        revision = await self._newest.ask()
        if revision > self.revision:
            await self.reached(revision)

    # -- following

    async def _load(self) -> None:
        result = await self.store.range(ROOT)
        groups: dict[str, list[KeyValue]] = {name: [] for name in self.caches}
        size = len(ROOT)
        for kv in result.items:
            group = groups.get(kv.key[size : kv.key.find("/", size)])
            if group is not None:
                group.append(kv)
        for name, cache in self.caches.items():
            cache.load(groups[name], result.revision)
        self._advance(result.revision)
        self.loaded = True

    async def _run(self) -> None:
        failures = 0
        while True:
            stream = self.store.watch(ROOT, from_revision=self.revision + 1)
            try:
                async for batch in stream:
                    failures = 0
                    self._apply(batch)
            except Compacted:
                log.warning("Cannot follow the store: its history is gone; loading everything again")
                await self._reload()
            except StoreError as error:
                log.warning("Cannot follow the store: %s", error)
            finally:
                await stream.aclose()
            await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
            failures += 1

    async def _reload(self) -> None:
        for failures in count():
            try:
                await self._load()
            except StoreError as error:
                log.warning("Cannot load from the store: %s", error)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
            else:
                return

    def _apply(self, batch: WatchBatch) -> None:
        dirty: set[Watcher[Any]] = set()
        size = len(ROOT)
        caches = self.caches
        for event in batch.events:
            key = event.key
            cache = caches.get(key[size : key.find("/", size)])
            if cache is not None:
                cache.apply(key, event.value, event.mod_revision, dirty)
        if self.listener is not None:
            for event in batch.events:
                self.listener(event.key, gone=event.value is None)
        self._advance(batch.revision)
        for watcher in dirty:
            watcher.flush()

    def _advance(self, revision: int) -> None:
        self.revision = max(self.revision, revision)
        waiters = self._waiters
        while waiters and waiters[0][0] <= self.revision:
            future = heappop(waiters)[2]
            if not future.done():
                future.set_result(None)


def _segment(cache: ResourceCache) -> str:
    return cache.prefix[len(ROOT) : -1]


def _expire(future: asyncio.Future[None], revision: int) -> None:
    if not future.done():
        future.set_exception(StoreUnavailable(f"the watch cache did not reach revision {revision} in time"))
