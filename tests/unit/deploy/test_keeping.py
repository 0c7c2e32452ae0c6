"""Parts that fail begin anew: after growing pauses, which start over once a part has worked for a while."""

import asyncio
import itertools
import logging
from collections.abc import Sequence

import pytest

from podwright.client.clock import SystemClock
from podwright.deploy.keeping import GOOD_SECONDS, keep

pytestmark = pytest.mark.looptime


class LoopClock(SystemClock):
    """The loop's time, which tests advance for free."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


async def begun_at(runs: Sequence[float], *, fails: bool = True) -> list[float]:
    """When a part was begun whose runs last so long (seconds); the last run lasts."""
    clock, left, found = LoopClock(), list(runs), list[float]()
    done = asyncio.Event()

    async def part() -> None:
        found.append(round(clock.monotonic(), 3))
        if not left:
            done.set()
            await asyncio.Event().wait()
        await clock.sleep(left.pop(0))
        if fails:
            raise RuntimeError("broken")

    task = asyncio.create_task(keep("part", part, clock))
    await done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return found


async def test_pauses_grow_to_five_seconds() -> None:
    found = await begun_at([0.0] * 8)
    pauses = [round(after - before, 3) for before, after in itertools.pairwise(found)]
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


@pytest.mark.parametrize(("lasted", "pause"), [(GOOD_SECONDS, 0.1), (GOOD_SECONDS - 1, 0.8)], ids=["good", "short"])
async def test_a_good_run_starts_over(lasted: float, pause: float) -> None:
    found = await begun_at([0.0, 0.0, 0.0, lasted])
    assert round(found[-1] - found[-2] - lasted, 3) == pause


async def test_a_part_that_ends_begins_anew_too(caplog: pytest.LogCaptureFixture) -> None:
    assert len(await begun_at([0.0, 0.0], fails=False)) == 3
    assert not caplog.records


async def test_what_failed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await begun_at([0.0])
    assert "Cannot go on with part, starting it anew in 0.1 s" in caplog.text
    assert "RuntimeError: broken" in caplog.text
