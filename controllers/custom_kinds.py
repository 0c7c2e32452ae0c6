"""The kinds that clients define: one watch each, begun when a definition is established and ended with it.

Controllers that look at every kind subscribe once and are told of objects of kinds that came later. What a kind that
goes leaves behind is told as gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from podwright.api.apiextensions.rows import served_row
from podwright.api.resources import Resource
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Informer
from podwright.client.tasks import TaskGroup
from podwright.controllers.meta import Bare, Meta, bare, meta_of
from podwright.controllers.resources import DEFINITIONS

JSON = dict[str, Any]
Handler = Callable[[str, Any, Any], None]


@dataclass(frozen=True, slots=True)
class Definition:
    """What controllers keep of a definition: `row` is None while its kind is not served."""

    meta: Meta
    row: Resource | None


def definition(body: JSON) -> Definition:
    """Read a definition."""
    return Definition(meta_of(body), served_row(body))


class CustomKinds:
    """The watches. Start `run()` as a task; `definitions` is run by whoever runs all informers."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._subscribers: list[Callable[[Resource], Handler]] = []
        self._watches: dict[str, tuple[Informer[Bare], asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()
        self.definitions: Informer[Definition] = Informer(client, DEFINITIONS, decode=definition, clock=clock)
        self.definitions.add_handler(self._definition_changed)

    def rows(self) -> Sequence[Resource]:
        """What is served now."""
        return [found.row for found in self.definitions.list() if found.row is not None]

    def listen(self, handler_for: Callable[[Resource], Handler]) -> None:
        """Have a handler called for every change of objects of these kinds."""
        self._subscribers.append(handler_for)
        for informer, _ in self._watches.values():
            informer.add_handler(handler_for(informer.resource))

    async def run(self) -> None:
        """Keep a watch for every kind until cancelled."""
        async with TaskGroup() as group:
            while True:
                self._update(group)
                await self._changed.wait()
                self._changed.clear()

    def _definition_changed(self, _: str, old: Definition | None, new: Definition | None) -> None:
        if (old.row if old is not None else None) != (new.row if new is not None else None):
            self._changed.set()

    def _update(self, group: TaskGroup) -> None:
        wanted = {f"{row.qualified} {row.version}": row for row in self.rows()}
        for name in [name for name in self._watches if name not in wanted]:
            self._end(name)
        for name, row in wanted.items():
            if name not in self._watches:
                informer = Informer(self._client, row, decode=bare, clock=self._clock)
                for handler_for in self._subscribers:
                    informer.add_handler(handler_for(row))
                self._watches[name] = informer, group.create_task(informer.run(), name=f"informer {row.qualified}")

    def _end(self, name: str) -> None:
        informer, task = self._watches.pop(name)
        task.cancel()
        handlers = [handler_for(informer.resource) for handler_for in self._subscribers]
        for key, left in [*informer.items()]:
            for handler in handlers:
                handler(key, left, None)
