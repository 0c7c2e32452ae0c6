"""The feed: loading, following, waiting for revisions, and starting over after a gap."""

import asyncio

import pytest

from podwright.apiserver.cache.feed import Feed, SharedQuestion
from podwright.apiserver.cache.item import encode_value
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.store.memory import MemoryStore
from podwright.store.protocol import Put, StoreUnavailable


def value(name, data="x"):
    return encode_value({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": {"k": data}})


def feed_of(store, *plurals):
    feed = Feed(store)
    for plural in plurals:
        cache = ResourceCache(f"/registry/{plural}/", "ConfigMap", "v1", namespaced=True, fields=dict, window=10)
        feed.add(cache)
    return feed


async def put(store, key, data="x"):
    result = await store.txn([], [Put(key, value(key.rpartition("/")[2], data))])
    return result.revision


@pytest.fixture
async def store():
    made = MemoryStore()
    yield made
    await made.close()


async def test_what_was_there_is_loaded_and_what_comes_is_followed(store):
    await put(store, "/registry/a/ns/x")
    await put(store, "/registry/b/ns/y")
    await put(store, "/registry/unknown/ns/z")
    feed = feed_of(store, "a", "b")
    await feed.start()
    try:
        assert [i.key for i in feed.caches["a"].iterate()] == ["/registry/a/ns/x"]
        revision = await put(store, "/registry/a/ns/w")
        await feed.reached(revision)
        assert [i.name for i in feed.caches["a"].iterate()] == ["w", "x"]
        assert [i.name for i in feed.caches["b"].iterate()] == ["y"]
    finally:
        await feed.stop()


async def test_fresh_waits_for_what_others_wrote(store):
    feed = feed_of(store, "a")
    await feed.start()
    try:
        await put(store, "/registry/a/ns/x")
        await feed.fresh()
        assert feed.caches["a"].get("ns", "x") is not None
    finally:
        await feed.stop()


async def test_stopping_fails_those_who_wait(store):
    feed = feed_of(store, "a")
    await feed.start()
    waiting = asyncio.create_task(feed.reached(10**9))
    await asyncio.sleep(0)
    await feed.stop()
    with pytest.raises(StoreUnavailable):
        await waiting


async def test_a_compacted_gap_is_bridged_by_loading_again(store):
    class Gappy:
        """Breaks the first watch off as if its history were gone."""

        def __init__(self):
            self.watches = 0

        def __getattr__(self, name):
            return getattr(store, name)

        def watch(self, prefix, *, from_revision):
            self.watches += 1
            return store.watch(prefix, from_revision=1 if self.watches == 1 else from_revision)

    await put(store, "/registry/a/ns/x")
    await store.compact(await put(store, "/registry/a/ns/x", "new"))
    gappy = Gappy()
    feed = feed_of(gappy, "a")
    await feed.start()
    try:
        revision = await put(store, "/registry/a/ns/y")
        await feed.reached(revision)
        assert [i.name for i in feed.caches["a"].iterate()] == ["x", "y"]
        await feed.reached(await put(store, "/registry/a/ns/z"))
        assert gappy.watches == 2
    finally:
        await feed.stop()


class Slow:
    """A number that is told only when the test says so."""

    def __init__(self):
        self.questions = []

    async def ask(self):
        question = asyncio.get_running_loop().create_future()
        self.questions.append(question)
        return await question


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_answer_is_never_older_than_the_question():
    slow = Slow()
    shared = SharedQuestion(slow.ask)
    first = asyncio.create_task(shared.ask())
    await settle()
    later = [asyncio.create_task(shared.ask()) for _ in range(3)]
    await settle()
    assert len(slow.questions) == 1
    slow.questions[0].set_result(10)
    await settle()
    assert await first == 10
    assert not any(t.done() for t in later)
    assert len(slow.questions) == 2
    slow.questions[1].set_result(20)
    assert [await t for t in later] == [20, 20, 20]
    assert len(slow.questions) == 2


async def test_a_failed_question_is_asked_again_by_the_next():
    slow = Slow()
    shared = SharedQuestion(slow.ask)
    first, second = asyncio.create_task(shared.ask()), asyncio.create_task(shared.ask())
    await settle()
    slow.questions[0].set_exception(StoreUnavailable("gone"))
    await settle()
    slow.questions[1].set_result(7)
    with pytest.raises(StoreUnavailable):
        await first
    assert await second == 7


async def test_a_cancelled_asker_does_not_block_the_others():
    slow = Slow()
    shared = SharedQuestion(slow.ask)
    first, second = asyncio.create_task(shared.ask()), asyncio.create_task(shared.ask())
    await settle()
    first.cancel()
    await settle()
    slow.questions[1].set_result(7)
    assert await second == 7
