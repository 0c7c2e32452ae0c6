"""Forgetting history, and telling time by revisions."""

import time

import pytest

from podwright.store.protocol import Compacted, Compare, Delete, FutureRevision, Put


async def put(store, key, value=b"v"):
    return (await store.txn([], [Put(key, value)])).revision


async def test_history_before_is_gone_and_the_state_at_it_stays(store):
    first = await put(store, "a", b"1")
    await put(store, "b", b"1")
    second = await put(store, "a", b"2")
    third = await put(store, "a", b"3")
    await store.compact(second)
    for read in (store.get("a", revision=second - 1), store.range("", revision=first)):
        with pytest.raises(Compacted) as caught:
            await read
        assert caught.value.compact_revision == second
    assert (await store.get("a", revision=second)).value == b"2"
    assert (await store.get("a", revision=third)).value == b"3"
    assert [item.value for item in (await store.range("", revision=second)).items] == [b"2", b"1"]
    assert (await store.get("b")).value == b"1"


async def test_deleted_keys_are_forgotten_and_can_come_back(store):
    await put(store, "a")
    await store.txn([], [Delete("a")])
    after = await put(store, "b")
    await store.compact(after)
    assert await store.get("a") is None
    assert (await store.txn([Compare("a", 0)], [Put("a", b"2")])).succeeded
    assert (await store.get("a")).create_revision > after


async def test_compacting_at_a_deletion(store):
    await put(store, "a")
    deleted = (await store.txn([], [Delete("a")])).revision
    await store.compact(deleted)
    assert await store.get("a", revision=deleted) is None
    assert (await store.range("", revision=deleted)).items == []
    assert await store.current_revision() == deleted


async def test_compacting_backwards_or_twice_changes_nothing(store):
    revisions = [await put(store, "a", b"%d" % i) for i in range(5)]
    await store.compact(revisions[3])
    await store.compact(revisions[3])
    await store.compact(revisions[1])
    assert (await store.get("a", revision=revisions[3])).value == b"3"
    with pytest.raises(Compacted):
        await store.get("a", revision=revisions[2])


async def test_the_future_cannot_be_compacted(store):
    now = await put(store, "a")
    with pytest.raises(FutureRevision):
        await store.compact(now + 1)
    assert (await store.get("a", revision=now)).mod_revision == now


@pytest.mark.parametrize(("offset", "kept"), [(-1, False), (0, False), (1, True), (2, True)])
async def test_watches_begin_after_the_compacted_revision(store, follow, offset, kept):
    await put(store, "a")
    middle = (await store.txn([], [Delete("a")])).revision
    last = await put(store, "a")
    last = await put(store, "a")
    await store.compact(middle)
    follower = follow("a", from_revision=middle + offset)
    if kept:
        assert [event.mod_revision for event in await follower.until(last)] == list(range(middle + offset, last + 1))
    else:
        with pytest.raises(Compacted) as caught:
            await follower.until(last)
        assert caught.value.compact_revision == middle


async def test_a_live_watch_is_not_disturbed(store, follow):
    follower = follow()
    await follower.until(await store.current_revision())
    revisions = []
    for i in range(50):
        revisions.append(await put(store, f"k{i % 3}"))
        if i % 10 == 9:
            await follower.until(revisions[-1])
            await store.compact(revisions[-1])
    assert [event.mod_revision for event in await follower.until(revisions[-1])] == revisions


async def test_the_revision_of_a_time(store):
    before = time.time() - 3600
    revision = await put(store, "a")
    with pytest.raises(Compacted):
        await store.revision_at(before)
    assert await store.revision_at(time.time() + 5) >= revision
