"""What wakes the node controllers, and what they look at: health, taints and evictions; pod ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from podwright.client.clock import Clock
from podwright.controllers import eviction, node_cidr, node_health, node_taints
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import NODE, Caches
from podwright.controllers.config import ControllersConfig
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.lease_view import LeaseView
from podwright.controllers.meta import Whole
from podwright.controllers.node_health import Signs, readiness, reported
from podwright.controllers.pod_view import PodView
from podwright.controllers.references import node_reference

JSON = dict[str, Any]

LEASE_NAMESPACE: Final = "kube-node-lease"


class Hearing:
    """When each node was last heard of: the one memory of the node controller. It begins anew with the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signs: dict[str, Signs] = {}

    def on_lease(self, _: str, old: LeaseView | None, new: LeaseView | None) -> None:
        """Take note of a renewal."""
        if new is None or new.meta.namespace != LEASE_NAMESPACE:
            return
        if old is None or old.renewed != new.renewed or old.meta.uid != new.meta.uid:
            self._heard(new.meta.name, leased=True)

    def on_node(self, key: str, old: Whole | None, new: Whole | None) -> None:
        """Begin or end listening for a node; a node that reports its state is alive, whatever its Lease says."""
        if new is None:
            self._signs.pop(key, None)
        elif key not in self._signs or (old is not None and reported(old, new)):
            self._heard(key)
        if new is not None and readiness(new) in {"True", "False"}:
            self._signs[key] = replace(self._signs[key], said=new.status["conditions"])

    def of(self, name: str) -> Signs:
        """Return what was last heard."""
        return self._signs[name]

    def _heard(self, name: str, *, leased: bool = False) -> None:
        known = self._signs.get(name)
        now = self._clock.monotonic()
        self._signs[name] = replace(known, heard_at=now, leased=known.leased or leased) if known else Signs(now, leased)


def lifecycle(caches: Caches, clock: Clock, config: ControllersConfig) -> Controller:
    """Return the controller that tells dead nodes, taints nodes by their state and evicts."""
    hearing = Hearing(clock)
    caches.leases.add_handler(hearing.on_lease)
    caches.nodes.add_handler(hearing.on_node)

    def decide(key: str, look: Look) -> Plan:
        node = caches.nodes.get(key)
        if node is None:
            return NOTHING
        pods = caches.pods.by_index(NODE, key)
        taints = eviction.taints_of(node)
        plans = (
            node_health.reconcile(
                node, hearing.of(key), pods, grace=config.node_grace, startup_grace=config.node_startup_grace,
                monotonic=look.monotonic, now=look.now,
            ),
            node_taints.reconcile(node, look.now),
            eviction.reconcile(
                taints, pods, anywhere=bool(taints) and anywhere(), max_default=config.max_default_toleration,
                now=look.now,
            ),
        )  # fmt: skip
        waits = [plan.again for plan in plans if plan.again is not None]
        return Plan(tuple(step for plan in plans for step in plan.steps), min(waits, default=None))

    def anywhere() -> bool:
        return any(readiness(node) == "True" for node in caches.nodes.list())

    def by_node(old: Whole | None, new: Whole | None) -> Iterator[str]:
        yield from own_key(old, new)
        ready = new is not None and readiness(new) == "True"
        if ready and (old is None or readiness(old) != "True"):
            # Now there is somewhere to go.
            yield from (node.meta.name for node in caches.nodes.list() if eviction.taints_of(node))

    def by_pod(_: PodView | None, new: PodView | None) -> Iterator[str]:
        """A pod matters where it has to go, or is not as ready as it looks, or is readier than it looks."""
        if new is not None and new.node:
            node = caches.nodes.get(new.node)
            if node is not None and (
                eviction.taints_of(node) or readiness(node) == "Unknown" or node_health.is_silenced(new)
            ):
                yield new.node

    def by_lease(old: LeaseView | None, new: LeaseView | None) -> Iterator[str]:
        """The first Lease shortens our patience; later ones matter where a silence ends. A timer asks about them."""
        if new is not None and new.meta.namespace == LEASE_NAMESPACE:
            node = caches.nodes.get(new.meta.name)
            if old is None or (node is not None and readiness(node) == "Unknown"):
                yield new.meta.name

    return Controller(
        name="node-controller",
        triggers=(Trigger(caches.nodes, by_node), Trigger(caches.pods, by_pod), Trigger(caches.leases, by_lease)),
        decide=decide,
        subject=_subject(caches),
        workers=config.workers,
    )


def cidrs(caches: Caches, config: ControllersConfig) -> Controller | None:
    """Return the controller that gives nodes their pod ranges; None where the cluster has no range to give."""
    if not config.cluster_cidr:
        return None
    ranges = node_cidr.Ranges(config.cluster_cidr, config.node_cidr_bits)

    def on_node(key: str, _: Whole | None, new: Whole | None) -> None:
        if new is None:
            ranges.release(key)
        elif new.spec.get("podCIDR"):
            ranges.hold(key, new.spec["podCIDR"])

    caches.nodes.add_handler(on_node)  # before any decision: what is taken must be known first

    def decide(key: str, _: Look) -> Plan:
        node = caches.nodes.get(key)
        return NOTHING if node is None else node_cidr.reconcile(node, ranges)

    def by_node(_: Whole | None, new: Whole | None) -> Iterator[str]:
        if new is not None and not new.spec.get("podCIDR"):
            yield new.meta.name

    triggers = (Trigger(caches.nodes, by_node),)
    return Controller(name="cidr-allocator", triggers=triggers, decide=decide, subject=_subject(caches), workers=1)


def _subject(caches: Caches) -> Any:
    def subject(key: str) -> JSON | None:
        node = caches.nodes.get(key)
        return node_reference(key, node.meta.uid) if node is not None else None

    return subject
