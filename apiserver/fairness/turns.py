"""Whose step runs next on the one processor that all requests share. Pure: the clock and the loop are parameters.

A request runs in steps, each from one wait to the next. While little is to be done a step runs at once. When steps come
faster than they can be run they wait here, and the loop looks at its sockets after every slice of time. Which is next:
of the levels the one that has had least for its weight, of its flows the one that has had least, of a flow's requests
the one that came first. A flow that was idle is a little ahead of the busy ones, so that a seldom guest hardly waits.
While several flows share the processor slices are short, and what has just come in begins before the next: that costs a
few more looks at the sockets, which a flow that is alone is spared.
It must never run a step in the middle of another.
"""

# ruff: noqa: PLR1730 - every step of every request is charged here: a comparison costs a third of a call
from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final

SLICE: Final = 0.0003
"""Seconds of steps between two looks at the sockets, when steps wait."""
SHORT: Final = 0.0001
"""The same while several flows share the processor."""
ALONE: Final = 500
"""After so many steps without one of another flow a flow is alone."""
_MOST: Final = 0.002  # seconds between two looks for the steps of flows that are ahead of all that wait
_AHEAD: Final = 0.002  # seconds that an idle flow is ahead
_USUAL: Final = 100.0  # the weight with which virtual time is time


class Share:
    """A priority level's share of the processor."""

    __slots__ = ("lanes", "now", "weight", "worked")

    def __init__(self, weight: int) -> None:
        self.weigh(weight)
        self.worked = 0.0
        self.now = 0.0
        """The virtual time of the flow that ran last."""
        self.lanes: set[Lane] = set()
        """Those whose steps wait."""

    def weigh(self, weight: int) -> None:
        """Change its weight."""
        self.weight = max(weight, 1) / _USUAL


class Lane:
    """A flow's share of its level's processor time."""

    __slots__ = ("share", "steps", "worked")

    def __init__(self, share: Share) -> None:
        self.share = share
        self.worked = 0.0
        self.steps: list[tuple[int, int, Callable[[], None]]] = []


class Turns:
    """Gives steps their turn. `soon` runs a function after the loop has looked at its sockets."""

    def __init__(self, clock: Callable[[], float], soon: Callable[[Callable[[], None]], object]) -> None:
        self.clock = clock
        self._soon = soon
        self._order = count()
        self.spent = 0.0
        """Seconds of steps since the loop looked at its sockets."""
        self.waiting = 0
        """Number of steps that wait."""
        self.slice = SLICE
        self._ticking = False
        self._last: Lane | None = None
        self._alone = 0  # steps since another flow had one
        self._shares: set[Share] = set()  # those whose steps wait
        self._now = 0.0

    def may_run(self, lane: Lane) -> bool:
        """Tell whether a step of this flow may run now."""
        if not self.waiting:
            return self.spent < self.slice
        return self.spent < _MOST and not lane.steps and self._is_ahead(lane)

    def _is_ahead(self, lane: Lane) -> bool:
        share = lane.share
        first = self._first_share()
        if first is share or not self._shares:
            return all(_begin(lane) < _begin(other) for other in share.lanes)
        return self._begin(share) < self._begin(first) and not share.lanes

    def wait(self, lane: Lane, number: int, wake: Callable[[], None]) -> None:
        """Have `wake` called when it is the step's turn; `number` is lower for older requests."""
        share = lane.share
        if not lane.steps:
            lane.worked = _begin(lane)
            if not share.lanes:
                share.worked = self._begin(share)
                self._shares.add(share)
            share.lanes.add(lane)
        heappush(lane.steps, (number, next(self._order), wake))
        self.waiting += 1
        self._tick_soon()

    def charge(self, lane: Lane, seconds: float) -> None:
        """A step of this flow took so long."""
        share = lane.share
        begin = share.now - _AHEAD
        if lane.worked > begin:
            begin = lane.worked
        if begin > share.now:
            share.now = begin
        lane.worked = begin + seconds
        begin = self._now - _AHEAD
        if share.worked > begin:
            begin = share.worked
        if begin > self._now:
            self._now = begin
        share.worked = begin + seconds / share.weight
        self.spent += seconds
        if lane is not self._last:
            if self._last is not None:
                self._alone, self.slice = 0, SHORT
            self._last = lane
        elif self.slice == SHORT:
            self._alone += 1
            if self._alone >= ALONE:
                self.slice = SLICE
        if self.spent >= self.slice and not self._ticking:
            self._tick_soon()

    def _tick_soon(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._soon(self._tick if self.slice == SLICE else self._make_way)

    def _make_way(self) -> None:
        """Let begin first what came in during the last slice."""
        self._soon(self._tick)

    def _tick(self) -> None:
        self._ticking = False
        self.spent = 0.0
        while self.waiting and self.spent < self.slice:
            self._take()()
        if self.waiting:
            self._tick_soon()

    def _take(self) -> Callable[[], None]:
        share = self._first_share()
        lane = next(iter(share.lanes)) if len(share.lanes) == 1 else min(share.lanes, key=_worked)
        _, _, wake = heappop(lane.steps)
        self.waiting -= 1
        if not lane.steps:
            share.lanes.discard(lane)
            if not share.lanes:
                self._shares.discard(share)
        return wake

    def _first_share(self) -> Share:
        shares = self._shares
        return next(iter(shares)) if len(shares) == 1 else min(shares, key=_worked)

    def _begin(self, share: Share) -> float:
        return max(share.worked, self._now - _AHEAD)


def _begin(lane: Lane) -> float:
    return max(lane.worked, lane.share.now - _AHEAD)


def _worked(one: Lane | Share) -> float:
    return one.worked
