"""The scheduler at work: the only module of the room that waits, reads and writes.

    pods, nodes (watches) -> snapshot and queue -> decide -> assume -> binding (many at once)
                                                       `-> refusal: condition, event, wait for a change

Deciding is one plain call after another; while bindings are on their way the next pods are decided on the assumption
that they will succeed. What comes back over the watch settles it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Informer
from podwright.client.tasks import TaskGroup
from podwright.client.transport import TransportError
from podwright.scheduler.binding import Bindings
from podwright.scheduler.config import SchedulerConfig
from podwright.scheduler.decide import Decider
from podwright.scheduler.events import SchedulingEvents
from podwright.scheduler.evictions import Evictions
from podwright.scheduler.feeds import budget_feed, namespace_feed, storage_feed
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.node_info import NodeFacts, node_facts
from podwright.scheduler.pod_info import PodInfo, pod_info
from podwright.scheduler.preemption import BudgetFacts
from podwright.scheduler.question import Kind
from podwright.scheduler.queue import PodQueue
from podwright.scheduler.refusing import Refusing
from podwright.scheduler.reporting import Reports
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.storage import Touched

JSON = dict[str, Any]
_log = logging.getLogger(__name__)

_PODS: Final = find("pods")
_NODES: Final = find("nodes")
_UNFINISHED: Final = "status.phase!=Succeeded,status.phase!=Failed"
_TICK: Final = 1.0  # seconds between looks at what becomes due by itself
_BREATH: Final = 32  # decisions between two chances for others on the loop


class Scheduler:
    """One scheduler over one client."""

    def __init__(self, client: Client, clock: Clock, config: SchedulerConfig) -> None:
        self._client = client
        self._clock = clock
        self._config = config
        self.snapshot = Snapshot()
        self.queue = PodQueue()
        self.events = SchedulingEvents(client, clock, config)
        self._decider = Decider(self.snapshot, config.seed)
        self._nodes: Informer[NodeFacts] = Informer(client, _NODES, decode=node_facts, clock=clock)
        self._pods: Informer[PodInfo] = Informer(
            client, _PODS, decode=pod_info, field_selector=_UNFINISHED, clock=clock
        )
        self._work = asyncio.Event()
        self._storage = storage_feed(client, clock, self.snapshot.storage, self._on_storage)
        self._spaces = namespace_feed(client, clock, self._on_namespace)
        self._spaces_wanted = False
        budgets: dict[str, BudgetFacts] = {}
        self._budgets = budget_feed(client, clock, budgets)
        self._evictions = Evictions(client, clock, self.events, self._not_displaced)
        self._refusing = Refusing(self.snapshot, self._decider, budgets.values(), self._evictions.is_going)
        self._roomier: set[str] = set()  # nodes that changed in favour of refused pods
        self._touched: set[Touched] = set()  # what of claims and volumes changed
        self._stirred = False  # something else changed that may matter to refused pods that look beyond one node
        self._bindings = Bindings(client, clock, self.events, config.bindings, self._bound, self._unbound)
        self._reports = Reports(client, clock, self.events, self.queue)

    async def run(self) -> None:
        """Schedule until cancelled."""
        async with TaskGroup() as group:
            self._group = group
            group.create_task(self._nodes.run(), name="scheduler nodes")
            group.create_task(self._pods.run(), name="scheduler pods")
            await self._nodes.synced()
            await self._pods.synced()
            self._nodes.add_handler(self._on_node)
            self._pods.add_handler(self._on_pod)
            group.create_task(self.events.run(), name="scheduler events")
            group.create_task(self._tick(), name="scheduler tick")
            for index in range(self._config.bindings):
                group.create_task(self._bindings.run(), name=f"binder {index}")
            for index in range(self._config.reports):
                group.create_task(self._reports.run(), name=f"reporter {index}")
            for index in range(self._config.evictions):
                group.create_task(self._evictions.run(), name=f"evictor {index}")
            group.create_task(self._decide_all(), name="scheduler decisions")

    # What watches tell.

    def _on_node(self, name: str, _: NodeFacts | None, new: NodeFacts | None) -> None:
        if new is None:
            self.snapshot.remove_node(name)
            self._stir()  # fewer domains may be more evenly filled
            return
        version = self.snapshot.version
        self.snapshot.set_node(new)
        if self.snapshot.version != version:
            self._make_room(name)

    def _on_pod(self, key: str, old: PodInfo | None, new: PodInfo | None) -> None:
        if new is not None and new.company is not None and new.company.by_namespace:
            self._spaces_wanted = True
        gone = old if new is None else new if new.deleting else None
        if gone is not None:
            self._evictions.seen(gone.uid)
        if new is None or new.finished:
            self.queue.remove(key)
            self._make_room(self.snapshot.remove_pod(key))
        elif new.node:
            self.queue.remove(key)
            if self.snapshot.confirm(new):
                if old is not None:
                    self._make_room(new.node)  # resized, maybe to less, or relabelled
                else:
                    self._stir()
        elif not new.waits:
            self.queue.remove(key)
            self._make_room(self.snapshot.unhold(key))
        elif not self.snapshot.is_assumed(key):
            self._heed(old, new)
            self.queue.put(new)
            self._work.set()
        elif old is not None and old.uid != new.uid:
            self.snapshot.forget(old)
            self.queue.put(new)
            self._work.set()

    def _heed(self, old: PodInfo | None, new: PodInfo) -> None:
        """Hold the room that the pod's status says is held for it: we did so before we came back, or somebody does."""
        if new.nominated == (old.nominated if old is not None and old.uid == new.uid else ""):
            return
        if not new.nominated:
            self._make_room(self.snapshot.unhold(new.key))
        elif new.nominated != self.snapshot.held_on(new.key):
            self.snapshot.hold(new, new.nominated)

    def _make_room(self, node: str) -> None:
        if node and len(self.queue):
            self._roomier.add(node)
            self._stirred = True
            self._work.set()

    def _on_storage(self, touched: Touched) -> None:
        self._refusing.forget()
        if len(self.queue):
            self._touched.add(touched)
        self._stir()

    def _on_namespace(self, name: str, labels: Mapping[str, str] | None) -> None:
        self.snapshot.set_namespace(name, labels)
        self._stir()

    def _stir(self) -> None:
        """Something changed that may help pods whose place depends on more than one node."""
        if self.queue.refused:
            self._stirred = True
            self._work.set()

    def _not_displaced(self, preemptor: PodInfo) -> None:
        self.queue.retry(preemptor.key, self._clock.monotonic())
        self._work.set()

    async def _tick(self) -> None:
        while True:
            now = self._clock.monotonic()
            ready = self.queue.next_ready()
            if (ready is not None and ready <= now) or self.queue.flush(now):
                self._work.set()
            await self._clock.sleep(min(_TICK, max(0.01, ready - now)) if ready is not None else _TICK)

    # Decisions.

    async def _decide_all(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            self._wake()
            breath = 0
            while (pod := self.queue.take(self._clock.monotonic())) is not None:
                if pod.claims:
                    await self._storage.ready(self._group)
                if self._spaces_wanted:
                    await self._spaces.ready(self._group)
                node = self._place(pod)
                if node is None:
                    if self._refusing.may_displace(pod):
                        await self._budgets.ready(self._group)
                        await asyncio.sleep(0)  # a search takes a while
                    node = self._refuse(pod)
                if node is not None:
                    self.snapshot.assume(pod, node)
                    self._stir()
                    await self._bindings.start(pod, node)
                breath += 1
                if breath % _BREATH == 0:
                    await asyncio.sleep(0)
                    self._wake()

    def _place(self, pod: PodInfo) -> str | None:
        """Decide, as if nothing were held for this pod; what is held stays."""
        held = self.snapshot.unhold(pod.key)
        node = self._decider.place(pod)
        if held:
            self.snapshot.hold(pod, held)
        return node

    def _wake(self) -> None:
        if not self._stirred:
            return
        nodes = [node for name in self._roomier if (node := self.snapshot.nodes.get(name)) is not None]
        touched = set(self._touched)
        self._roomier.clear()
        self._touched.clear()
        self._stirred = False

        known: dict[Kind, bool] = {}

        def fits(pod: PodInfo) -> bool:
            held = self.snapshot.held_on(pod.key)
            if held:  # what it waits for may be over, and in vain: then it must let go
                return self._place(pod) is not None or not self._refusing.waits(pod, held)
            if not nodes and pod.company is None and not pod.claims and not self.snapshot.companies:
                return False  # only a change of a node could help it
            if touched and self.snapshot.storage.concerns(pod, touched):
                return True  # it may still be refused, but for another reason
            question = self._decider.question(pod)
            kind = question.kind
            if kind not in known:
                if question.far:
                    known[kind] = self._place(pod) is not None
                else:
                    known[kind] = any(not refusals(question, node) for node in nodes)
            return known[kind]

        self.queue.wake(fits, self._clock.monotonic())

    def _refuse(self, pod: PodInfo) -> str | None:
        """Let the pod wait, and make room for it if it may displace others; returns a node that is free at once."""
        now = self._clock.monotonic()
        held = self.snapshot.unhold(pod.key)
        story, place = self._refusing.refuse(pod, held, now)
        if place is not None:
            for other in place.dropped:
                self.snapshot.unhold(other.key)
                self.queue.retry(other.key, now)
            self._evictions.withdraw(place.dropped)
            free = None if place.victims else self._decider.place(pod)
            if free is not None:
                return free
            held = place.node
            self._evictions.start(place.victims, pod, held)
        elif held and not self._refusing.waits(pod, held):
            held = ""  # what was on its way out is gone, and the pod does not fit all the same
        if held:
            self.snapshot.hold(pod, held)
        self.queue.refuse(pod, now, held)
        self._reports.add(pod, story, held)
        return None

    # What becomes of bindings.

    def _bound(self, pod: PodInfo) -> None:
        self.queue.remove(pod.key, pod.uid)

    def _unbound(self, pod: PodInfo, error: ApiError | TransportError) -> None:
        self.snapshot.forget(pod)
        if isinstance(error, ApiError) and error.code == 404:
            self.queue.remove(pod.key, pod.uid)
        else:
            _log.warning("Cannot bind %s: %s", pod.key, error)
            self.queue.fail(pod, self._clock.monotonic())
            self.events.refused(pod, f"binding rejected: {error}")
        self._work.set()


async def run(client: Client, clock: Clock, config: SchedulerConfig) -> None:
    """Schedule until cancelled."""
    await Scheduler(client, clock, config).run()
