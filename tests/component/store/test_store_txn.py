"""Reads and writes, as every store must do them."""

import asyncio

import pytest

from podwright.store.protocol import Compare, Delete, FutureRevision, KeyValue, Put, StoreUnavailable


async def put(store, key, value=b"v", expect=None):
    result = await store.txn([] if expect is None else [Compare(key, expect)], [Put(key, value)])
    assert result.succeeded
    return result.revision


async def test_a_key_that_was_never_written_is_absent(store):
    assert await store.get("a") is None
    assert (await store.range("")).items == []


async def test_a_write_can_be_read_back_at_its_own_revision(store):
    before = await store.current_revision()
    assert before >= 1
    revision = await put(store, "a", b"\x00\xff one")
    assert revision > before
    assert await store.current_revision() == revision
    assert await store.get("a") == KeyValue("a", b"\x00\xff one", revision, revision)


async def test_create_revision_survives_updates_and_ends_with_deletion(store):
    first = await put(store, "a", b"1")
    second = await put(store, "a", b"2")
    assert await store.get("a") == KeyValue("a", b"2", first, second)
    deleted = (await store.txn([], [Delete("a")])).revision
    assert deleted > second
    assert await store.get("a") is None
    again = await put(store, "a", b"3")
    assert await store.get("a") == KeyValue("a", b"3", again, again)


async def test_older_revisions_stay_readable(store):
    first = await put(store, "a", b"1")
    await put(store, "b", b"x")
    second = await put(store, "a", b"2")
    gone = (await store.txn([], [Delete("a")])).revision
    assert await store.get("a", revision=first) == KeyValue("a", b"1", first, first)
    assert await store.get("a", revision=second - 1) == KeyValue("a", b"1", first, first)
    assert await store.get("a", revision=second) == KeyValue("a", b"2", first, second)
    assert await store.get("a", revision=gone) is None
    assert await store.get("b", revision=first) is None


async def test_the_future_cannot_be_read(store):
    revision = await put(store, "a")
    for read in (store.get("a", revision=revision + 1), store.range("a", revision=revision + 1)):
        with pytest.raises(FutureRevision) as caught:
            await read
        assert caught.value.revision == revision


@pytest.mark.parametrize("which", ["absent-expected", "present-expected", "stale"])
async def test_a_refused_txn_changes_nothing_and_tells_the_present_state(store, which):
    old = await put(store, "a", b"1")
    now = await put(store, "a", b"2")
    key, expected = {"absent-expected": ("a", 0), "present-expected": ("b", now), "stale": ("a", old)}[which]
    result = await store.txn(
        [Compare("a", now), Compare(key, expected)] if key != "a" else [Compare(key, expected)],
        [Put("a", b"3"), Put("c", b"3"), Delete("b")],
    )
    assert not result.succeeded
    assert result.revision == now
    present = KeyValue("a", b"2", old, now)
    assert result.current == ({"a": present} if key == "a" else {"a": present, "b": None})
    assert await store.current_revision() == now
    assert await store.get("c") is None


async def test_all_ops_of_a_txn_share_one_revision(store):
    await put(store, "gone")
    result = await store.txn([Compare("a", 0)], [Put("b", b"1"), Put("a", b"2"), Delete("gone")])
    assert result.succeeded
    assert {(await store.get(key)).mod_revision for key in "ab"} == {result.revision}
    assert await store.get("gone") is None
    assert await store.get("a", revision=result.revision - 1) is None


async def test_a_txn_that_changes_nothing_uses_no_revision(store):
    revision = await put(store, "a")
    for compares, ops in (
        ([], []),
        ([Compare("a", revision)], []),
        ([], [Delete("b")]),
        ([Compare("b", 0)], [Delete("c")]),
    ):
        result = await store.txn(compares, ops)
        assert (result.succeeded, result.revision) == (True, revision)
    assert await store.current_revision() == revision


