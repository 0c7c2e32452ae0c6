"""The one thread that writes the state file: group commit, compaction, purging.

Txns arrive already decided (see `sqlite.py`); the thread takes all that wait, inserts their rows in one fsynced
transaction and hands the batch back to the event loop with one call. While nothing is to be written it sleeps
without waking. It never decides anything and never touches the loop's data.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from podwright.store import sqlite_file as file
from podwright.store.giving_way import GivingWay
from podwright.store.protocol import TxnResult
from podwright.store.sqlite_checkpoints import Checkpoints
from podwright.store.sqlite_live import Decision

_BATCH_ROWS = 512
_BATCH_BYTES = 8 << 20
_PURGE_ROWS = 256
_PURGE_PAUSE_SECONDS = 0.02
_VACUUM_PAGES = 64


@dataclass(slots=True, eq=False)
class Write:
    """A decided txn on its way to disk, for somebody. `epoch` ties it to the in-memory state it was decided on."""

    epoch: int
    future: asyncio.Future[TxnResult]
    decision: Decision
    whose: object


@dataclass(slots=True, eq=False)
class Command:
    """Something else to be done in order with the writes; `work` runs on the writer thread."""

    work: Callable[[sqlite3.Connection], None]
    future: asyncio.Future[None]
    starts_purge: bool = False
    whose: object = None


@dataclass(slots=True)
class Batch:
    """What one transaction did: either all of `writes` are durable, or `error` says why none is known to be."""

    writes: list[Write]
    loaded: dict[int, bytes] = field(default_factory=dict[int, bytes])
    error: sqlite3.Error | None = None


class Writer:
    """Owns the thread and its connection. `done` and command results are delivered on `loop`."""

    def __init__(
        self,
        db: sqlite3.Connection,
        checkpoints: Checkpoints,
        loop: asyncio.AbstractEventLoop,
        done: Callable[[Batch], None],
        clock: Callable[[], float],
    ) -> None:
        self._db = db
        self._checkpoints = checkpoints
        self._loop = loop
        self._done = done
        self._clock = clock
        self._way = GivingWay(loop)
        self._queue: SimpleQueue[Write | Command | None] = SimpleQueue()
        self._last_ms = file.last_row(db)[1]
        self._failed_epoch = -1
        self._meta: file.Meta | None = file.load_meta(db)  # None: nothing to purge
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, item: Write | Command) -> None:
        """Queue work (from the loop; never blocks). The caller bounds it: one item per waiting txn."""
        self._way.handed_over(item.whose)
        self._queue.put(item)

    async def stop(self) -> None:
        """Finish what is queued and end the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._end)
        self._way.close()

    def _end(self) -> None:
        self._thread.join()
        self._checkpoints.close()
        self._db.close()

    def _run(self) -> None:
        while True:
            writes, command, stop = self._collect()
            if writes:
                self._commit(writes)
            if command is not None:
                self._obey(command)
            if stop:
                return
            if not writes and command is None:
                self._tidy()

    def _collect(self) -> tuple[list[Write], Command | None, bool]:
        """Wait for work; take writes up to the first command, stop mark or the batch's limits."""
        try:
            if self._queue.empty():
                self._way.taken()  # going to sleep
            item = self._queue.get(timeout=None if self._meta is None else _PURGE_PAUSE_SECONDS)
        except Empty:
            return [], None, False
        writes: list[Write] = []
        rows = size = 0
        while True:
            if not isinstance(item, Write):
                return writes, item, item is None
            writes.append(item)
            rows += len(item.decision.rows)
            size += sum(len(row.value or b"") for row in item.decision.rows)
            if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
                return writes, None, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return writes, None, False

    def _commit(self, writes: list[Write]) -> None:
        stale = [write for write in writes if write.epoch <= self._failed_epoch]
        if stale:
            self._deliver(Batch(stale, error=sqlite3.OperationalError("an earlier write failed")))
            writes = [write for write in writes if write.epoch > self._failed_epoch]
        batch = Batch(writes)
        try:
            self._write(writes, batch)
        except sqlite3.Error as error:
            self._failed_epoch = writes[-1].epoch
            batch.error = error
            self._roll_back()
        self._deliver(batch)
        rows = [row for write in writes for row in write.decision.rows]
        self._checkpoints.wrote(self._db, file.pages_of(rows))

    def _deliver(self, batch: Batch) -> None:
        self._loop.call_soon_threadsafe(self._delivered, batch)

    def _delivered(self, batch: Batch) -> None:
        for write in batch.writes:
            self._way.done(write.whose)
        self._done(batch)

    def _write(self, writes: list[Write], batch: Batch) -> None:
        rows = [row for write in writes for row in write.decision.rows]
        if rows:
            self._last_ms = max(self._last_ms, int(self._clock() * 1000))
            self._way.taken()
            file.insert(self._db, rows, self._last_ms)
        missing = [row_id for write in writes for row_id in write.decision.missing]
        if missing:
            batch.loaded = file.read_values(self._db, missing)

    def _obey(self, command: Command) -> None:
        error: sqlite3.Error | None = None
        try:
            self._way.taken()
            command.work(self._db)
            if command.starts_purge:
                self._meta = file.load_meta(self._db)
        except sqlite3.Error as caught:
            error = caught
            self._roll_back()
        self._loop.call_soon_threadsafe(self._settle, command, error)

    def _settle(self, command: Command, error: Exception | None) -> None:
        self._way.done(command.whose)
        future = command.future
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(None)

    def _tidy(self) -> None:
        """Do one small step of purging, then of giving space back."""
        if self._meta is None:
            return
        try:
            meta = file.purge_step(self._db, self._meta, _PURGE_ROWS)
            if meta is not None:
                self._meta = meta
                self._checkpoints.wrote(self._db, _PURGE_ROWS)
            elif file.vacuum_step(self._db, _VACUUM_PAGES):
                self._checkpoints.wrote(self._db, _VACUUM_PAGES)
            else:
                self._meta = None
        except sqlite3.Error:
            # A full disk must not stop the store; the next compaction tries again, and writes report the cause.
            self._roll_back()
            self._meta = None

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # where it fails, sqlite has rolled back by itself
                self._db.execute("ROLLBACK")
