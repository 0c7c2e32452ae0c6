"""Turns on the processor: simulated requests with a clock of our own, and the tasks that they are run by."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.apiserver.fairness.levels import LevelSpec
from podwright.apiserver.fairness.queues import Level, Ticket
from podwright.apiserver.fairness.steps import Steps
from podwright.apiserver.fairness.turns import ALONE, SHORT, SLICE, Lane, Share, Turns


class Machine:
    """One processor, one loop: every round it looks at its sockets, then runs what is due."""

    def __init__(self):
        self.now = 0.0
        self.soon = []
        self.turns = Turns(lambda: self.now, self.soon.append)
        self.had = {}
        self.numbers = iter(range(10**9))

    def step(self, lane, seconds, number=None, then=None):
        """A step of a flow is due."""
        number = next(self.numbers) if number is None else number

        def run():
            self.now += seconds
            self.had[lane] = self.had.get(lane, 0.0) + seconds
            self.turns.charge(lane, seconds)
            if then is not None:
                then()

        if self.turns.may_run(lane):
            run()
            return True
        self.turns.wait(lane, number, run)
        return False

    def round(self):
        """Run what the loop was asked to run."""
        due, self.soon[:] = list(self.soon), []
        for call in due:
            call()
        return bool(due)


def busy(machine, lane, seconds):
    """A client that asks again as soon as it has its answer, which it does at the next look at the sockets."""
    machine.step(lane, seconds, then=lambda: machine.soon.append(lambda: busy(machine, lane, seconds)))


def test_a_step_runs_at_once_while_little_is_to_be_done():
    machine = Machine()
    assert machine.step(Lane(Share(100)), SLICE / 4)
    assert machine.soon == []


def test_a_slice_ends_and_the_rest_waits_for_the_next_round():
    machine, lane = Machine(), Lane(Share(100))
    assert [machine.step(lane, SLICE / 2) for _ in range(5)] == [True, True, False, False, False]
    machine.round()
    assert machine.turns.waiting == 1
    machine.round()
    assert machine.turns.waiting == 0


@pytest.mark.parametrize("noise", [64, 500])
def test_a_quiet_flow_waits_for_a_slice_and_not_for_the_noise(noise):
    machine, share = Machine(), Share(100)
    noisy, quiet, waits = Lane(share), Lane(share), []
    for _ in range(noise):
        busy(machine, noisy, 0.0001)
    chance = random.Random(7)
    for _ in range(300):
        for _ in range(chance.randrange(3, 9)):
            machine.round()
        arrived = machine.now
        machine.step(quiet, 0.0001, then=lambda since=arrived: waits.append(machine.now - since))
    for _ in range(20):
        machine.round()
    assert len(waits) == 300
    assert max(waits) <= SLICE + 0.0003


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(50, 900)), min_size=2, max_size=6))
def test_busy_flows_share_alike_whatever_they_ask_for(flows):
    """`flows` are numbers of clients and microseconds of a step."""
    machine, share = Machine(), Share(100)
    lanes = [Lane(share) for _ in flows]
    for lane, (clients, micros) in zip(lanes, flows, strict=True):
        for _ in range(clients + 2000 // micros):  # enough for a slice: there is always one that waits
            busy(machine, lane, micros / 1e6)
    while machine.now < 0.2:
        machine.round()
    had = [machine.had[lane] for lane in lanes]
    assert max(had) - min(had) < 0.01 + 4 * SLICE


def test_levels_share_by_weight():
    machine = Machine()
    heavy, light = Lane(Share(90)), Lane(Share(30))
    for lane in (heavy, light):
        for _ in range(20):
            busy(machine, lane, 0.0002)
    while machine.now < 1.0:
        machine.round()
    assert machine.had[heavy] / machine.had[light] == pytest.approx(3, rel=0.03)


def test_an_idle_flow_saves_nothing_up():
    machine, share = Machine(), Share(100)
    first, late = Lane(share), Lane(share)
    for _ in range(10):
        busy(machine, first, 0.0001)
    while machine.now < 1.0:
        machine.round()
    before = machine.had[first]
    for _ in range(10):
        busy(machine, late, 0.0001)
    while machine.now < 1.2:
        machine.round()
    assert machine.had[late] - (machine.had[first] - before) < 0.005


def test_slices_are_short_while_flows_share_and_long_again_for_one_that_is_alone():
    machine, share = Machine(), Share(100)
    noisy, quiet = Lane(share), Lane(share)
    machine.turns.charge(noisy, 0.0)
    assert machine.turns.slice == SLICE
    machine.turns.charge(quiet, 0.0)
    assert machine.turns.slice == SHORT
    for _ in range(ALONE):
        assert machine.turns.slice == SHORT
        machine.turns.charge(noisy, 0.0)
    machine.turns.charge(noisy, 0.0)
    assert machine.turns.slice == SLICE


def test_what_has_just_come_in_begins_before_the_next_slice_of_another_flow():
    machine, share = Machine(), Share(100)
    noisy, quiet, order = Lane(share), Lane(share), []
    machine.turns.charge(quiet, 0.0)
    for number in range(3):
        machine.step(noisy, 2 * SHORT, then=lambda n=number: order.append(n))
    # While the first ran a request came in; the sockets are looked at, and its task is due.
    machine.soon.append(lambda: machine.step(quiet, SHORT, then=lambda: order.append("quiet")))
    while machine.round():
        pass
    assert order == [0, "quiet", 1, 2]


def test_older_requests_of_a_flow_go_first():
    machine, lane, order = Machine(), Lane(Share(100)), []
    machine.step(lane, SLICE)
    for number in (5, 3, 4):
        machine.step(lane, 0.00001, number, then=lambda n=number: order.append(n))
    machine.round()
    assert order == [3, 4, 5]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3000)), max_size=120))
def test_no_step_is_lost(steps):
    machine, shares = Machine(), [Share(10), Share(100)]
    lanes = [Lane(shares[i % 2]) for i in range(5)]
    done = []
    for number, (lane, micros) in enumerate(steps):
        machine.step(lanes[lane], micros / 1e6, then=lambda n=number: done.append(n))
        if number % 7 == 0:
            machine.round()
    while machine.round():
        pass
    assert sorted(done) == list(range(len(steps)))
    assert machine.turns.waiting == 0


# -- the tasks


def steps_of(turns, coroutine, number=0):
    ticket = Ticket(Level(LevelSpec("x", exempt=True)), number, 1)
    return Steps(turns, Lane(Share(100)), ticket, coroutine), ticket


@pytest.fixture
async def crowded():
    """Turns of the running loop, with a slice that is used up: whoever comes has to wait."""
    turns = Turns(lambda: 0.0, lambda call: asyncio.get_running_loop().call_soon(call))
    turns.spent = 1.0
    turns.wait(Lane(Share(100)), -1, lambda: None)
    return turns


async def test_what_it_returns_and_raises_and_waits_for_is_the_coroutine_s(crowded):
    async def work():
        assert await asyncio.sleep(0.001, "slept") == "slept"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        return 7

    steps, ticket = steps_of(crowded, work())
    assert await steps == 7
    assert ticket.spent == 0.0


async def test_an_error_comes_through(crowded):
    async def fail():
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await steps_of(crowded, fail())[0]


async def test_steps_of_many_tasks_all_end(crowded):
    done = []

    async def work(number):
        for _ in range(3):
            await asyncio.sleep(0)
        done.append(number)

    async def run(number):
        await steps_of(crowded, work(number), number)[0]

    await asyncio.gather(*(run(number) for number in range(50)))
    assert sorted(done) == list(range(50))


async def test_a_cancelled_one_goes_at_once_and_may_still_clean_up(crowded):
    held = []

    async def work():
        held.append(True)
        try:
            await asyncio.Event().wait()
        finally:
            held.clear()
            await asyncio.sleep(0)

    async def run():
        await steps_of(crowded, work())[0]

    waiting, begun = asyncio.create_task(run()), asyncio.create_task(run())
    await asyncio.sleep(0.01)
    assert held == [True, True]
    begun.cancel()
    waiting.cancel()
    results = await asyncio.gather(waiting, begun, return_exceptions=True)
    assert [type(r) for r in results] == [asyncio.CancelledError] * 2
    assert held == []


async def test_one_that_is_cancelled_while_it_waits_for_its_turn_never_begins():
    turns = Turns(lambda: 0.0, lambda call: None)  # nobody's turn ever comes
    turns.spent = 1.0
    begun = []

    async def work():
        begun.append(True)

    async def run():
        await steps_of(turns, work())[0]

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    assert turns.waiting == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun == []
