"""The gate that every request from a connection passes: its flow, its seats, its turns on the processor.

The decisions are those of `flows.py`, `seats.py` and `turns.py`; this is their shell, with the loop's clock. While
nothing waits a request costs a look into a table and a few additions. Requests from within the process do not come
here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from itertools import count
from typing import Any, Final, TypeVar

from podwright.api.errors import ApiError, too_many_requests
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.dispatch import PROXY
from podwright.apiserver.fairness.flows import Flow, Flows
from podwright.apiserver.fairness.levels import plan_of
from podwright.apiserver.fairness.queues import Ticket
from podwright.apiserver.fairness.seats import REFUSED_LATE, Seats
from podwright.apiserver.fairness.steps import Steps
from podwright.apiserver.fairness.turns import Turns
from podwright.apiserver.fairness.width import width_of
from podwright.apiserver.options import Query
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User
from podwright.client.transport import Request
from podwright.store.whose import WHOSE

_GROUP: Final = ("flowcontrol.apiserver.k8s.io", "v1")
_LONG: Final = frozenset((PROXY, "log"))  # what may last as long as it likes
_RETRY_SECONDS: Final = 1
T = TypeVar("T")


class Passage(Ticket):
    """One request on its way through the gate."""

    __slots__ = ("flow", "target", "user")

    def __init__(self, flow: Flow, number: int, width: int, user: User, target: Target) -> None:
        self.level = flow.level
        self.number = number
        self.width = width
        self.queue = None
        self.wake = None
        self.running = False
        self.spent = 0.0
        self.flow = flow
        self.user = user
        self.target = target


class Gate:
    """Owned by the server; one event loop uses it."""

    def __init__(self, registry: Registry, seats: int, wait_seconds: float) -> None:
        self._registry = registry
        self._levels = registry.endpoints[(*_GROUP, "prioritylevelconfigurations")]
        self._schemas = registry.endpoints[(*_GROUP, "flowschemas")]
        self._wait_seconds = wait_seconds
        self._seen: tuple[int, ...] = ()
        self._numbers = count()
        self._waiting = 0
        self._turns = Turns(time.perf_counter, lambda call: asyncio.get_running_loop().call_soon(call))
        self.seats = Seats(seats)
        self.flows = Flows()

    def passage(self, user: User, request: Request, target: Target) -> Passage:
        """Begin to let a request through."""
        levels, schemas = self._levels.cache, self._schemas.cache
        if (levels.changed, schemas.changed, levels.loads, schemas.loads) != self._seen:
            self._configure(levels, schemas)
        flow = self.flows.of(user, target)
        width = 1
        if target.resource and target.verb != "get":
            endpoint = self._registry.endpoints.get((target.group, target.version, target.plural))
            width = width_of(target, Query(request.query), endpoint)
        return Passage(flow, next(self._numbers), width, user, target)

    def run(self, passage: Passage, coroutine: Coroutine[Any, Any, T]) -> Steps[T]:
        """Return what runs a coroutine in turn with others. Whoever awaits it has to `leave` afterwards."""
        WHOSE.set(passage.flow.lane)
        return Steps(self._turns, passage.flow.lane, passage, coroutine)

    def enter(self, passage: Passage) -> bool:
        """Ask for seats. Returns whether they are there; else `wait`. Raises ApiError 429."""
        if passage.target.subresource in _LONG:
            return True
        flow = passage.flow
        refused = self.seats.enter(passage, flow.hand, time.monotonic())
        if refused:
            flow.tally.refuse(refused)
            raise _come_back()
        if passage.running:
            flow.tally.at_once += 1
            return True
        self._waiting += 1
        self._begin_waiting()
        return False

    async def wait(self, passage: Passage) -> None:
        """Wait for seats. Raises ApiError 429 when it takes too long."""
        if passage.running:
            return
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[None] = loop.create_future()
        passage.wake = lambda: None if begun.done() else begun.set_result(None)
        late = loop.call_later(self._wait_seconds, _give_up, begun)
        tally = passage.flow.tally
        try:
            await begun
        except BaseException as error:
            if not passage.running:
                self.seats.withdraw(passage)
                self._waiting -= 1
                self._begin_waiting()
                tally.waited_in_vain.observe(time.monotonic() - passage.arrived)
                if isinstance(error, ApiError):
                    tally.refuse(REFUSED_LATE)
                else:
                    tally.cancelled += 1
            raise
        finally:
            late.cancel()

    def leave(self, passage: Passage) -> None:
        """Give the seats back; doing it twice is fine."""
        if not passage.running:
            return
        self.seats.leave(passage)
        if self._waiting:
            self._begin_waiting()

    def running(self) -> Iterator[Passage]:
        """Requests that have seats."""
        for level in self.seats.levels.values():
            for ticket in level.running:
                if isinstance(ticket, Passage):
                    yield ticket

    def waiting(self) -> Iterator[Passage]:
        """Requests that wait for seats."""
        for level in self.seats.levels.values():
            for queue in level.queues:
                for ticket in queue.tickets:
                    if isinstance(ticket, Passage):
                        yield ticket

    def _begin_waiting(self) -> None:
        now = time.monotonic()
        for ticket in self.seats.begin_waiting(now):
            self._waiting -= 1
            assert isinstance(ticket, Passage)
            ticket.flow.tally.waited.observe(now - ticket.arrived)
            if ticket.wake is not None:
                ticket.wake()

    def _configure(self, levels: ResourceCache, schemas: ResourceCache) -> None:
        self._seen = (levels.changed, schemas.changed, levels.loads, schemas.loads)
        plan = plan_of(map(self._levels.object, levels.iterate()), map(self._schemas.object, schemas.iterate()))
        self.seats.configure(plan.levels)
        self.flows.configure(plan, self.seats.levels)
        if self._waiting:
            self._begin_waiting()


def _give_up(begun: asyncio.Future[None]) -> None:
    if not begun.done():
        begun.set_exception(_come_back())


def _come_back() -> ApiError:
    return too_many_requests("Too many requests, please try again later.", _RETRY_SECONDS)
