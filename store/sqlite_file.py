"""The state file's schema and every SQL statement, as plain blocking functions over a connection.

One table holds one row per change, like a log; nothing is updated in place. A row's id is its revision and its
place within the txn (`revision << OP_BITS | op`), so ids are ordered as events are and point to rows for ever.

Only the writer thread and the reader thread may call these, never the event loop. Each row stepped costs a
hand-over of the interpreter lock, so batches are one statement and lists are one row (`sqlite_rows.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from podwright.store.keys import prefix_end
from podwright.store.protocol import Event, KeyValue, StoreError
from podwright.store.sqlite_rows import Column, gather

OP_BITS = 12
MAX_OPS = 1 << OP_BITS

_PAGE_BYTES = 8192
_FORMAT = 1  # of the file; kept in user_version
_ROWS_PER_STATEMENT = 512
_HISTORY_PAGE = 500
_RANGE_PAGE = 1000
_PRAGMAS = (
    f"PRAGMA page_size = {_PAGE_BYTES}",
    "PRAGMA auto_vacuum = INCREMENTAL",  # counts only before the first table
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 16777216",  # kept between rounds: overwriting syncs faster than appending
    "PRAGMA wal_autocheckpoint = 0",  # see sqlite_checkpoints.py
    "PRAGMA cache_size = -4096",
)
_SCHEMA = (
    """CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    prev_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    value BLOB
)""",
    "CREATE INDEX log_by_key ON log (key, id, deleted)",
    "CREATE TABLE meta (compact_revision INTEGER NOT NULL, floor_time INTEGER NOT NULL, purged_id INTEGER NOT NULL)",
    f"PRAGMA user_version = {_FORMAT}",
)


class Row(NamedTuple):
    """One change, ready to be inserted (the time is added at commit)."""

    id: int
    key: str
    deleted: bool
    create_revision: int
    prev_id: int
    value: bytes | None


class Meta(NamedTuple):
    """Where history begins: states at `compact_revision` are readable, `floor_time` (ms) is its time."""

    compact_revision: int
    floor_time: int
    purged_id: int


def first_id(revision: int) -> int:
    """Return the smallest id a row of this revision can have."""
    return revision << OP_BITS


def open_writer(path: Path, now_ms: int) -> sqlite3.Connection:
    """Open the file, creating it and its schema where needed. Raises StoreError for a file of another kind."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.execute("BEGIN EXCLUSIVE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES (0, ?, 0)", (now_ms,))
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"cannot open {path}: {error}") from error
    if version not in {0, _FORMAT}:
        connection.close()
        raise StoreError(f"cannot open {path}: it has format {version}, this version reads format {_FORMAT}")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a second, read-only connection."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = 1")
    connection.execute("PRAGMA cache_size = -4096")
    return connection


def open_checkpointer(path: Path) -> sqlite3.Connection:
    """Open a connection that only copies from the write-ahead log into the file."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def checkpoint(db: sqlite3.Connection) -> None:
    """Copy what is committed so far into the file; what somebody still reads in its older form stays in the log."""
    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def load_meta(db: sqlite3.Connection) -> Meta:
    """Read the one row of meta."""
    return Meta(*db.execute("SELECT compact_revision, floor_time, purged_id FROM meta").fetchone())


def load_live(db: sqlite3.Connection) -> Iterator[tuple[str, int, int]]:
    """Yield (key, id, create_revision) of every key that exists now."""
    for key, last, create, deleted in db.execute(
        "SELECT log.key, newest.last, log.create_revision, newest.gone FROM"
        " (SELECT max(id) AS last, deleted AS gone FROM log GROUP BY key) AS newest JOIN log ON log.id = newest.last"
    ):
        if not deleted:
            yield key, last, create


def last_row(db: sqlite3.Connection) -> tuple[int, int]:
    """Return id and time (ms) of the newest row, zeros when there is none."""
    return db.execute("SELECT id, time FROM log ORDER BY id DESC LIMIT 1").fetchone() or (0, 0)


def insert(db: sqlite3.Connection, rows: Sequence[Row], time_ms: int) -> None:
    """Write all rows in one durable transaction."""
    if len(rows) <= _ROWS_PER_STATEMENT:
        _insert_statement(db, rows, time_ms)
        return
    db.execute("BEGIN IMMEDIATE")
    for begin in range(0, len(rows), _ROWS_PER_STATEMENT):
        _insert_statement(db, rows[begin : begin + _ROWS_PER_STATEMENT], time_ms)
    db.execute("COMMIT")


def _insert_statement(db: sqlite3.Connection, rows: Sequence[Row], time_ms: int) -> None:
    values = ",".join(["(?,?,?,?,?,?,?)"] * len(rows))
    parameters: list[Any] = []
    for row in rows:
        parameters += row
        parameters.append(time_ms)
    db.execute(f"INSERT INTO log (id,key,deleted,create_revision,prev_id,value,time) VALUES {values}", parameters)  # noqa: S608 - placeholders only


def pages_of(rows: Sequence[Row]) -> int:
    """About how many pages writing these rows in one transaction appends to the write-ahead log."""
    return 2 + len(rows) + sum(len(row.value or b"") for row in rows) // _PAGE_BYTES


def read_values(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Read rows' values by id."""
    found: dict[int, bytes] = {}
    for begin in range(0, len(ids), _RANGE_PAGE):
        some = ids[begin : begin + _RANGE_PAGE]
        marks = ",".join("?" * len(some))
        rows = f"SELECT id, value FROM log WHERE id IN ({marks}) LIMIT -1"  # noqa: S608 - placeholders only
        found.update(gather(db, (("id", "int"), ("value", "blob")), rows, some))
    return found


