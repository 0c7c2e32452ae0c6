"""The embedded store: one SQLite file, full durability, no other process needed.

Txns are decided on the event loop against the live keys in memory, in order, each atomically with its own
revision; a writer thread makes all that wait durable at once. An answer, even a refusal, is given only after
everything it was decided on is on disk. Watchers are fed from memory right after each commit; only reads of old
revisions, lists and late watchers go to the file, through a reader thread.

When a write fails (a full disk), all txns decided after it fail too, the live keys are read anew from the file,
and the store goes on: revisions may skip, never repeat.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from podwright.store import sqlite_file as file
from podwright.store.hub import Hub
from podwright.store.keys import check_ops
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
from podwright.store.sqlite_checkpoints import Checkpoints
from podwright.store.sqlite_live import Live
from podwright.store.sqlite_lock import FileLock
from podwright.store.sqlite_writer import Batch, Command, Write, Writer
from podwright.store.whose import WHOSE

RETENTION_SECONDS = 600.0

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class SqliteStore:
    """`Store` on one file. Open with `await SqliteStore.open(...)`; one process at a time."""

    def __init__(
        self,
        *,
        path: Path,
        lock: FileLock,
        writer_db: sqlite3.Connection,
        reader_db: sqlite3.Connection,
        meta: file.Meta,
        live: Live,
        retention_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        """Take over opened connections; use `open` instead."""
        self._path = path
        self._lock = lock
        self._clock = clock
        self._live = live
        self._epoch = 0
        self._compacted = meta.compact_revision
        self._floor_ms = meta.floor_time
        self._down: str | None = None  # why txns are refused right now
        self._hub = Hub(live.revision, self._history)
        self._reading = reader_db
        self._reader = ThreadPoolExecutor(1, "store-reader")
        self._writer = Writer(writer_db, Checkpoints(path), asyncio.get_running_loop(), self._committed, clock)
        self._recovery: asyncio.Task[None] | None = None
        self._retention = asyncio.create_task(self._keep_compacting(retention_seconds), name="store-retention")

    @classmethod
    async def open(
        cls, path: Path, *, retention_seconds: float = RETENTION_SECONDS, clock: Callable[[], float] = time.time
    ) -> SqliteStore:
        """Open or create the file at `path`; history is kept for `retention_seconds`.

        Raises StoreUnavailable when another process has it open, StoreError when it cannot be used.
        """
        lock = await asyncio.to_thread(FileLock.take, path.with_name(path.name + ".lock"))
        try:
            writer_db, reader_db, meta, live = await asyncio.to_thread(_open_file, path, int(clock() * 1000))
        except BaseException:
            lock.release()
            raise
        return cls(
            path=path,
            lock=lock,
            writer_db=writer_db,
            reader_db=reader_db,
            meta=meta,
            live=live,
            retention_seconds=retention_seconds,
            clock=clock,
        )

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return True

    @property
    def oldest(self) -> int:
        """See `Store.oldest`."""
        return self._compacted

    async def get(self, key: str, *, revision: int = 0) -> KeyValue | None:
        """See `Store.get`; mostly answered from memory."""
        if not revision:
            self._check_open()
            entry = self._live.entry(key)
            if entry is None:
                if self._live.revision == self._hub.revision:  # else: perhaps deleted, but not durably yet
                    return None
            elif entry.value is not None and entry.id >> file.OP_BITS <= self._hub.revision:
                return KeyValue(key, entry.value, entry.create_revision, entry.id >> file.OP_BITS)
        while True:
            at = self._readable(revision)
            found = await self._read(file.read_key, key, at)
            if at >= self._compacted:
                return found
            # compacted meanwhile: an old revision is gone, the present is elsewhere

    async def range(self, prefix: str, *, start: str = "", limit: int = 0, revision: int = 0) -> RangeResult:
        """See `Store.range`."""
        while True:
            at = self._readable(revision)
            items, count = await self._read(file.read_range, prefix, start, limit, at)
            if at >= self._compacted:
                return RangeResult(items, at, count)

    async def txn(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> TxnResult:
        """See `Store.txn`. When cancelled, the txn happens all the same."""
        self._check_open()
        if self._down is not None:
            raise StoreUnavailable(f"cannot write to {self._path}: {self._down}")
        check_ops(ops)
        decision = self._live.decide(compares, ops)
        future: asyncio.Future[TxnResult] = asyncio.get_running_loop().create_future()
        self._writer.put(Write(self._epoch, future, decision, WHOSE.get()))
        return await future

    def watch(self, prefix: str, *, from_revision: int) -> WatchStream:
        """See `Store.watch`."""
        return self._hub.subscribe(prefix, from_revision)

    async def compact(self, revision: int) -> None:
        """See `Store.compact`. Space is freed in small steps afterwards."""
        self._check_open()
        if revision > self._hub.revision:
            raise FutureRevision(self._hub.revision)
        if revision <= self._compacted:
            return
        self._compacted = revision  # from here on readers refuse older revisions: rows may go at any time
        meta = await self._command(lambda db: file.set_compacted(db, revision), starts_purge=True)
        self._floor_ms = max(self._floor_ms, meta.floor_time)

    async def current_revision(self) -> int:
        """See `Store.current_revision`: the newest durable one."""
        self._check_open()
        return self._hub.revision

    async def revision_at(self, timestamp: float) -> int:
        """See `Store.revision_at`."""
        self._check_open()
        time_ms = int(timestamp * 1000)
        if time_ms < self._floor_ms:
            raise Compacted(self._compacted)
        newest = self._hub.revision
        found = await self._read(file.read_revision_at, time_ms)
        return min(max(found, self._compacted, 1), newest)

    async def close(self) -> None:
        """Write what is queued, end all watches, free the file."""
        if self._lock.released:
            return
        self._down = "it is closed"
        for task in (self._retention, self._recovery):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._writer.stop()
        await asyncio.sleep(0)  # let the last batch, handed over by now, reach its callers
        self._hub.close()
        await asyncio.to_thread(self._reader.shutdown)
        self._reading.close()
        self._lock.release()

    def _check_open(self) -> None:
        if self._lock.released:
            raise StoreUnavailable("cannot use the store: it is closed")

    def _readable(self, revision: int) -> int:
        """Return the revision to read at (0: the newest durable one), or raise."""
        self._check_open()
        if revision > self._hub.revision:
            raise FutureRevision(self._hub.revision)
        if revision and revision < self._compacted:
            raise Compacted(self._compacted)
        return revision or self._hub.revision

    async def _read(self, work: Callable[[sqlite3.Connection, *_Ts], _T], *args: *_Ts) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, work, self._reading, *args)
        except (sqlite3.Error, RuntimeError) as error:  # RuntimeError: the executor was shut down meanwhile
            raise StoreUnavailable(f"cannot read {self._path}: {error}") from error

    async def _history(self, first: int, last: int) -> tuple[list[Event], int]:
        if first > self._compacted:
            page = await self._read(file.read_history, first, last)
            if first > self._compacted:
                return page
        raise Compacted(self._compacted)

    async def _command(self, work: Callable[[sqlite3.Connection], _T], *, starts_purge: bool = False) -> _T:
        """Run something on the writer's thread, after all writes queued before."""
        result: list[_T] = []
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.put(Command(lambda db: result.append(work(db)), future, starts_purge))
        try:
            await future
        except sqlite3.Error as error:
            raise StoreUnavailable(f"cannot write to {self._path}: {error}") from error
        return result[0]

    def _committed(self, batch: Batch) -> None:
        """Feed the watchers and answer the callers of one durable batch."""
        if batch.error is not None:
            self._failed(batch, batch.error)
            return
        # Watchers first: who is answered finds the watch cache up to date, and need not wait for it.
        events = [Event(row.key, row.value, row.id >> file.OP_BITS) for w in batch.writes for row in w.decision.rows]
        if events:
            self._hub.publish(events, events[-1].mod_revision)
        for write in batch.writes:
            decision = write.decision
            for row_id, key in decision.missing.items():
                decision.current[key] = _with_value(decision.current[key], batch.loaded[row_id])
            if not write.future.done():
                write.future.set_result(TxnResult(decision.succeeded, decision.revision, decision.current))

    def _failed(self, batch: Batch, error: sqlite3.Error) -> None:
        for write in batch.writes:
            if not write.future.done():
                unavailable = StoreUnavailable(f"cannot write to {self._path}: {error}")
                unavailable.__cause__ = error
                write.future.set_exception(unavailable)
        if self._down is None:
            self._down = str(error)
            self._recovery = asyncio.create_task(self._recover(), name="store-recovery")

    async def _recover(self) -> None:
        """Forget what was decided but not written: read the live keys anew, tell watchers what is durable after all."""
        skipped = self._live.revision
        while True:
            try:
                live = await self._command(_load_live)
                found = live.revision
                while self._hub.revision < found:
                    events, upto = await self._history(self._hub.revision + 1, found)
                    self._hub.publish(events, upto)
                break
            except StoreUnavailable:
                await asyncio.sleep(1)
        live.revision = max(live.revision, skipped)
        self._live = live
        self._epoch += 1
        self._down = None

    async def _keep_compacting(self, retention_seconds: float) -> None:
        """Forget history older than the retention, twenty times per retention."""
        while True:
            await asyncio.sleep(max(retention_seconds / 20, 0.05))
            try:
                await self.compact(await self.revision_at(self._clock() - retention_seconds))
            except (Compacted, StoreUnavailable):
                continue  # nothing old enough yet; or the disk is full, which writers are told


def _with_value(state: KeyValue | None, value: bytes) -> KeyValue | None:
    return state and KeyValue(state.key, value, state.create_revision, state.mod_revision)


def _load_live(db: sqlite3.Connection) -> Live:
    revision = max(file.last_row(db)[0] >> file.OP_BITS, file.load_meta(db).compact_revision, 1)
    return Live(revision, list(file.load_live(db)))


def _open_file(path: Path, now_ms: int) -> tuple[sqlite3.Connection, sqlite3.Connection, file.Meta, Live]:
    writer_db = file.open_writer(path, now_ms)
    try:
        return writer_db, file.open_reader(path), file.load_meta(writer_db), _load_live(writer_db)
    except BaseException:
        writer_db.close()
        raise
