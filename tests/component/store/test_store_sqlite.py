"""What only the embedded store has: a file, a lock on it, a disk that may be full, history that is purged."""

import asyncio
import os
import sqlite3
import threading

import pytest

from podwright.store import sqlite_file
from podwright.store.protocol import Compacted, Compare, Delete, Put, StoreError, StoreUnavailable
from podwright.store.sqlite import SqliteStore


class Clock:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "state.db"


def rows(path):
    with sqlite3.connect(path) as db:
        count = db.execute("SELECT count(*) FROM log").fetchone()[0]
    db.close()
    return count


async def eventually(condition):
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is awaited happens in a file
            await asyncio.sleep(0.01)


async def test_state_and_history_survive_reopening(path):
    store = await SqliteStore.open(path)
    first = (await store.txn([], [Put("a", b"1"), Put("gone", b"")])).revision
    last = (await store.txn([], [Put("a", b"2"), Delete("gone")])).revision
    await store.close()
    store = await SqliteStore.open(path)
    assert await store.current_revision() == last
    assert (await store.get("a")).value == b"2"
    assert (await store.get("a", revision=first)).value == b"1"
    assert await store.get("gone") is None
    refused = await store.txn([Compare("a", first)], [Put("a", b"3")])
    assert refused.current["a"].value == b"2"
    assert (await store.txn([Compare("a", last), Compare("gone", 0)], [Put("a", b"3")])).revision == last + 1
    stream = store.watch("a", from_revision=first)
    assert [event.value for event in (await anext(stream)).events] == [b"1", b"2", b"3"]
    await store.close()


async def test_the_revision_survives_though_all_rows_are_purged(path):
    store = await SqliteStore.open(path)
    await store.txn([], [Put("a", b"1")])
    last = (await store.txn([], [Delete("a")])).revision
    await store.compact(last)
    await eventually(lambda: rows(path) == 0)
    await store.close()
    store = await SqliteStore.open(path)
    assert await store.current_revision() == last
    with pytest.raises(Compacted):
        await store.get("a", revision=last - 1)
    assert (await store.txn([], [Put("a", b"2")])).revision == last + 1
    await store.close()


async def test_only_one_process_at_a_time(path):
    store = await SqliteStore.open(path)
    with pytest.raises(StoreUnavailable, match=f"process {os.getpid()} is using the store"):
        await SqliteStore.open(path)
    await store.close()
    store = await SqliteStore.open(path)
    await store.close()


async def test_a_file_that_is_something_else_is_refused(path):
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match=r"cannot open .*state\.db"):
        await SqliteStore.open(path)
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 77")
    db.close()
    with pytest.raises(StoreError, match="it has format 77"):
        await SqliteStore.open(path)


