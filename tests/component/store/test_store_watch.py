"""Watches: nothing missed, nothing twice, nothing out of order, whatever else goes on."""

import asyncio
import random

import pytest

from podwright.store import hub
from podwright.store.protocol import Compacted, Delete, Event, Put


async def put(store, key, value=b"v"):
    return (await store.txn([], [Put(key, value)])).revision


async def test_the_first_batch_tells_where_the_watch_stands(store, follow):
    revision = await put(store, "a")
    follower = follow("b")
    assert await follower.until(revision) == []


async def test_events_tell_what_was_written(store, follow):
    follower = follow("a")
    await follower.until(await store.current_revision())
    first = await put(store, "a", b"1")
    second = await put(store, "a", b"2")
    await put(store, "b")
    third = (await store.txn([], [Delete("a")])).revision
    fourth = await put(store, "a", b"4")
    assert await follower.until(fourth) == [
        Event("a", b"1", first),
        Event("a", b"2", second),
        Event("a", None, third),
        Event("a", b"4", fourth),
    ]


async def test_replayed_events_equal_live_ones(store, follow):
    live = follow()
    start = await store.current_revision()
    await live.until(start)
    rng = random.Random(7)
    for i in range(60):
        key = f"k{rng.randrange(5)}"
        last = await store.txn([], [Put(key, b"%d" % i) if rng.random() < 0.7 else Delete(key), Put(f"m{i % 3}", b"")])
    events = list(await live.until(last.revision))
    for begin in sorted({event.mod_revision for event in events}):
        expected = [event for event in events if event.mod_revision >= begin]
        assert await follow(from_revision=begin).until(last.revision) == expected


async def test_a_watch_may_begin_in_the_future(store, follow):
    now = await store.current_revision()
    follower = follow(from_revision=now + 3)
    await follower.until(now)
    revisions = [await put(store, f"k{i}") for i in range(5)]
    expected = [revision for revision in revisions if revision >= now + 3]
    assert [event.mod_revision for event in await follower.until(revisions[-1])] == expected


async def test_other_prefixes_show_only_as_progress(store, follow):
    follower = follow("/pods/")
    revision = 0
    for i in range(10):
        revision = await put(store, f"/nodes/{i}")
    assert await follower.until(revision) == []


async def test_ops_of_one_txn_come_in_one_batch_in_their_order(store, follow):
    follower = follow()
    await follower.until(await store.current_revision())
    keys = [f"k{i:03}" for i in range(100)]
    revision = (await store.txn([], [Put(key, b"x") for key in keys])).revision
    assert sorted(event.key for event in await follower.until(revision)) == keys
    assert [len(batch.events) for batch in follower.batches if batch.events] == [100]


async def test_concurrent_writers_and_watchers_agree_on_one_history(store, follow):
    """Watchers that join at any time see, from there on, exactly what was acknowledged, in revision order."""
    written = {}

    async def write(who):
        rng = random.Random(who)
        for i in range(120):
            key = f"{'ab'[who % 2]}/{rng.randrange(6)}"
            value = b"%d-%d" % (who, i)
            op = Put(key, value) if rng.random() < 0.8 else Delete(key)
            result = await store.txn([], [op, Put(f"mine/{who}", value)])
            written[result.revision] = (key, value if isinstance(op, Put) else None)
            if i % 30 == 0:
                joined.append((follow("a/", from_revision=result.revision), result.revision))

    start = await store.current_revision()
    joined = [(follow("a/", from_revision=start + 1), start + 1), (follow("a/"), start + 1)]
    await asyncio.gather(*(write(who) for who in range(6)))
    last = max(written)
    puts = {revision: pair for revision, pair in written.items() if pair[0].startswith("a/")}
    for follower, first in joined:
        events = await follower.until(last)
        seen = [event.mod_revision for event in events]
        assert seen == sorted(set(seen))
        expected = {r for r, pair in puts.items() if r >= first and pair[1] is not None}
        assert expected <= set(seen), "missed a write"
        for event in events:
            assert (event.key, event.value) == puts[event.mod_revision]


async def test_a_reader_that_falls_behind_still_sees_everything(store, follow, monkeypatch):
    monkeypatch.setattr(hub, "BUFFER_EVENTS", 20)
    stream = store.watch("k", from_revision=0)
    begin = (await anext(stream)).revision
    revisions = [await put(store, f"k{i % 7}", b"%d" % i) for i in range(200)]
    seen = []
    while not seen or seen[-1] < revisions[-1]:
        batch = await anext(stream)
        seen += [event.mod_revision for event in batch.events]
        assert batch.revision > begin
    assert seen == revisions
    await stream.aclose()


async def test_a_reader_that_falls_behind_compaction_is_told(store, monkeypatch):
    monkeypatch.setattr(hub, "BUFFER_EVENTS", 20)
    stream = store.watch("k", from_revision=0)
    await anext(stream)
    for i in range(100):
        last = await put(store, f"k{i}")
    await store.compact(last)

    async def read_on():
        while True:
            await anext(stream)

    with pytest.raises(Compacted) as caught:
        await read_on()
    assert caught.value.compact_revision == last
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_buffers_are_bounded_in_bytes(store, monkeypatch):
    monkeypatch.setattr(hub, "BUFFER_BYTES", 1000)
    stream = store.watch("k", from_revision=0)
    await anext(stream)
    revisions = [await put(store, "k", bytes(400)) for _ in range(10)]
    seen = []
    while len(seen) < 10:
        seen += [event.mod_revision for event in (await anext(stream)).events]
    assert seen == revisions
    await stream.aclose()


async def test_idle_watches_report_progress(store, monkeypatch):
    monkeypatch.setattr(hub, "PROGRESS_SECONDS", 0.05)
    stream = store.watch("k", from_revision=0)
    first = await anext(stream)
    async with asyncio.timeout(30):
        second = await anext(stream)
    assert (second.events, second.revision) == ([], first.revision)
    await stream.aclose()


async def test_closing_ends_the_iteration(store):
    stream = store.watch("k", from_revision=0)
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await waiting
    await stream.aclose()


async def test_closing_the_store_ends_its_watches(open_empty, tmp_path):
    store = await open_empty(tmp_path)
    stream = store.watch("k", from_revision=0)
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    await store.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(StopAsyncIteration):
        await anext(store.watch("k", from_revision=0))


async def test_a_cancelled_reader_loses_nothing(store):
    stream = store.watch("k", from_revision=0)
    await anext(stream)
    revisions = []
    seen = []
    for i in range(30):
        reader = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        revisions.append(await put(store, f"k{i}"))
        if reader.done():
            seen += [event.mod_revision for event in reader.result().events]
        else:
            reader.cancel()
            (result,) = await asyncio.gather(reader, return_exceptions=True)
            assert isinstance(result, asyncio.CancelledError)
    while not seen or seen[-1] < revisions[-1]:
        seen += [event.mod_revision for event in (await anext(stream)).events]
    assert seen == revisions
    await stream.aclose()


async def test_a_long_history_is_replayed_whole(store, follow):
    """More revisions than fit in a page, replayed while more are written."""
    start = await store.current_revision()
    revisions = [await put(store, f"k{i % 9}", b"%d" % i) for i in range(1300)]
    follower = follow(from_revision=start + 1)
    revisions += [await put(store, f"k{i % 9}", b"%d" % i) for i in range(100)]
    assert [event.mod_revision for event in await follower.until(revisions[-1])] == revisions
