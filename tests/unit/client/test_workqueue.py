"""The work queue: each key at most once, never by two workers, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from client_fakes import settle
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from podwright.client.workqueue import QueueShutDown, WorkQueue


async def drain(queue: WorkQueue[str]) -> list[str]:
    found: list[str] = []
    while len(queue):
        key = await queue.get()
        found.append(key)
        queue.done(key)
    return found


async def test_keys_come_in_order_and_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    for key in ("a", "b", "a", "c", "b"):
        queue.add(key)
    assert await drain(queue) == ["a", "b", "c"]
    assert queue.idle


async def test_a_key_added_while_worked_on_waits_for_done() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0, "nobody else may get it now"
    queue.done("a")
    assert await drain(queue) == ["a"]


async def test_get_waits_for_a_key() -> None:
    queue: WorkQueue[str] = WorkQueue()
    getting = asyncio.ensure_future(queue.get())
    await settle()
    assert not getting.done()
    queue.add("a")
    assert await getting == "a"


async def test_a_cancelled_waiter_loses_no_key() -> None:
    queue: WorkQueue[str] = WorkQueue()
    first, second = asyncio.ensure_future(queue.get()), asyncio.ensure_future(queue.get())
    await settle()
    queue.add("a")  # promised to the first ...
    first.cancel()  # ... which goes away before it could take it
    assert await second == "a"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_shutting_down_gives_out_the_rest_and_ends_every_worker() -> None:
    queue: WorkQueue[str] = WorkQueue()
    waiting = [asyncio.ensure_future(queue.get()) for _ in range(3)]
    await settle()
    queue.add("a")
    queue.add_after("later", 60)
    queue.shut_down()
    queue.add("b")
    queue.add_after("c", 1)
    queue.add_rate_limited("d")
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert found[0] == "a"
    assert [type(error) for error in found[1:]] == [QueueShutDown, QueueShutDown]
    queue.done("a")
    assert queue.idle


async def test_iterating_ends_at_shut_down() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    found: list[str] = []
    async for key in queue:
        found.append(key)
        queue.done(key)
        queue.shut_down()
    assert found == ["a"]


@pytest.fixture
async def loop_time(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[float]]:
    """Keys that wait, against a loop whose time the test sets."""
    loop = asyncio.get_running_loop()
    start, moved = loop.time(), [0.0]
    monkeypatch.setattr(loop, "time", lambda: start + moved[0])
    yield moved
    moved[0] = 0.0


async def test_later_keys_come_when_their_time_has_come(loop_time: list[float]) -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add_after("b", 20)
    queue.add_after("a", 10)
    queue.add_after("now", 0)
    assert await drain(queue) == ["now"]
    loop_time[0] = 10.1
    await settle()
    assert await drain(queue) == ["a"]
    loop_time[0] = 20.1
    await settle()
    assert await drain(queue) == ["b"]


async def test_of_several_times_the_earliest_counts(loop_time: list[float]) -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add_after("a", 20)
    queue.add_after("a", 10)
    queue.add_after("a", 30)
    loop_time[0] = 10.1
    await settle()
    assert await drain(queue) == ["a"]
    loop_time[0] = 31.0
    await settle()
    assert await drain(queue) == []


async def test_failing_keys_wait_longer_each_time_until_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    queue: WorkQueue[str] = WorkQueue(first=1, limit=5)
    delays: list[float] = []
    monkeypatch.setattr(queue, "add_after", lambda _key, seconds: delays.append(seconds))
    for _ in range(5):
        queue.add_rate_limited("a")
    assert delays == [1, 2, 4, 5, 5]
    assert queue.failures("a") == 5
    queue.forget("a")
    queue.add_rate_limited("a")
    assert delays[-1] == 1


def test_a_thousand_failures_do_not_overflow() -> None:
    async def fail_often() -> None:
        queue: WorkQueue[str] = WorkQueue()
        for _ in range(2000):
            queue.add_rate_limited("a")
        queue.shut_down()

    asyncio.run(fail_often())


class QueueMachine(RuleBasedStateMachine):
    """The queue beside a model that only knows which keys still owe a run."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: WorkQueue[int] = WorkQueue()
        self.owed: set[int] = set()
        self.working: set[int] = set()

    @rule(key=st.integers(0, 3))
    def add(self, key: int) -> None:
        self.queue.add(key)
        self.owed.add(key)

    @precondition(lambda self: len(self.queue))
    @rule()
    def get(self) -> None:
        coroutine = self.queue.get()
        with pytest.raises(StopIteration) as finished:
            coroutine.send(None)
        key = finished.value.value
        assert key in self.owed
        assert key not in self.working, "two workers have the same key"
        self.owed.discard(key)
        self.working.add(key)

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.working)))
        self.working.discard(key)
        self.queue.done(key)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        assert len(self.queue) == len(self.owed - self.working)


TestQueueMachine = QueueMachine.TestCase


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 4))
def test_workers_together_do_all_work_without_overlap(keys: list[int], workers: int) -> None:
    async def scenario() -> None:
        queue: WorkQueue[int] = WorkQueue()
        busy: set[int] = set()
        done: set[int] = set()

        async def work() -> None:
            async for key in queue:
                assert key not in busy
                busy.add(key)
                await asyncio.sleep(0)
                busy.discard(key)
                done.add(key)
                queue.done(key)

        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
            for key in keys:
                queue.add(key)
                await asyncio.sleep(0)
            queue.shut_down()
        assert done == set(keys)

    asyncio.run(scenario())
