"""Watches that start when they are first needed: most clusters never need them.

It must never decide anything; whoever listens is told that something changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.client.informer import Informer
from podwright.client.tasks import TaskGroup


class OnDemand:
    """Informers that start together at the first `ready()` and belong to its task group."""

    def __init__(self, informers: Sequence[Informer[Any]]) -> None:
        self._informers = informers
        self._started = False
        self._synced = False

    async def ready(self, group: TaskGroup) -> None:
        """Wait until everything is there; the first call starts the watches as tasks of `group`."""
        if self._synced:
            return
        if not self._started:
            self._started = True
            for informer in self._informers:
                group.create_task(informer.run(), name=f"scheduler {informer.resource.plural}")
        for informer in self._informers:
            await informer.synced()
        self._synced = True
