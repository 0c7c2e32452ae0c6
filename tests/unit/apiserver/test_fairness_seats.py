"""Seats and queues: nobody is lost, nobody starves, shares are kept, whatever comes in whatever order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.apiserver.fairness.levels import LevelSpec
from podwright.apiserver.fairness.queues import Ticket
from podwright.apiserver.fairness.seats import REFUSED_FULL, REFUSED_LIMIT, Seats
from podwright.apiserver.fairness.shares import share_out
from podwright.apiserver.fairness.shuffling import hand_of

QUEUED = {"queues": 8, "hand": 3, "length": 5}


def level(name, shares, lendable=0, borrowing=-1, **queues):
    return LevelSpec(name, shares=shares, lendable=lendable, borrowing=borrowing, **(queues or QUEUED))


def seats_of(total, *levels):
    seats = Seats(total)
    seats.configure({spec.name: spec for spec in levels})
    return seats


class Crowd:
    """Requests that come and go; time is a number that the test moves."""

    def __init__(self, seats):
        self.seats = seats
        self.now = 0.0
        self.number = 0
        self.waiting = []
        self.running = []
        self.refused = []

    def come(self, name, flow="f", width=1):
        self.number += 1
        ticket = Ticket(self.seats.levels[name], self.number, width)
        spec = ticket.level.spec
        hand = hand_of("s", flow, spec.queues, spec.hand) if spec.queues else ()
        refusal = self.seats.enter(ticket, hand, self.now)
        if refusal:
            self.refused.append((ticket, refusal))
        elif ticket.running:
            self.running.append(ticket)
        else:
            self.waiting.append(ticket)
            self.settle()
        return ticket

    def settle(self):
        for ticket in self.seats.begin_waiting(self.now):
            self.waiting.remove(ticket)
            self.running.append(ticket)

    def go(self, ticket, spent=0.001):
        ticket.spent = spent
        self.running.remove(ticket)
        self.seats.leave(ticket)
        self.settle()

    def give_up(self, ticket):
        self.waiting.remove(ticket)
        self.seats.withdraw(ticket)
        self.settle()

    def check(self):
        for one in self.seats.levels.values():
            mine = [t for t in self.running if t.level is one]
            assert one.used == sum(t.width for t in mine)
            assert one.wide == sum(t.width for t in mine if t.width > 1)
            assert one.queues.waiting == sum(t.level is one for t in self.waiting)


def crowd_of(total, *levels):
    return Crowd(seats_of(total, *levels))


@pytest.mark.parametrize(
    ("levels", "total", "found"),
    [
        ([level("a", 1), level("b", 3)], 100, {"a": (25, 25, 125), "b": (75, 75, 175)}),
        ([level("a", 1, lendable=50), level("b", 1, borrowing=10)], 10, {"a": (5, 2, 15), "b": (5, 5, 6)}),
        ([level("a", 0), level("b", 7)], 10, {"a": (0, 0, 10), "b": (10, 10, 20)}),
        ([level("a", 0)], 10, {"a": (0, 0, 10)}),
        ([level("a", 1), level("b", 1), level("c", 1)], 10, {"a": (4, 4, 14), "b": (4, 4, 14), "c": (4, 4, 14)}),
    ],
)
def test_shares(levels, total, found):
    limits = share_out(levels, total)
    assert {name: (one.nominal, one.least, one.most) for name, one in limits.items()} == found


def test_a_level_that_is_full_queues_and_then_refuses():
    crowd = crowd_of(2, level("a", 1, borrowing=0, queues=1, hand=1, length=2))
    tickets = [crowd.come("a") for _ in range(5)]
    assert [t.running for t in tickets] == [True, True, False, False, False]
    assert [(t, why) for t, why in crowd.refused] == [(tickets[4], REFUSED_FULL)]
    crowd.go(tickets[0])
    assert tickets[2].running
    assert not tickets[3].running


def test_a_level_without_queues_refuses_at_once():
    crowd = crowd_of(1, level("a", 1, borrowing=0, queues=0))
    crowd.come("a")
    assert crowd.seats.enter(Ticket(crowd.seats.levels["a"], 9, 1), (), 0.0) == REFUSED_LIMIT


def test_exempt_requests_never_wait():
    crowd = crowd_of(1, LevelSpec("x", exempt=True), level("a", 1))
    assert all(crowd.come("x").running for _ in range(50))
    assert crowd.come("a").running


def test_what_is_lent_is_used_and_comes_back_first():
    crowd = crowd_of(20, level("a", 1, lendable=50), level("b", 1, lendable=50))
    mine = [crowd.come("a", f"f{i}") for i in range(30)]
    assert sum(t.running for t in mine) == 15
    theirs = [crowd.come("b", f"g{i}") for i in range(10)]
    assert sum(t.running for t in theirs) == 5
    for ticket in [t for t in mine if t.running][:5]:
        crowd.go(ticket)
    assert sum(t.running for t in theirs) == 10
    assert sum(t.running for t in mine) == 10
    crowd.check()


def test_wide_requests_do_not_borrow_and_let_small_ones_pass():
    crowd = crowd_of(40, level("a", 1, lendable=50), level("b", 1, lendable=50))
    lists = [crowd.come("a", f"f{i}", width=10) for i in range(4)]
    assert [t.running for t in lists] == [True, True, False, False]
    small = crowd.come("a", "other")
    assert small.running
    crowd.go(small)
    crowd.go(lists[0])
    assert lists[2].running
    assert not lists[3].running


def test_a_request_wider_than_its_level_still_runs():
    crowd = crowd_of(10, level("a", 1), level("b", 9))
    assert crowd.come("a", width=10).width == 1


def test_a_flow_that_floods_leaves_others_their_turn():
    """The quiet flow has its own queue in the hand: it waits for one request, not for fifty."""
    crowd = crowd_of(1, level("a", 1, borrowing=0, queues=64, hand=6, length=50))
    for _ in range(100):
        crowd.come("a", "noisy")
    quiet = crowd.come("a", "quiet")
    ended = 0
    while not quiet.running:
        crowd.go(crowd.running[0])
        ended += 1
    assert ended <= 7  # one for each of the noisy one's queues, and the one that ran


def test_queues_share_work_and_not_requests():
    """One flow's requests take five times as long: it gets a fifth as many of them."""
    crowd = crowd_of(1, level("a", 1, borrowing=0, queues=256, hand=1, length=2000))
    cost = {"long": 0.005, "short": 0.001}
    flow_of, begun = {}, {"long": 0, "short": 0}
    first = crowd.come("a", "opening")
    for _ in range(600):
        for flow in cost:
            flow_of[crowd.come("a", flow)] = flow
    crowd.go(first)
    for _ in range(500):
        ticket = crowd.running[0]
        begun[flow_of[ticket]] += 1
        crowd.go(ticket, cost[flow_of[ticket]])
    assert begun["short"] == pytest.approx(5 * begun["long"], rel=0.1)


