"""A cancellation that arrives together with a child's failure wins."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from podwright.client.tasks import TaskGroup


async def _fails(go: asyncio.Event) -> None:
    await go.wait()
    raise OSError


async def _group_of(child: Coroutine[Any, Any, None]) -> None:
    async with TaskGroup() as group:
        group.create_task(child)
        await asyncio.Event().wait()


async def test_a_childs_error_is_raised() -> None:
    go = asyncio.Event()
    go.set()
    with pytest.raises(ExceptionGroup):
        await _group_of(_fails(go))


async def test_a_childs_error_is_raised_while_the_group_waits_for_it() -> None:
    """Its own cancellation of its task is nobody else's."""
    go = asyncio.Event()
    asyncio.get_running_loop().call_soon(go.set)

    async def group() -> None:
        async with TaskGroup() as group:
            group.create_task(_fails(go))

    with pytest.raises(ExceptionGroup):
        await group()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("waits", ["in its body", "for its children"])
@pytest.mark.parametrize("first", ["failure", "cancellation"])
async def test_a_cancellation_wins_over_a_childs_error(first: str, waits: str) -> None:
    go, running = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        while True:  # as a link that dials again whatever went wrong
            try:
                async with TaskGroup() as group:
                    group.create_task(_fails(go))
                    running.set()
                    if waits == "in its body":
                        await asyncio.Event().wait()
            except* OSError:
                running.clear()
                await asyncio.sleep(0.01)

    task = asyncio.create_task(work())
    await running.wait()
    await asyncio.sleep(0)
    if first == "failure":
        go.set()
        await asyncio.sleep(0)  # the child has failed, its group has not noticed yet
        task.cancel()
    else:
        task.cancel()
        go.set()
    done, _ = await asyncio.wait([task], timeout=5)
    if not done:
        task.cancel()
    assert done
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timeout_around_it_stays_a_timeout() -> None:
    async def patient() -> None:
        async with asyncio.timeout(0.01):
            await _group_of(_fails_when_cancelled())

    with pytest.raises(TimeoutError):
        await patient()


async def _fails_when_cancelled() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OSError from None
