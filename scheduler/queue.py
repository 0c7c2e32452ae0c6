"""Pods that wait for a node: which one is next, and when is it worth asking again.

    active          to be decided now; higher priority first, then first come
    backoff         failed lately; becomes active when its delay (1 s doubling to 10 s) is over
    unschedulable   refused by every node; woken when something changed that could let it fit

Pods of one template with equal requests are refused alike: they wait as one group, and a change to a node is tried
against one of them. A plain data structure: it must never read a clock (`now` is monotonic seconds) or wait.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

from podwright.scheduler.pod_info import PodInfo, Shape

_State = Literal["active", "backoff", "unschedulable", "taken"]


@dataclass(slots=True, eq=False)
class _Waiter:
    pod: PodInfo
    order: int
    state: _State = "active"
    attempts: int = 0
    ready_at: float = 0.0  # not to be tried before
    refused_at: float = 0.0
    apart: str = ""  # pods alike wait in groups of their own where a node is held for them
    ticket: int = 0  # the heap entry that counts; older ones are void


class PodQueue:
    """The three sets. Keys are namespace/name."""

    FIRST_BACKOFF: Final = 1.0
    LAST_BACKOFF: Final = 10.0
    STALE_AFTER: Final = 300.0  # a refused pod is tried again after this long even without any known change

    def __init__(self) -> None:
        self._waiters: dict[str, _Waiter] = {}
        self._active: list[tuple[int, int, int, str]] = []  # -priority, order, ticket, key
        self._backoff: list[tuple[float, int, str]] = []  # ready at, ticket, key
        self._refused: dict[tuple[Shape, str], set[str]] = {}
        self._tickets = count(1)
        self._orders = count()

    def __len__(self) -> int:
        return len(self._waiters)

    def __contains__(self, key: str) -> bool:
        return key in self._waiters

    @property
    def refused(self) -> bool:
        """Tell whether any pod waits for a change."""
        return bool(self._refused)

    def put(self, pod: PodInfo) -> None:
        """Add a pod, or replace what is known of it. One that changed in what it asks for is active at once."""
        waiter = self._waiters.get(pod.key)
        if waiter is None or waiter.pod.uid != pod.uid:
            self.remove(pod.key)
            waiter = self._waiters[pod.key] = _Waiter(pod, next(self._orders))
            self._activate(waiter)
            return
        changed = waiter.pod.shape != pod.shape or waiter.pod.priority != pod.priority
        if changed and waiter.state != "taken":
            self._unrefuse(waiter)
            waiter.pod = pod
            self._activate(waiter)
        else:
            waiter.pod = pod

    def remove(self, key: str, uid: str = "") -> None:
        """Forget a pod: it is gone, bound, or no longer ours. With `uid`, only that pod and no later namesake."""
        waiter = self._waiters.get(key)
        if waiter is not None and uid in {"", waiter.pod.uid}:
            self._unrefuse(waiter)
            del self._waiters[key]

    def take(self, now: float) -> PodInfo | None:
        """Return the next pod to decide, or None. It stays known until removed, refused or failed."""
        self._release(now)
        while self._active:
            _, _, ticket, key = heapq.heappop(self._active)
            waiter = self._waiters.get(key)
            if waiter is not None and waiter.ticket == ticket and waiter.state == "active":
                waiter.state = "taken"
                return waiter.pod
        return None

    def refuse(self, pod: PodInfo, now: float, apart: str = "") -> None:
        """Park a taken pod that no node accepts until something changes; only pods with the same `apart` are alike."""
        waiter = self._settle(pod, now)
        if waiter is not None:
            waiter.state = "unschedulable"
            waiter.refused_at = now
            waiter.apart = apart
            self._refused.setdefault((waiter.pod.shape, apart), set()).add(pod.key)

    def fail(self, pod: PodInfo, now: float) -> None:
        """Put a taken pod whose binding failed into backoff."""
        waiter = self._settle(pod, now)
        if waiter is not None:
            self._back_off(waiter)

    def wake(self, fits: Callable[[PodInfo], bool], now: float) -> int:
        """Wake the refused pods of every group that `fits` approves; returns how many woke."""
        woken = 0
        for shape in list(self._refused):
            if fits(self._waiters[next(iter(self._refused[shape]))].pod):
                for key in list(self._refused[shape]):
                    self._wake(self._waiters[key], now)
                    woken += 1
        return woken

    def retry(self, key: str, now: float) -> None:
        """Wake a refused pod whatever it waits for."""
        waiter = self._waiters.get(key)
        if waiter is not None and waiter.state == "unschedulable":
            self._wake(waiter, now)

    def flush(self, now: float) -> int:
        """Wake pods that were refused STALE_AFTER ago; a safety net against a change that nobody noticed."""
        stale = [
            waiter
            for keys in self._refused.values()
            for waiter in map(self._waiters.__getitem__, keys)
            if waiter.refused_at + self.STALE_AFTER <= now
        ]
        for waiter in stale:
            self._wake(waiter, now)
        return len(stale)

    def next_ready(self) -> float | None:
        """Return when the first pod in backoff becomes active, or None."""
        while self._backoff:
            ready_at, ticket, key = self._backoff[0]
            waiter = self._waiters.get(key)
            if waiter is not None and waiter.ticket == ticket and waiter.state == "backoff":
                return ready_at
            heapq.heappop(self._backoff)
        return None

    def counts(self) -> dict[str, int]:
        """Return how many pods are in each state, for metrics."""
        found = {"active": 0, "backoff": 0, "unschedulable": 0, "taken": 0}
        for waiter in self._waiters.values():
            found[waiter.state] += 1
        return found

    def _settle(self, pod: PodInfo, now: float) -> _Waiter | None:
        waiter = self._waiters.get(pod.key)
        if waiter is None or waiter.state != "taken" or waiter.pod.uid != pod.uid:
            return None
        waiter.attempts += 1
        delay = min(self.FIRST_BACKOFF * 2 ** (waiter.attempts - 1), self.LAST_BACKOFF)
        waiter.ready_at = now + delay
        return waiter

    def _wake(self, waiter: _Waiter, now: float) -> None:
        self._unrefuse(waiter)
        if waiter.ready_at > now:
            self._back_off(waiter)
        else:
            self._activate(waiter)

    def _unrefuse(self, waiter: _Waiter) -> None:
        if waiter.state != "unschedulable":
            return
        shape = (waiter.pod.shape, waiter.apart)
        keys = self._refused[shape]
        keys.discard(waiter.pod.key)
        if not keys:
            del self._refused[shape]

    def _activate(self, waiter: _Waiter) -> None:
        waiter.state = "active"
        waiter.ticket = next(self._tickets)
        heapq.heappush(self._active, (-waiter.pod.priority, waiter.order, waiter.ticket, waiter.pod.key))

    def _back_off(self, waiter: _Waiter) -> None:
        waiter.state = "backoff"
        waiter.ticket = next(self._tickets)
        heapq.heappush(self._backoff, (waiter.ready_at, waiter.ticket, waiter.pod.key))

    def _release(self, now: float) -> None:
        while (ready_at := self.next_ready()) is not None and ready_at <= now:
            _, _, key = heapq.heappop(self._backoff)
            self._activate(self._waiters[key])
