"""A store that lives in memory and forgets everything at exit: for tests and for trying things out.

It must behave exactly like the durable ones, history, compaction and all; the contract suite holds it to that.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from podwright.store.hub import Hub
from podwright.store.keys import check_ops, prefix_end
from podwright.store.protocol import (
    Compacted,
    Compare,
    Delete,
    Event,
    FutureRevision,
    KeyValue,
    Put,
    RangeResult,
    StoreUnavailable,
    TxnResult,
    WatchStream,
)

_PAGE = 500  # revisions replayed to a watcher at a time


@dataclass(slots=True)
class _Versions:
    """One key's life: parallel lists, `states[i]` holds from `revisions[i]` on (None: deleted)."""

    revisions: list[int] = field(default_factory=list)
    states: list[KeyValue | None] = field(default_factory=list)

    def at(self, revision: int) -> KeyValue | None:
        index = bisect_right(self.revisions, revision) - 1
        return self.states[index] if index >= 0 else None

    def forget_before(self, revision: int) -> bool:
        """Drop what ended before `revision`; tell whether anything is left."""
        index = max(bisect_right(self.revisions, revision) - 1, 0)
        if self.revisions[index] <= revision and self.states[index] is None:
            index += 1
        del self.revisions[:index], self.states[:index]
        return bool(self.revisions)


@dataclass(frozen=True, slots=True)
class _Commit:
    revision: int
    time: float
    events: list[Event]


class MemoryStore:
    """`Store` in plain Python containers. Not durable; one event loop."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._keys: list[str] = []
        self._versions: dict[str, _Versions] = {}
        self._log: list[_Commit] = []
        self._compacted = 0
        self._floor_time = clock()
        self._revision = 1
        self._hub = Hub(1, self._history)
        self._closed = False

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return False

    @property
    def oldest(self) -> int:
        """See `Store.oldest`."""
        return self._compacted

    async def get(self, key: str, *, revision: int = 0) -> KeyValue | None:
        """See `Store.get`."""
        at = self._readable(revision)
        versions = self._versions.get(key)
        return versions.at(at) if versions else None

    async def range(self, prefix: str, *, start: str = "", limit: int = 0, revision: int = 0) -> RangeResult:
        """See `Store.range`."""
        at = self._readable(revision)
        end = prefix_end(prefix)
        first = bisect_left(self._keys, max(prefix, start))
        last = len(self._keys) if end is None else bisect_left(self._keys, end)
        found = [state for key in self._keys[first:last] if (state := self._versions[key].at(at)) is not None]
        return RangeResult(found[:limit] if limit else found, at, len(found))

    async def txn(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> TxnResult:
        """See `Store.txn`; atomic because nothing here awaits before it is done."""
        self._check_open()
        check_ops(ops)
        now = {compare.key: self._now(compare.key) for compare in compares}
        for compare in compares:
            state = now[compare.key]
            if compare.mod_revision != (state.mod_revision if state else 0):
                return TxnResult(succeeded=False, revision=self._revision, current=now)
        events = [event for op in ops if (event := self._apply(op, self._revision + 1)) is not None]
        if events:
            self._revision += 1
            self._log.append(_Commit(self._revision, self._clock(), events))
            self._hub.publish(events, self._revision)
        await asyncio.sleep(0)  # as with a real store, others run before the caller sees the answer
        return TxnResult(succeeded=True, revision=self._revision if not events else events[0].mod_revision, current={})

    def watch(self, prefix: str, *, from_revision: int) -> WatchStream:
        """See `Store.watch`."""
        return self._hub.subscribe(prefix, from_revision)

    async def compact(self, revision: int) -> None:
        """See `Store.compact`."""
        self._check_open()
        if revision > self._revision:
            raise FutureRevision(self._revision)
        if revision <= self._compacted:
            return
        self._compacted = revision
        cut = bisect_right(self._log, revision, key=lambda commit: commit.revision)
        if cut:
            self._floor_time = self._log[cut - 1].time
            del self._log[:cut]
        gone = {key for key, versions in self._versions.items() if not versions.forget_before(revision)}
        for key in gone:
            del self._versions[key]
        self._keys = [key for key in self._keys if key not in gone]

    async def current_revision(self) -> int:
        """See `Store.current_revision`."""
        self._check_open()
        return self._revision

    async def revision_at(self, timestamp: float) -> int:
        """See `Store.revision_at`."""
        self._check_open()
        if timestamp < self._floor_time:
            raise Compacted(self._compacted)
        index = bisect_right(self._log, timestamp, key=lambda commit: commit.time)
        return self._log[index - 1].revision if index else max(self._compacted, 1)

    async def close(self) -> None:
        """End all watches."""
        self._closed = True
        self._hub.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("cannot use the store: it is closed")

    def _readable(self, revision: int) -> int:
        self._check_open()
        if revision > self._revision:
            raise FutureRevision(self._revision)
        if revision and revision < self._compacted:
            raise Compacted(self._compacted)
        return revision or self._revision

    def _now(self, key: str) -> KeyValue | None:
        versions = self._versions.get(key)
        return versions.states[-1] if versions else None

    def _apply(self, op: Put | Delete, revision: int) -> Event | None:
        before = self._now(op.key)
        if isinstance(op, Delete):
            if before is None:
                return None
            state = None
        else:
            state = KeyValue(op.key, op.value, before.create_revision if before else revision, revision)
        event = Event(op.key, None if state is None else state.value, revision)
        versions = self._versions.get(op.key)
        if versions is None:
            versions = self._versions[op.key] = _Versions()
            self._keys.insert(bisect_left(self._keys, op.key), op.key)
        versions.revisions.append(revision)
        versions.states.append(state)
        return event

    async def _history(self, first: int, last: int) -> tuple[list[Event], int]:
        if first <= self._compacted:
            raise Compacted(self._compacted)
        index = bisect_left(self._log, first, key=lambda commit: commit.revision)
        page = self._log[index : index + _PAGE]
        events = [event for commit in page if commit.revision <= last for event in commit.events]
        return events, min(page[-1].revision, last) if len(page) == _PAGE else last