async def test_a_full_disk_fails_writes_and_heals(path):
    """Everything decided on a write that failed fails with it; what is there afterwards is what was acknowledged."""
    store = await SqliteStore.open(path)
    first = (await store.txn([], [Put("a", b"1")])).revision
    stream = store.watch("", from_revision=0)
    await anext(stream)
    await store._command(lambda db: db.execute("PRAGMA max_page_count = 30").fetchall())
    big = os.urandom(20_000)
    tasks = [asyncio.create_task(store.txn([], [Put("a", b"2"), Put(f"big{i}", big)])) for i in range(40)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    good = [result for result in results if not isinstance(result, Exception)]
    bad = [result for result in results if isinstance(result, Exception)]
    assert bad
    assert all(isinstance(error, StoreUnavailable) and "full" in str(error) for error in bad)
    await store._command(lambda db: db.execute("PRAGMA max_page_count = 100000").fetchall())

    async def write():
        while True:
            try:
                return await store.txn([Compare("after", 0)], [Put("after", b"x")])
            except StoreUnavailable:
                await asyncio.sleep(0.01)

    after = await write()
    assert after.succeeded
    assert after.revision > max([first, *(result.revision for result in good)])
    for i, result in enumerate(results):
        assert (await store.get(f"big{i}") is None) == isinstance(result, Exception)
    seen = []
    while not seen or seen[-1] < after.revision:
        seen += [event.mod_revision for event in (await anext(stream)).events if event.key != "a"]
    assert seen == [*(result.revision for result in good), after.revision]
    await store.close()
    store = await SqliteStore.open(path)
    assert await store.current_revision() == after.revision
    await store.close()


async def test_history_older_than_the_retention_is_purged_and_the_file_shrinks(path):
    clock = Clock()
    store = await SqliteStore.open(path, retention_seconds=1.0, clock=clock)
    value = os.urandom(3000)
    for i in range(0, 2000, 50):
        await asyncio.gather(*(store.txn([], [Put(f"k{j % 7}", value)]) for j in range(i, i + 50)))
    last = await store.current_revision()
    size = path.stat().st_size
    assert rows(path) == 2000
    clock.now += 100
    await eventually(lambda: rows(path) == 7)
    with pytest.raises(Compacted):
        await store.range("", revision=last - 1)
    assert [item.value for item in (await store.range("", revision=last)).items] == [value] * 7
    await store.txn([], [Put("more", b"")])
    await eventually(lambda: checkpointed_size(path) < size / 2)
    await store.close()


def checkpointed_size(path):
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    db.close()
    return path.stat().st_size


async def test_an_idle_cluster_does_not_grow_the_file(path):
    """Renewing a lease for ever keeps the file as it is."""
    clock = Clock()
    store = await SqliteStore.open(path, retention_seconds=600, clock=clock)
    sizes = []
    for _ in range(6):
        for i in range(600):
            clock.now += 1
            await store.txn([], [Put(f"lease{i % 3}", os.urandom(400))])
        await store.compact(await store.revision_at(clock.now - 600))
        await eventually(lambda: rows(path) <= 610)
        sizes.append(path.stat().st_size + path.with_name("state.db-wal").stat().st_size)
    assert max(sizes[2:]) <= 2 * sizes[1]
    assert max(sizes[3:]) <= 1.1 * max(sizes[:3])
    await store.close()


async def test_every_time_has_its_revision(path):
    clock = Clock(1000.0)
    store = await SqliteStore.open(path, clock=clock)
    times = {}
    for i in range(40):
        clock.now += i % 4  # several revisions share a moment
        times[(await store.txn([], [Put("a", b"%d" % i)])).revision] = clock.now
    clock.now -= 500  # a clock set back does not reorder history
    times[(await store.txn([], [Put("a", b"")])).revision] = max(times.values())

    async def check(oldest):
        for at in range(999, 1080):
            newest = max((revision for revision, written in times.items() if written <= at), default=1)
            if newest < oldest or at < 1000:
                with pytest.raises(Compacted):
                    await store.revision_at(at)
            else:
                assert await store.revision_at(at) == newest

    await check(0)
    for revision in (5, 20, 41):
        await store.compact(revision)
        await check(revision)
        await eventually(lambda kept=42 - revision + 1: rows(path) <= kept)
        await check(revision)
    await store.close()


def test_purging_in_steps_keeps_exactly_what_is_readable(tmp_path):
    db = sqlite_file.open_writer(tmp_path / "x.db", 0)
    live: dict[str, int] = {}
    for revision in range(2, 300):
        key = f"k{revision * 7 % 11}"
        row_id = sqlite_file.first_id(revision)
        gone = revision % 5 == 0 and key in live
        sqlite_file.insert(
            db, [sqlite_file.Row(row_id, key, gone, 2, live.get(key, 0), None if gone else b"x")], revision
        )
        if gone:
            del live[key]
        else:
            live[key] = row_id
    for target in (50, 51, 180, 299):
        before = sqlite_file.read_range(db, "", "", 0, target)
        meta = sqlite_file.set_compacted(db, target)
        while (step := sqlite_file.purge_step(db, meta, 7)) is not None:
            meta = step
            assert sqlite_file.read_range(db, "", "", 0, target) == before
        old = db.execute("SELECT count(*) FROM log WHERE id < ?", (sqlite_file.first_id(target + 1),)).fetchone()[0]
        assert old == len(before[0])
    db.close()


def test_pages_of_history_end_between_revisions(tmp_path):
    """Also when one revision alone is larger than a page, and never beyond what was asked for."""
    db = sqlite_file.open_writer(tmp_path / "x.db", 0)
    sizes = {2: 300, 3: 300, 4: 1, 5: 900, 6: 499, 7: 1, 8: 1, 9: 50}
    for revision, size in sizes.items():
        first = sqlite_file.first_id(revision)
        sqlite_file.insert(
            db, [sqlite_file.Row(first + i, f"{revision}/{i}", False, revision, 0, b"") for i in range(size)], revision
        )
    seen: dict[int, int] = {}
    pages = []
    at = 2
    while at <= 8:
        events, upto = sqlite_file.read_history(db, at, 8)
        for event in events:
            assert at <= event.mod_revision <= upto
            seen[event.mod_revision] = seen.get(event.mod_revision, 0) + 1
        pages.append(upto)
        at = upto + 1
    assert seen == {revision: size for revision, size in sizes.items() if revision <= 8}
    assert pages == [2, 4, 5, 7, 8]
    db.close()


def log_size(path):
    return path.with_name("state.db-wal").stat().st_size


async def test_the_log_begins_anew_while_writes_go_on(path):
    """Nobody ever pauses, and the file takes up what the log holds."""
    store = await SqliteStore.open(path)
    value = os.urandom(6000)
    written = 0
    largest = 0

    async def write(worker):
        nonlocal written, largest
        while written < 12_000:
            written += 1
            await store.txn([], [Put(f"k{worker}-{written}", value)])
            largest = max(largest, log_size(path))

    await asyncio.gather(*(write(worker) for worker in range(16)))
    assert largest < 48 << 20
    assert path.stat().st_size > 12_000 * len(value) - largest
    await store.close()


async def test_a_long_read_only_delays_the_log_beginning_anew(path):
    store = await SqliteStore.open(path)
    value = os.urandom(6000)

    async def write(count):
        for begin in range(0, count, 50):
            await asyncio.gather(*(store.txn([], [Put(f"k{begin + i}", value)]) for i in range(50)))

    await write(50)
    with sqlite3.connect(path, isolation_level=None) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (50,)
        await write(6000)
        assert log_size(path) > 6000 * len(value)
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (50,)
        reader.execute("COMMIT")
    reader.close()
    await write(12_000)
    assert path.stat().st_size > 12_000 * len(value)
    assert log_size(path) < 40 << 20
    await store.close()


async def test_closing_leaves_no_thread_and_no_log(path):
    store = await SqliteStore.open(path)
    value = os.urandom(6000)
    await asyncio.gather(*(store.txn([], [Put(f"k{i}", value)]) for i in range(3000)))
    await store.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("store-")] == []
    assert not path.with_name("state.db-wal").exists()
    assert rows(path) == 3000


@pytest.mark.parametrize("what", ["checkpoint", "open_checkpointer"])
async def test_what_cannot_be_copied_stays_in_the_log(path, monkeypatch, what):
    """The file cannot grow any more, or not be opened again: what is acknowledged is durable all the same."""
    calls = []

    def fail(db):
        calls.append(db)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sqlite_file, what, fail)
    store = await SqliteStore.open(path)
    value = os.urandom(6000)
    for begin in range(0, 4000, 100):
        await asyncio.gather(*(store.txn([], [Put(f"k{begin + i}", value)]) for i in range(100)))
    assert len(calls) > 1
    assert (await store.get("k0")).value == value
    await store.close()
    store = await SqliteStore.open(path)
    assert (await store.range("")).count == 4000
    await store.close()
