"""Keeps what is served in step with the definitions: the shell around `lifecycle.decide`.

Level-triggered: a change of any definition wakes it, and it looks at all of them. Endpoints are there before a
definition says that it is established, so whoever waits for that word finds them. Several servers may do this at once:
each serves for itself, and writes carry the revision they were decided on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from podwright.api.resources import RESOURCES, find
from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.waking import Waker
from podwright.apiserver.cache.watcher import Watcher
from podwright.apiserver.custom import lifecycle, naming
from podwright.apiserver.custom.definition import FINALIZER, is_true
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Request, Transport
from podwright.store.protocol import StoreError

if TYPE_CHECKING:
    from podwright.apiserver.cache.resource_cache import ResourceCache
    from podwright.apiserver.custom.served import Served

log = logging.getLogger(__name__)
JSON = dict[str, Any]
DEFINITIONS: Final = find("customresourcedefinitions", "apiextensions.k8s.io")
_AGAIN: Final = 0.2  # seconds until the next look at what is not at rest
_PARALLEL: Final = 16  # objects deleted at the same time
_WRITER: Final = (("fieldManager", "kube-apiserver"),)  # the name that clients know for the server's own writes


@dataclass(frozen=True, slots=True)
class _Seen:
    """A definition in one stored state: what others must know of it (its group, and the names that it was given), and
    the names that it wants."""

    item: Item
    names: JSON
    wanted: naming.Taken


class CustomResources:
    """Owns the endpoints of all definitions."""

    def __init__(
        self, registry: Registry, transport: Transport, hooks: Hooks, clock: Callable[[], datetime], *, window: int
    ) -> None:
        self._registry = registry
        self._transport = transport
        self._hooks = hooks
        self._clock = clock
        self._window = window
        self._served: dict[str, Served] = {}
        self._seen: dict[str, _Seen] = {}
        self._resting: dict[str, tuple[Item, naming.Taken]] = {}  # name -> nothing to do, beside these clashes
        self._hooking: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._built_in = [
            ({"plural": row.plural, "singular": row.singular, "shortNames": row.short_names, "kind": row.kind,
              "listKind": row.list_kind}, row.group)
            for row in RESOURCES
        ]  # fmt: skip

    async def start(self) -> None:
        """Serve what is defined already, and begin to follow. Raises StoreError."""
        for item in self._cache.iterate():
            definition = self._endpoint.object(item)
            if is_true(definition, "Established"):
                await self._serve(definition)
        self._task = asyncio.create_task(self._run(), name="custom-resources")

    async def stop(self) -> None:
        """End; what is served stays as it is."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _definitions(self) -> dict[str, _Seen]:
        """What there is now. Definitions are large and looked at often: only what changed is read again."""
        self._seen = {item.name: self._see(item) for item in self._cache.iterate()}
        return self._seen

    def _see(self, item: Item) -> _Seen:
        known = self._seen.get(item.name)
        if known is not None and known.item is item:
            return known
        definition = self._endpoint.object(item)
        accepted = (definition.get("status") or {}).get("acceptedNames") or {}
        names: JSON = {"spec": {"group": definition["spec"]["group"]}, "status": {"acceptedNames": accepted}}
        return _Seen(item, names, naming.wanted(definition))

    async def _run(self) -> None:
        waker = Waker(self._registry.feed, self._wake.set)
        try:
            while True:
                self._wake.clear()
                waker.follow((self._cache,))
                rests = await self._round()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if rests else _AGAIN):
                        await self._wake.wait()
        finally:
            waker.stop()

    @property
    def _endpoint(self) -> Endpoint:
        return self._registry.endpoints[DEFINITIONS.group, DEFINITIONS.version, DEFINITIONS.plural]

    @property
    def _cache(self) -> ResourceCache:
        return self._endpoint.cache

    async def _round(self) -> bool:
        """Look at every definition once; whether all are at rest."""
        rests = True
        definitions = self._definitions()
        for name in [name for name in self._served if name not in definitions]:
            self._withdraw(name)
        for name in definitions:
            try:
                rests = await self._look(name) and rests
            except StoreError as error:
                log.warning("Cannot serve %s now: %s", name, error)
                rests = False
            except Exception:  # one definition's defect must not stop the others
                log.exception("Cannot serve %s", name)
        return rests

    async def _look(self, name: str) -> bool:
        others = dict(self._definitions())
        seen = others.pop(name, None)
        if seen is None:
            self._withdraw(name)
            return True
        taken = naming.taken(seen.names["spec"]["group"], (other.names for other in others.values()), self._built_in)
        clashes = naming.both(seen.wanted, taken)
        resting = self._resting.get(name)
        if resting is not None and resting[0] is seen.item and resting[1] == clashes:
            return True
        definition = self._endpoint.object(seen.item)
        served = self._served.get(name)
        left = len(served.cache) if served is not None else 0
        step = lifecycle.decide(definition, taken, left, self._clock())
        if step.serve:
            await self._serve(definition)
        else:
            self._withdraw(name)
        if step.release and len(self._served[name].cache if name in self._served else ()) == 0:
            return await self._release(definition)
        done = True
        if step.status is not None:
            done = await self._write_status(definition, step.status)
        if step.empty:
            await self._empty(name)
            done = False
        if step.status is None and done:
            self._resting[name] = seen.item, clashes
        return done

    # -- endpoints

    async def _serve(self, definition: JSON) -> None:
        """Serve a definition in its present state."""
        from podwright.apiserver.custom.served import Served, digest, storage_digest

        name: str = definition["metadata"]["name"]
        old = self._served.get(name)
        if old is not None and old.digest == digest(definition):
            return
        same = old is not None and old.storage_digest == storage_digest(definition)
        cache = old.cache if old is not None and same else None
        new = Served(definition, self._hooks, window=self._window, cache=cache)
        if new.fresh:
            await self._registry.feed.join(new.cache)
        self._served[name] = new
        self._use_hook(name, new)
        self._registry.serve(old.endpoints if old is not None else (), new.endpoints)
        if old is not None and new.fresh:
            _close(old.cache.all_watchers())

    def _withdraw(self, name: str) -> None:
        """Serve a definition no more."""
        self._resting.pop(name, None)
        old = self._served.pop(name, None)
        if old is not None:
            self._use_hook(name, None)
            self._registry.serve(old.endpoints, ())
            self._registry.feed.leave(old.cache)
            _close(old.cache.all_watchers())

    def _use_hook(self, name: str, served: Served | None) -> None:
        """Keep connections to the webhooks of what is served, and to no others."""
        target = None if served is None or served.converter is None else served.converter.target
        if target is not None:
            self._hooking.add(name)
            self._hooks.client.use((DEFINITIONS, name), (target,))
        elif name in self._hooking:
            self._hooking.discard(name)
            self._hooks.client.use((DEFINITIONS, name), ())

    # -- writes; a conflict means that there is something newer to look at

    async def _write_status(self, definition: JSON, status: JSON) -> bool:
        path = DEFINITIONS.path(name=definition["metadata"]["name"], subresource="status")
        body = orjson.dumps({**definition, "status": status})
        return (await self._transport.request(Request("PUT", path, _WRITER, (), body))).status < 300

    async def _release(self, definition: JSON) -> bool:
        metadata: JSON = definition["metadata"]
        finalizers = [name for name in metadata.get("finalizers") or () if name != FINALIZER]
        change = {"resourceVersion": metadata["resourceVersion"], "finalizers": finalizers or None}
        headers = (("content-type", "application/merge-patch+json"),)
        path = DEFINITIONS.path(name=metadata["name"])
        body = orjson.dumps({"metadata": change})
        answer = await self._transport.request(Request("PATCH", path, _WRITER, headers, body))
        if answer.status < 300 and not finalizers:
            self._withdraw(metadata["name"])
        return answer.status < 300 or answer.status == 404

    async def _empty(self, name: str) -> None:
        """Ask for the deletion of every object that was not asked to go yet."""
        served = self._served.get(name)
        if served is None or not served.endpoints:
            return
        # In the stored version if that is served: nobody need convert what goes.
        endpoint = next((each for each in served.endpoints if each.view is None), served.endpoints[0])
        gate = asyncio.Semaphore(_PARALLEL)

        async def one(item: Item) -> None:
            async with gate:
                path = endpoint.resource.path(item.namespace, item.name)
                await self._transport.request(Request("DELETE", path))

        async with TaskGroup() as group:
            for item in list(served.cache.iterate()):
                if b'"deletionTimestamp"' not in item.wire or "deletionTimestamp" not in item.object()["metadata"]:
                    group.create_task(one(item))


def _close(watchers: Iterable[Watcher[Any]]) -> None:
    for watcher in watchers:
        watcher.close()
