"""Keeping a copy of a resource up to date: list once, watch ever after, survive everything.

    start -> initial events over the watch itself (falls back to list + watch where the server refuses that)
    watch ended or broke -> again from the last resource version seen, after a growing, jittered pause if it failed
    410 (the version is too old), or a version the server does not know -> start over

It tells its sink what it sees, in order, and holds no objects itself. It never gives up: only cancelling ends it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final, Protocol

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.client.backoff import Backoff, Chance
from podwright.client.client import Batch, Client
from podwright.client.clock import Clock, SystemClock
from podwright.client.transport import TransportError

JSON = dict[str, Any]
_log = logging.getLogger(__name__)

_INITIAL_END: Final = "k8s.io/initial-events-end"
# What a server answers that does not know initial events; 401, 403, 404 and 429 would refuse a list as well.
_REFUSES_INITIAL: Final = frozenset((400, 405, 406, 415, 422, 501))
_PAGE: Final = 500  # objects a list is read in
_MIN_WATCH: Final = 1.0  # seconds; a watch that ends sooner without an event counts as a failure
_WATCH_SECONDS: Final = 300  # asked of the server, up to twice that by chance
_PATIENCE: Final = 60  # seconds beyond that, after which a watch counts as broken


class Sink(Protocol):
    """Takes what a reflector sees."""

    def begin(self) -> None:
        """A full set of objects follows."""
        ...

    def initial(self, obj: JSON) -> None:
        """One object of the full set."""
        ...

    def finish(self) -> None:
        """The full set is complete; what was not in it is gone."""
        ...

    def changed(self, kind: str, obj: JSON) -> None:
        """An event: ADDED, MODIFIED or DELETED."""
        ...


class Reflector:
    """Follows one resource (in one namespace or all, with selectors) and tells a sink."""

    def __init__(
        self,
        client: Client,
        resource: Resource,
        sink: Sink,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        clock: Clock | None = None,
        chance: Chance = random.random,
    ) -> None:
        self._client = client
        self._resource = resource
        self._sink = sink
        self._namespace = namespace
        self._labels = label_selector
        self._fields = field_selector
        self._clock = clock or SystemClock()
        self._chance = chance
        self._backoff = Backoff(chance=chance)
        self._initial_events = True
        self._version = ""  # of the last event seen; empty: start over
        self._relist_at = "0"  # what a list may be as old as; "" after a 410: the newest

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            started = self._clock.monotonic()
            try:
                seen = await self._once()
            except ApiError as error:
                if error.code == 410 or _unknown_version(error):
                    _log.debug("Cannot resume the watch of %s: %s", self._resource.qualified, error)
                    self._version, self._relist_at = "", ""
                elif self._initial_events and not self._version and error.code in _REFUSES_INITIAL:
                    self._initial_events = False
                    continue
                else:
                    _log.warning("Cannot watch %s: %s", self._resource.qualified, error)
                await self._pause(error.retry_after)
            except (TransportError, TimeoutError) as error:
                _log.info("Cannot watch %s: %s", self._resource.qualified, error)
                await self._pause(None)
            else:
                if not seen and self._clock.monotonic() - started < _MIN_WATCH:
                    await self._pause(None)

    async def _pause(self, asked: int | None) -> None:
        await self._clock.sleep(max(self._backoff.next(), asked or 0))

    async def _once(self) -> bool:
        """One watch, with what must come before it. Returns whether anything was seen."""
        if self._version:
            return await self._follow(initial=False)
        if self._initial_events:
            return await self._follow(initial=True)
        await self._list()
        await self._follow(initial=False)
        return True

    async def _list(self) -> None:
        self._sink.begin()
        token: str | None = None
        while True:
            page = await self._client.list(
                self._resource,
                namespace=self._namespace,
                label_selector=self._labels,
                field_selector=self._fields,
                limit=None if self._relist_at == "0" else _PAGE,
                continue_token=token,
                resource_version=self._relist_at or None,
            )
            for obj in page.get("items") or ():
                self._sink.initial(obj)
            metadata = page.get("metadata") or {}
            token = metadata.get("continue") or None
            if token is None:
                break
        self._sink.finish()
        self._version = metadata.get("resourceVersion") or ""

    async def _follow(self, *, initial: bool) -> bool:
        seen = False
        pending = initial
        seconds = int(_WATCH_SECONDS * (1 + self._chance()))
        batches = self._watch(seconds, initial=initial)
        async with asyncio.timeout(seconds + _PATIENCE), aclosing(batches):
            if initial:
                self._sink.begin()
            async for batch in batches:
                seen = True
                for kind, obj in batch:
                    metadata = obj["metadata"]
                    if kind == "BOOKMARK":
                        if pending and _INITIAL_END in (metadata.get("annotations") or ()):
                            pending = False
                            self._sink.finish()
                    elif pending:
                        self._sink.initial(obj)
                    else:
                        self._sink.changed(kind, obj)
                    if not pending:
                        self._version = metadata["resourceVersion"]
                if not pending:
                    self._backoff.reset()
        return seen and not pending

    def _watch(self, seconds: int, *, initial: bool) -> AsyncGenerator[Batch, None]:
        return self._client.watch_batches(
            self._resource,
            namespace=self._namespace,
            label_selector=self._labels,
            field_selector=self._fields,
            resource_version=None if initial else self._version,
            initial=initial,
            timeout=seconds,
        )


def _unknown_version(error: ApiError) -> bool:
    causes = (error.details or {}).get("causes") or ()
    return error.code == 504 and any(cause.get("reason") == "ResourceVersionTooLarge" for cause in causes)
