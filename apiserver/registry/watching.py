"""GET with watch=1: where a stream begins, and how it is read.

Starting is one synchronous step (history or initial objects are buffered and the watcher attached in one go), so no
change can fall between. The stream is handed to the transport, which reads it as a `WatchStream`; a reader in this
process takes the events themselves (`EventWatch`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

import orjson

from podwright.api.errors import expired, not_acceptable
from podwright.apiserver.cache.resource_cache import ResourceCache, TooOld
from podwright.apiserver.cache.watcher import Filter, Line, Lines, Watcher
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE
from podwright.apiserver.options import ListOptions, list_options
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.lines import EventLines, ObjectLine, lines_for
from podwright.apiserver.registry.reading import fresh, not_older
from podwright.apiserver.registry.selecting import compile_filter
from podwright.client.transport import Event

if TYPE_CHECKING:
    from podwright.apiserver.registry.converting_watch import Conversion

_DEFAULT_TIMEOUT = 1800.0  # seconds; doubled at random, so that watches do not all end together
_FAREWELL = 2.0  # seconds before the end at which a watch with bookmarks gets its last one


class OpenWatch(Generic[Line]):
    """An open watch. Ends by itself after `timeout` seconds."""

    def __init__(
        self,
        cache: ResourceCache,
        watcher: Watcher[Line],
        timeout: float,
        content_type: str = JSON_TYPE,
        conversion: Conversion | None = None,
        farewell: Callable[[], None] | None = None,
    ) -> None:
        """`conversion` fills the watcher, where the cache does not; `farewell` is called shortly before the end."""
        self._conversion = conversion
        self.status = 200
        self.headers: Mapping[str, str] = {"content-type": content_type}
        self.watcher = watcher
        self.on_end: Callable[[], None] | None = None
        """Called once, when the watch ends."""
        self._cache = cache
        self._ready = asyncio.Event()
        loop = asyncio.get_running_loop()
        if farewell is not None and timeout > _FAREWELL:
            self._timer = loop.call_later(timeout - _FAREWELL, self._part, farewell)
        else:
            self._timer = loop.call_later(timeout, watcher.close)
        watcher.wake = self._ready.set
        self._ready.set()

    def _part(self, farewell: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(_FAREWELL, self.watcher.close)
        farewell()

    async def lines(self) -> AsyncIterator[list[Line]]:
        """Yield together what waits to be read, until the watch ends."""
        watcher, ready = self.watcher, self._ready
        try:
            while True:
                await ready.wait()
                ready.clear()
                if watcher.waiting:
                    yield watcher.take()
                while watcher.waiting:  # there is much of it: others get their turn
                    await asyncio.sleep(0)
                    yield watcher.take()
                if watcher.closed:
                    return
        finally:
            self.release()

    def release(self) -> None:
        """Stop watching; doing it twice is fine."""
        self._timer.cancel()
        if self._conversion is not None:
            self._conversion.end()
        self._cache.detach(self.watcher)
        self.watcher.closed = True
        told, self.on_end = self.on_end, None
        if told is not None:
            told()

    async def close(self) -> None:
        """Stop reading and release everything."""
        self.release()
        self._ready.set()


class WatchStream(OpenWatch[bytes]):
    """A watch as transports read it: pieces made of whole lines."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for lines in self.lines():
            yield b"".join(lines)


class EventWatch(OpenWatch[ObjectLine]):
    """A watch as this process reads it. Whoever does not take events reads lines."""

    async def events(self) -> AsyncIterator[Iterable[Event]]:
        """Yield together what happened together."""
        async for lines in self.lines():
            yield map(EventLines.event, lines)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for events in self.events():
            yield b"".join([orjson.dumps({"type": kind, "object": obj}) + b"\n" for kind, obj in events])


