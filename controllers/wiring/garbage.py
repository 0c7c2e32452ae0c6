"""What wakes the garbage collector: every change of ownership in every kind. Keys are uids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podwright.api.resources import Resource
from podwright.controllers.actions import NOTHING, Plan
from podwright.controllers.caches import Caches
from podwright.controllers.controller import Controller, Keys, Look, Newcomers, Trigger
from podwright.controllers.garbage import reconcile, unknown_owners
from podwright.controllers.garbage_graph import Entry, Graph
from podwright.controllers.live import OwnerReads


def controller(caches: Caches, reads: OwnerReads, workers: int) -> Controller:
    """Return the garbage collector."""
    graph = Graph()

    async def observe(uid: str) -> frozenset[str]:
        entry = graph.get(uid)
        if entry is None:
            return frozenset()
        owners = unknown_owners(entry, graph)
        return await reads.absent(entry.meta, owners) if owners else frozenset()

    def decide(uid: str, look: Look) -> Plan:
        entry = graph.get(uid)
        return NOTHING if entry is None else reconcile(entry, graph, look.observed)

    def keys_of(resource: Resource) -> Keys:
        def keys(old: Any, new: Any) -> Iterable[str]:
            looks: list[str] = []
            if old is not None and (new is None or new.meta.uid != old.meta.uid):
                reads.forget_object(old.meta.uid)
                looks += graph.remove(old.meta.uid)
            if new is not None:
                looks += graph.put(Entry(resource, new.meta))
            return looks

        return keys

    return Controller(
        name="generic-garbage-collector",
        triggers=tuple(Trigger(informer, keys_of(informer.resource)) for informer in caches.all.values()),
        newcomers=Newcomers(caches.custom, keys_of),
        decide=decide,
        observe=observe,
        workers=workers,
    )
