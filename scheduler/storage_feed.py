"""Keeps `Storage` up to date, from the first pod that mounts a claim on: most clusters never have one.

It must never decide anything; whoever listens is told that something changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from podwright.api.resources import Resource, find
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Informer
from podwright.client.tasks import TaskGroup
from podwright.scheduler.storage import Storage, Touched
from podwright.scheduler.storage_facts import claim_facts, class_facts, limit_facts, volume_facts

JSON = dict[str, Any]
Facts = TypeVar("Facts")

_STORAGE: Final = "storage.k8s.io"


class StorageFeed:
    """Four informers that start at the first `ready()` and belong to `group`."""

    def __init__(self, client: Client, clock: Clock, storage: Storage, on_change: Callable[[Touched], None]) -> None:
        self._on_change = on_change
        self._informers: list[Informer[Any]] = []
        self._started = False

        def follow(resource: Resource, decode: Callable[[JSON], Facts], facts: dict[str, Facts]) -> None:
            informer = Informer(client, resource, decode=decode, clock=clock)
            informer.add_handler(partial(self._keep, resource.plural, facts))
            self._informers.append(informer)

        follow(find("persistentvolumeclaims"), claim_facts, storage.claims)
        follow(find("persistentvolumes"), volume_facts, storage.volumes)
        follow(find("storageclasses", _STORAGE), class_facts, storage.classes)
        follow(find("csinodes", _STORAGE), limit_facts, storage.limits)

    async def ready(self, group: TaskGroup) -> None:
        """Wait until everything is there; the first call starts the watches as tasks of `group`."""
        if not self._started:
            self._started = True
            for informer in self._informers:
                group.create_task(informer.run(), name=f"scheduler {informer.resource.plural}")
        for informer in self._informers:
            await informer.synced()

    def _keep(self, plural: str, facts: dict[str, Facts], key: str, old: Facts | None, new: Facts | None) -> None:
        if new is None:
            facts.pop(key, None)
        else:
            facts[key] = new
        if old != new:
            self._on_change((plural, key))
