"""Looks whether delegates answer, each in a task of its own: the shell around `availability.py`.

The server serves by what was found, and the Available condition says so only then. It must never keep a delegate whose
APIService is gone: whoever made the task ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from podwright.api.resources import find
from podwright.apiserver.cache.item import Item
from podwright.apiserver.registry.core import Registry
from podwright.client.backoff import Backoff
from podwright.client.transport import Request, Transport

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Delegate
    from podwright.apiserver.aggregation.dialler import Dialler

log = logging.getLogger(__name__)
JSON = dict[str, Any]
API_SERVICES: Final = find("apiservices", "apiregistration.k8s.io")
_KEY: Final = (API_SERVICES.group, API_SERVICES.version, API_SERVICES.plural)
_RECHECK: Final = 30.0  # seconds until a delegate that answers is looked at again


@dataclass(slots=True)
class Guarded:
    """A delegate under watch."""

    delegate: Delegate
    item: Item
    available: bool
    resources: list[JSON] = field(default_factory=list[JSON])
    facts: object = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Watchman:
    """See the module."""

    def __init__(
        self,
        registry: Registry,
        transport: Transport,
        clock: Callable[[], datetime],
        dialler: Callable[[], Dialler],
    ) -> None:
        self._registry = registry
        self._transport = transport
        self._clock = clock
        self._dialler = dialler

    async def keep(self, guarded: Guarded) -> None:
        """Look at it until cancelled: soon after a change or a failure, now and then while all is well."""
        backoff = Backoff()
        while True:
            guarded.wake.clear()
            try:
                good = await self._examine(guarded)
            except Exception:  # its defect must not end the watch over it
                log.exception("Cannot look at %s", guarded.delegate.name)
                good = False
            if good:
                backoff.reset()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RECHECK if good else backoff.next()):
                    await guarded.wake.wait()

    async def _examine(self, guarded: Guarded) -> bool:
        """Look whether it answers, serve by that, and say so; whether all is well."""
        from podwright.apiserver.aggregation.availability import status_with
        from podwright.apiserver.aggregation.examining import examine

        found = await examine(self._dialler(), guarded.delegate, self._registry.lookup)
        available = found.verdict.available
        resources = guarded.resources if found.resources is None else found.resources
        if (available, resources) != (guarded.available, guarded.resources):
            guarded.available, guarded.resources = available, resources
            self._registry.generation += 1
        api_service = self._registry.endpoints[_KEY].object(guarded.item)
        status = status_with(api_service, found.verdict, self._clock())
        if status is None:
            return available
        path = API_SERVICES.path(name=guarded.delegate.name, subresource="status")
        body = orjson.dumps({**api_service, "status": status})
        answer = await self._transport.request(Request("PUT", path, body=body))
        return available and answer.status < 300
