"""Which versions of which groups other API servers serve, and whether they answer: follows the APIServices.

A built-in version of a group is never given away. Whether a delegate answers each server finds out for itself, serves
by it, and says so in the Available condition only then. With no APIService that names a service this is an empty dict.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, Resource, find
from podwright.apiserver.aggregation.opened import Opened
from podwright.apiserver.aggregation.watchman import API_SERVICES, Guarded, Watchman
from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.waking import Waker
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.streams import NodeStreams
from podwright.apiserver.user import User
from podwright.client.transport import Request, Response, Stream, Transport

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Delegate, Offer
    from podwright.apiserver.aggregation.dialler import Dialler
    from podwright.apiserver.registry.endpoint import Endpoint

_ASKED_OF: Final = (find("services"), find("endpoints"), find("endpointslices", "discovery.k8s.io"))
_BUILT_IN: Final = frozenset((row.group, row.version) for row in RESOURCES)
_PAUSE: Final = 0.05  # changes within so many seconds are looked at together


class Delegates:
    """Owns the table of delegates and the tasks that look at them."""

    def __init__(
        self,
        registry: Registry,
        transport: Transport,
        clock: Callable[[], datetime],
        identity: tuple[Path, Path] | None,
        streams: Callable[[], NodeStreams | None],
    ) -> None:
        """`identity` holds the files of our certificate and its key, if we have one; `streams` is the way to pods."""
        self.known: dict[tuple[str, str], Guarded] = {}
        """By group and version."""
        self._registry = registry
        self._watchman = Watchman(registry, transport, clock, lambda: self.dialler)
        self._identity = identity
        self._streams = streams
        self._dialler: Dialler | None = None
        self._seen: dict[str, tuple[Item, Delegate | None]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to follow; what was available is so until it was looked at."""
        self._look()
        self._task = asyncio.create_task(self._follow(), name="delegates")

    async def stop(self) -> None:
        """End all tasks."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for guarded in self.known.values():
            self._end(guarded)
        self.known.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._dialler is not None:
            await self._dialler.idle.close()

    def reload_certificate(self) -> None:
        """There is a new certificate to speak for users by: use it from the next connection on."""
        if self._dialler is not None:
            self._dialler.forget_all_but(set())

    # -- requests

    def of(self, path: str) -> Guarded | None:
        """Who serves a path, if not this server."""
        parts = path.split("/", 4)
        return self.known.get((parts[2], parts[3])) if len(parts) > 3 and parts[1] == "apis" else None

    async def answer(self, guarded: Guarded, request: Request, user: User) -> Response | Stream:
        """Answer a request to what a delegate serves, in plain text where there is no answer."""
        from podwright.apiserver.aggregation.forwarding import forward, unavailable

        if not guarded.available:
            return unavailable()
        return await forward(self.dialler, guarded.delegate, request, user)

    async def upgrade(self, request: Request, user: User) -> Opened | Response | Stream:
        """Ask the delegate of a request for a connection of another protocol; an answer if that is none."""
        from podwright.apiserver.aggregation.forwarding import unavailable
        from podwright.apiserver.aggregation.upgrading import upgrade

        guarded = self.of(request.path)
        if guarded is None or not guarded.available:
            return unavailable()
        try:
            return await upgrade(self.dialler, guarded.delegate, request, user)
        except ApiError as error:
            return unavailable(error.message)

    @property
    def dialler(self) -> Dialler:
        """The way to delegates, made with the first of them: most servers never have one."""
        if self._dialler is None:
            from podwright.apiserver.aggregation.dialler import Dialler

            self._dialler = Dialler(self._identity, self._registry.lookup, self._streams)
        return self._dialler

    @property
    def offers(self) -> list[Offer]:
        """What they serve, for discovery."""
        from podwright.apiserver.aggregation.delegate import Offer

        return [Offer(each.delegate, each.resources, fresh=each.available) for each in self.known.values()]

    # -- the table

    async def _follow(self) -> None:
        waker = Waker(self._registry.feed, self._wake.set)
        try:
            while True:
                self._wake.clear()
                followed = (API_SERVICES, *_ASKED_OF) if self.known else (API_SERVICES,)
                waker.follow(self._endpoint(resource).cache for resource in followed)
                if self._look():
                    continue  # what is to be followed may be more now
                await self._wake.wait()
                await asyncio.sleep(_PAUSE)
        finally:
            waker.stop()

    def _endpoint(self, resource: Resource) -> Endpoint:
        return self._registry.endpoints[resource.group, resource.version, resource.plural]

    def _look(self) -> bool:
        """Bring the table up to date; whether it changed."""
        wanted = {(d.group, d.version): (item, d) for item, d in self._delegates()}
        changed = False
        for key in self.known.keys() - wanted.keys():
            gone = self.known.pop(key)
            self._end(gone)
            changed = True
        for key, (item, delegate) in wanted.items():
            guarded = self.known.get(key)
            if guarded is None:
                self.known[key] = self._guard(item, delegate)
                changed = True
            elif guarded.delegate != delegate:
                guarded.delegate = delegate
                guarded.wake.set()
                changed = True
            else:
                facts = self._facts(delegate)
                if guarded.facts != facts:
                    guarded.facts = facts
                    guarded.wake.set()
                    if self._dialler is not None:
                        self._dialler.forget(delegate)  # others answer for it now
            self.known[key].item = item
        if changed:
            self._registry.generation += 1
            if self._dialler is not None:
                self._dialler.forget_all_but({delegate for _, delegate in wanted.values()})
        return changed

    def _delegates(self) -> Iterator[tuple[Item, Delegate]]:
        seen: dict[str, tuple[Item, Delegate | None]] = {}
        endpoint = self._endpoint(API_SERVICES)
        for item in endpoint.cache.iterate():
            if b'"service":' not in item.wire:
                continue
            known = self._seen.get(item.name)
            if known is None or known[0] is not item:
                from podwright.apiserver.aggregation.delegate import delegate_of

                known = item, delegate_of(endpoint.object(item))
            seen[item.name] = known
            delegate = known[1]
            if delegate is not None and (delegate.group, delegate.version) not in _BUILT_IN:
                yield item, delegate
        self._seen = seen

    def _guard(self, item: Item, delegate: Delegate) -> Guarded:
        from podwright.apiserver.aggregation.delegate import condition_of

        told = condition_of(self._endpoint(API_SERVICES).object(item)) or {}
        guarded = Guarded(delegate, item, told.get("status") == "True", facts=self._facts(delegate))
        guarded.task = asyncio.create_task(self._watchman.keep(guarded), name=f"delegate {delegate.name}")
        return guarded

    def _end(self, guarded: Guarded) -> None:
        task = guarded.task
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def _facts(self, delegate: Delegate) -> object:
        """What of the cluster decides whether somebody answers."""
        from podwright.apiserver.hooks.backends import backends_of

        lookup, service = self._registry.lookup, delegate.service
        found = lookup.get(_ASKED_OF[0], service.name, service.namespace)
        try:
            return found, backends_of(service, lookup)
        except ValueError as error:
            return found, str(error)
