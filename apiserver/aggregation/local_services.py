"""Keeps the APIServices of what is served here.

One for each version that a definition serves, gone with it; and whatever names no service is said to be available.
Level-triggered: looks at all APIServices whenever one changes, or what is served. What somebody wrote himself is left
as it is: an APIService belongs to the server only while its label says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

import orjson

from podwright.apiserver.aggregation.watchman import API_SERVICES
from podwright.apiserver.api_services import MANAGED, service_of
from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.waking import Waker
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.client.transport import Request, Transport

log = logging.getLogger(__name__)
JSON = dict[str, Any]
_KEPT: Final = "true"  # the label of an APIService that comes and goes with what it is about
_WRITER: Final = (("user-agent", "kube-apiserver"),)  # the name that clients know for the server's own writes
_PAUSE: Final = 0.05  # changes within so many seconds are looked at together
_AGAIN: Final = 1.0  # seconds until the next look, where something could not be written


class LocalServices:
    """Owns the task."""

    def __init__(self, registry: Registry, transport: Transport, clock: Callable[[], datetime]) -> None:
        self._registry = registry
        self._transport = transport
        self._clock = clock
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the caches must be loaded, and what is defined already be served."""
        self._registry.on_serve.append(self._wake.set)
        self._task = asyncio.create_task(self._run(), name="local-api-services")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        waker = Waker(self._registry.feed, self._wake.set)
        try:
            while True:
                self._wake.clear()
                waker.follow((self._endpoint.cache,))
                done = await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if done else _AGAIN):
                        await self._wake.wait()
                await asyncio.sleep(_PAUSE)
        finally:
            waker.stop()

    @property
    def _endpoint(self) -> Endpoint:
        return self._registry.endpoints[API_SERVICES.group, API_SERVICES.version, API_SERVICES.plural]

    async def _look(self) -> bool:
        """Write what is missing, delete what is too many; whether all of it was done."""
        present = {item.name: item for item in self._endpoint.cache.iterate()}
        served = self._registry.endpoints.items()
        wanted = {f"{version}.{group}": (group, version) for (group, version, _), e in served if not e.kind.has_class}
        requests = [_made(*wanted[name]) for name in sorted(wanted.keys() - present.keys())]
        for name, item in present.items():
            if name not in wanted and _is_kept(item):
                requests.append(Request("DELETE", API_SERVICES.path(name=name), (), _WRITER))
            elif b'"service":' not in item.wire and b'"reason":"Local"' not in item.wire:
                requests += self._told(item)
        return all([await self._sent(request) for request in requests])

    def _told(self, item: Item) -> Iterable[Request]:
        from podwright.apiserver.aggregation.availability import LOCAL, status_with

        api_service = self._endpoint.object(item)
        if (api_service.get("spec") or {}).get("service") is not None:
            return
        status = status_with(api_service, LOCAL, self._clock())
        if status is not None:
            path = API_SERVICES.path(name=item.name, subresource="status")
            yield Request("PUT", path, (), _WRITER, orjson.dumps({**api_service, "status": status}))

    async def _sent(self, request: Request) -> bool:
        answer = await self._transport.request(request)
        # 404 and 409: somebody was faster, and that wakes us
        good = answer.status < 300 or answer.status in {404, 409}
        if not good:
            log.warning("Cannot %s %s: %d", request.method, request.path, answer.status)
        return good


def _made(group: str, version: str) -> Request:
    body = orjson.dumps(service_of(group, version, managed=_KEPT))
    return Request("POST", API_SERVICES.path(), (), _WRITER, body)


def _is_kept(item: Item) -> bool:
    return item.labels.get(MANAGED) == _KEPT
