"""Stores of every kind to run the contract suite against."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from podwright.store.memory import MemoryStore
from podwright.store.protocol import Store, WatchBatch
from podwright.store.sqlite import SqliteStore

OpenStore = Callable[[Path], Awaitable[Store]]


@pytest.fixture(params=["memory", "sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def open_empty(request) -> OpenStore:
    """Open an empty store of the kind under test; the folder must be a new one."""

    async def memory(_folder: Path) -> Store:
        return MemoryStore()

    async def sqlite(folder: Path) -> Store:
        return await SqliteStore.open(folder / "state.db")

    if request.param == "etcd":
        return request.getfixturevalue("open_empty_etcd")
    return {"memory": memory, "sqlite": sqlite}[request.param]


@pytest.fixture
async def store(open_empty, tmp_path) -> AsyncIterator[Store]:
    opened = await open_empty(tmp_path)
    yield opened
    await opened.close()


class Follower:
    """Reads a watch into memory and checks, batch by batch, what every watch promises."""

    def __init__(self, store: Store, prefix: str, from_revision: int) -> None:
        self.stream = store.watch(prefix, from_revision=from_revision)
        self.batches: list[WatchBatch] = []
        self.events = []
        self.revision = 0
        self._prefix, self._first = prefix, from_revision
        self._moved = asyncio.Condition()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async for batch in self.stream:
                self._check(batch)
                async with self._moved:
                    self.batches.append(batch)
                    self.events += batch.events
                    self.revision = batch.revision
                    self._moved.notify_all()
        finally:
            async with self._moved:
                self._moved.notify_all()

    def _check(self, batch: WatchBatch) -> None:
        assert batch.revision >= self.revision, "went backwards"
        revisions = [event.mod_revision for event in batch.events]
        assert revisions == sorted(revisions), "out of order"
        for event in batch.events:
            assert event.key.startswith(self._prefix)
            assert event.mod_revision >= self._first
            assert self.revision < event.mod_revision <= batch.revision, (
                "a revision was repeated, split or promised early"
            )

    async def until(self, revision: int) -> list:
        """Wait until complete up to `revision`; return all events so far."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.revision >= revision or self.task.done())
        if self.task.done():
            await self.task
        return self.events

    async def stop(self) -> None:
        await self.stream.aclose()
        with contextlib.suppress(Exception):
            await self.task


@pytest.fixture
async def follow(store) -> AsyncIterator[Callable[..., Follower]]:
    """Start following a prefix of the store under test."""
    followers: list[Follower] = []

    def start(prefix: str = "", *, from_revision: int = 0, of: Store = store) -> Follower:
        followers.append(Follower(of, prefix, from_revision))
        return followers[-1]

    yield start
    for follower in followers:
        await follower.stop()