def read_key(db: sqlite3.Connection, key: str, revision: int) -> KeyValue | None:
    """Read one key as it was at `revision`."""
    row = db.execute(
        "SELECT id, deleted, create_revision, value FROM log WHERE key = ? AND id < ? ORDER BY id DESC LIMIT 1",
        (key, first_id(revision + 1)),
    ).fetchone()
    if row is None or row[1]:
        return None
    return KeyValue(key, row[3], row[2], row[0] >> OP_BITS)


def read_range(
    db: sqlite3.Connection, prefix: str, start: str, limit: int, revision: int
) -> tuple[list[KeyValue], int]:
    """Read keys in order as they were at `revision`; also count those beyond the limit."""
    end = prefix_end(prefix)
    where = "key >= ? AND id < ?" + ("" if end is None else " AND key < ?")
    newest = f"SELECT key, max(id) AS last, deleted AS gone FROM log WHERE {where} GROUP BY key"  # noqa: S608 - fixed text
    page = (
        "SELECT newest.key AS key, value, create_revision, id FROM"  # noqa: S608 - fixed text
        f" ({newest}) AS newest JOIN log ON id = last WHERE NOT gone ORDER BY newest.key LIMIT ?"
    )
    columns: list[Column] = [("key", "text"), ("value", "blob"), ("create_revision", "int"), ("id", "int")]
    bounds: list[Any] = [max(prefix, start), first_id(revision + 1)]
    if end is not None:
        bounds.append(end)
    first = bounds[0]
    items: list[KeyValue] = []
    while True:
        want = min(limit - len(items), _RANGE_PAGE) if limit else _RANGE_PAGE
        rows = gather(db, columns, page, [first, *bounds[1:], want])
        before = len(items)
        items += [KeyValue(key, value, create, row_id >> OP_BITS) for key, value, create, row_id in rows]
        if len(items) - before < want:
            return items, len(items)
        if len(items) == limit:
            break
        first = items[-1].key + "\0"
    (count,) = db.execute(f"SELECT count(*) FROM ({newest}) WHERE NOT gone", bounds).fetchone()  # noqa: S608 - fixed text
    return items, count


def read_history(db: sqlite3.Connection, first: int, last: int) -> tuple[list[Event], int]:
    """Read one page of events from revision `first` on; also the revision it is complete up to (at most `last`)."""
    begin, end = first_id(first), first_id(last + 1)
    beyond = db.execute(
        "SELECT id FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", (begin, end, _HISTORY_PAGE)
    ).fetchone()
    upto = last
    if beyond is not None:  # never split a revision, not even one that fills more than a page
        (head,) = db.execute("SELECT id FROM log WHERE id >= ? ORDER BY id LIMIT 1", (begin,)).fetchone()
        upto = max((beyond[0] >> OP_BITS) - 1, head >> OP_BITS)
    columns: list[Column] = [("id", "int"), ("key", "text"), ("value", "blob")]
    rows = "SELECT id, key, value FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT -1"
    found = gather(db, columns, rows, (begin, first_id(upto + 1)))
    events = [Event(key, value, row_id >> OP_BITS) for row_id, key, value in found]
    return events, upto


def read_revision_at(db: sqlite3.Connection, time_ms: int) -> int:
    """Find the newest row's revision at or before a time, 0 when there is none. Times grow with ids: bisect."""
    low, high = 0, last_row(db)[0]  # the answer's id lies in [low, high]
    while low < high:
        middle = (low + high + 1) // 2
        row = db.execute("SELECT id, time FROM log WHERE id >= ? ORDER BY id LIMIT 1", (middle,)).fetchone()
        if row is not None and row[1] <= time_ms:
            low = row[0]
        else:
            high = middle - 1
    return low >> OP_BITS


def set_compacted(db: sqlite3.Connection, revision: int) -> Meta:
    """Make `revision` the oldest readable one."""
    row = db.execute("SELECT time FROM log WHERE id < ? ORDER BY id DESC LIMIT 1", (first_id(revision + 1),)).fetchone()
    meta = load_meta(db)
    meta = meta._replace(compact_revision=revision, floor_time=max(meta.floor_time, row[0] if row else 0))
    db.execute("UPDATE meta SET compact_revision = ?, floor_time = ?", meta[:2])
    return meta


def purge_step(db: sqlite3.Connection, meta: Meta, rows: int) -> Meta | None:
    """Delete what at most `rows` further changes made unreachable; None when all of it is gone."""
    end = first_id(meta.compact_revision + 1)
    if meta.purged_id >= end:
        return None
    beyond = db.execute(
        "SELECT id FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", (meta.purged_id, end, rows)
    ).fetchone()
    span = (meta.purged_id, beyond[0] if beyond else end)
    db.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM log WHERE id IN (SELECT prev_id FROM log WHERE id >= ? AND id < ? AND prev_id != 0)", span)
    db.execute("DELETE FROM log WHERE id >= ? AND id < ? AND deleted", span)
    db.execute("UPDATE meta SET purged_id = ?", (span[1],))
    db.execute("COMMIT")
    return meta._replace(purged_id=span[1])


def vacuum_step(db: sqlite3.Connection, pages: int) -> bool:
    """Give up to `pages` back to the file system when a good part of the file is free; tell whether it did."""
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    (total,) = db.execute("PRAGMA page_count").fetchone()
    if free < 256 or free * 4 < total:
        return False
    db.executescript(f"PRAGMA incremental_vacuum({pages:d})")  # execute() would step once: one page
    return True