async def watch(registry: Registry, call: Call) -> WatchStream | EventWatch:
    """Open a watch. Raises ApiError for bad options; what goes wrong later is an ERROR event."""
    options = list_options(call.query, watch=True)
    if call.format.content_type == PROTOBUF_TYPE and call.format.shape == "object" and not call.endpoint.kind.has_class:
        raise not_acceptable((JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE), transforming=True)
    selected = compile_filter(call.endpoint, call.namespace, call.name, options)
    initial = options.send_initial
    if initial and options.has_revision:
        await not_older(registry, options.revision)
    elif not options.has_revision:
        await fresh(registry)
    timeout = options.timeout or 0
    seconds = float(timeout) if timeout > 0 else _DEFAULT_TIMEOUT * (1 + random.random())  # noqa: S311 - only jitter
    if call.objects and call.format.cached:
        told = _open(registry, call, options, selected, EventLines(call.endpoint))
        return EventWatch(call.endpoint.cache, told.watcher, seconds, JSON_TYPE, told.conversion, told.farewell)
    plain = call.format.content_type == JSON_TYPE
    content_type = JSON_TYPE if plain else f"{call.format.content_type};stream=watch"
    seen = _open(registry, call, options, selected, lines_for(call, registry.clock))
    return WatchStream(call.endpoint.cache, seen.watcher, seconds, content_type, seen.conversion, seen.farewell)


@dataclass(frozen=True, slots=True)
class _Opened(Generic[Line]):
    """The watcher that the client reads, what fills it where that is not the cache, and the last bookmark if wanted."""

    watcher: Watcher[Line]
    conversion: Conversion | None
    farewell: Callable[[], None] | None


def _open(registry: Registry, call: Call, options: ListOptions, selected: Filter, lines: Lines[Line]) -> _Opened[Line]:
    limit = registry.watch_buffer
    if call.endpoint.converts:
        from podwright.apiserver.registry.converting_watch import Conversion, unconverted

        source = unconverted(selected, limit=limit, bookmarks=options.bookmarks)
        _begin(registry, call, options, source)
        watcher = Watcher(Filter("\0"), lines, limit=limit, bookmarks=False)
        conversion = Conversion(call, source, watcher, selected)
        return _Opened(watcher, conversion, _farewell(registry, source))
    watcher = Watcher(selected, lines, limit=limit, bookmarks=options.bookmarks)
    _begin(registry, call, options, watcher)
    return _Opened(watcher, None, _farewell(registry, watcher))


def _farewell(registry: Registry, watcher: Watcher[Any]) -> Callable[[], None] | None:
    return partial(_tell, registry, watcher) if watcher.bookmarks else None


def _begin(registry: Registry, call: Call, options: ListOptions, watcher: Watcher[Any]) -> None:
    cache, revision = call.endpoint.cache, registry.feed.revision
    if options.send_initial or (options.revision == 0 and options.send_initial is None):
        items = [i for i in cache.iterate(watcher.filter.namespace) if watcher.filter(i)]
        first = [watcher.lines.initial(items[0])] if items else []  # before any other line: it names a table's columns
        last = [watcher.lines.bookmark(revision, True)] if options.bookmarks else []
        watcher.begin(first, items[1:], last)
        watcher.revision = revision
    else:
        after = options.revision or revision
        try:
            for change in cache.history(after):
                watcher.offer(change)
            watcher.spare()
        except TooOld as error:
            text = f"too old resource version: {options.revision} ({error.oldest})"
            watcher.buffer.append(watcher.lines.error(expired(text)))
            watcher.closed = True
            return
        watcher.revision = max(after, revision)
    cache.attach(watcher)


def send_bookmarks(registry: Registry) -> None:
    """Tell every watch that asked for it how far it got."""
    # Several resources may share a cache, and the one in whose form it is kept need not be served.
    for cache in {id(endpoint.cache): endpoint.cache for endpoint in registry.endpoints.values()}.values():
        for watcher in cache.all_watchers():
            if watcher.bookmarks:
                _tell(registry, watcher)


def _tell(registry: Registry, watcher: Watcher[Any]) -> None:
    revision = registry.feed.revision
    if not watcher.closed and watcher.revision <= revision:
        watcher.push(watcher.lines.bookmark(revision, False))