@pytest.mark.parametrize(
    "ops", [[Put("a", b""), Put("a", b"x")], [Put("a", b""), Delete("a")], [Put("", b"")], [Delete("")]]
)
async def test_malformed_txns_are_refused(store, ops):
    with pytest.raises(ValueError, match="cannot write"):
        await store.txn([], ops)


async def test_empty_and_large_values(store):
    large = bytes(range(256)) * 4096
    await store.txn([], [Put("empty", b""), Put("large", large)])
    assert (await store.get("empty")).value == b""
    assert (await store.get("large")).value == large
    assert [item.value for item in (await store.range("")).items] == [b"", large]
    refused = await store.txn([Compare("large", 0)], [])
    assert refused.current["large"].value == large


KEYS = ["/a", "/a/1", "/a/1/x", "/a/2", "/a/é", "/a/\U0001f600", "/a0", "/b", "b"]


@pytest.mark.parametrize("limit", [0, 1, 2, 100])
@pytest.mark.parametrize("start", ["", "/a/", "/a/1/x", "/a/3", "/z", "zz"])
@pytest.mark.parametrize("prefix", ["", "/", "/a", "/a/", "/a/\U0001f600", "/c"])
async def test_ranges_are_ordered_by_bytes_and_cut_and_counted_right(store, prefix, start, limit):
    await store.txn([], [Put(key, key.encode()) for key in reversed(KEYS)])
    at = (await store.txn([], [Delete("b")])).revision
    await store.txn([], [Put("/a/3", b"later"), Delete("/a/1")])
    expected = sorted((key for key in KEYS if key != "b" and key.startswith(prefix) and key >= start), key=str.encode)
    result = await store.range(prefix, start=start, limit=limit, revision=at)
    assert [item.key for item in result.items] == (expected[:limit] if limit else expected)
    assert [item.value for item in result.items] == [item.key.encode() for item in result.items]
    assert (result.count, result.revision) == (len(expected), at)


async def test_long_ranges_come_whole(store):
    keys = [f"/k/{i:05d}" for i in range(2500)]
    for begin in range(0, len(keys), 100):
        await store.txn([], [Put(key, b"x") for key in keys[begin : begin + 100]])
    for limit in (0, 1000, 1001, 2499, 2500, 2501):
        result = await store.range("/k/", limit=limit)
        assert [item.key for item in result.items] == (keys[:limit] if limit else keys)
        assert result.count == 2500


async def test_of_many_concurrent_writers_each_revision_has_one(store):
    async def count_up(times):
        for _ in range(times):
            while True:
                now = await store.get("counter")
                value = int(now.value) if now else 0
                compare = Compare("counter", now.mod_revision if now else 0)
                if (await store.txn([compare], [Put("counter", b"%d" % (value + 1))])).succeeded:
                    break

    await asyncio.gather(*(count_up(10) for _ in range(8)))
    assert (await store.get("counter")).value == b"80"


async def test_a_refusal_never_shows_what_is_not_there_to_read(store):
    """Whoever is told of a newer state can read it, and anything else it says is at least as new."""
    await put(store, "a", b"0")

    async def write():
        for i in range(1, 60):
            await put(store, "a", b"%d" % i)

    async def look():
        for _ in range(60):
            refused = await store.txn([Compare("a", 0)], [Put("a", b"never")])
            told = refused.current["a"]
            read = await store.get("a")
            assert (read.mod_revision, int(read.value)) >= (told.mod_revision, int(told.value))
            assert await store.current_revision() >= told.mod_revision

    await asyncio.gather(write(), look(), look())


async def test_a_cancelled_caller_does_not_disturb_the_others(store):
    async with asyncio.timeout(60):
        tasks = [asyncio.create_task(put(store, f"k{i}")) for i in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, int) for result in results[1::2])
    assert await put(store, "after") > max(result for result in results if isinstance(result, int))


async def test_a_closed_store_says_so(open_empty, tmp_path):
    store = await open_empty(tmp_path)
    await put(store, "a")
    await store.close()
    await store.close()
    for call in (store.get("a"), store.range(""), store.txn([], []), store.current_revision(), store.compact(1)):
        with pytest.raises(StoreUnavailable):
            await call