def test_who_gives_up_frees_his_place():
    crowd = crowd_of(1, level("a", 1, borrowing=0, queues=1, hand=1, length=1))
    first, second = crowd.come("a"), crowd.come("a")
    crowd.give_up(second)
    third = crowd.come("a")
    assert not crowd.refused
    crowd.go(first)
    assert third.running
    crowd.check()


def test_a_level_that_is_gone_serves_those_who_wait_in_it():
    crowd = crowd_of(2, level("a", 1), level("b", 1))
    tickets = [crowd.come("a", f"f{i}") for i in range(4)]
    crowd.seats.configure({"b": level("b", 1)})
    assert crowd.seats.levels["a"].ending
    for ticket in tickets:
        assert ticket.running
        crowd.go(ticket)
    crowd.seats.configure({"b": level("b", 1)})
    assert "a" not in crowd.seats.levels


LEVELS = (
    level("a", 2, lendable=50),
    level("b", 1, lendable=100, borrowing=50),
    level("c", 3, queues=0),
    LevelSpec("x", exempt=True),
)
step = st.one_of(
    st.tuples(st.just("come"), st.sampled_from("abcx"), st.sampled_from("pqrst"), st.integers(1, 4)),
    st.tuples(st.just("go"), st.integers(0, 50), st.floats(0.0, 0.01)),
    st.tuples(st.just("give up"), st.integers(0, 50)),
    st.tuples(st.just("configure"), st.lists(st.sampled_from(LEVELS), unique_by=lambda one: one.name)),
)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 30), st.lists(step, max_size=80))
def test_every_request_runs_or_is_refused_or_gives_up(total, steps):
    crowd = crowd_of(total, *LEVELS)
    for kind, *what in steps:
        if kind == "come" and what[0] in crowd.seats.levels:
            crowd.come(*what)
        elif kind == "go" and crowd.running:
            crowd.go(crowd.running[what[0] % len(crowd.running)], what[1])
        elif kind == "give up" and crowd.waiting:
            crowd.give_up(crowd.waiting[what[0] % len(crowd.waiting)])
        elif kind == "configure":
            crowd.seats.configure({one.name: one for one in what[0]})
            crowd.settle()
        crowd.check()
    # nobody waits for ever: when those that run end, those that wait begin
    for _ in range(200):
        if not crowd.running:
            break
        crowd.go(crowd.running[0])
    assert not crowd.running
    assert not crowd.waiting
    assert all(one.used == 0 for one in crowd.seats.levels.values())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=60))
def test_a_level_always_gets_what_it_never_lends(arrivals):
    crowd = crowd_of(
        12,
        level("a", 1, lendable=50, queues=64, hand=4, length=50),
        level("b", 2, lendable=50, queues=64, hand=4, length=50),
    )
    for number, name in enumerate(arrivals):
        crowd.come(name, f"f{number % 7}")
        for one in crowd.seats.levels.values():
            wanted = one.used + one.queues.waiting
            assert min(wanted, one.limits.least) <= one.used <= one.limits.most
        assert sum(one.used for one in crowd.seats.levels.values()) <= 12
