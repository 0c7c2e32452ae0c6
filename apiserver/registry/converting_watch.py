"""Watches of objects that a webhook converts: between the cache and the client they wait for their conversion.

A watcher at the cache keeps what happened, in order; a task converts all that waits at once, decides what the client's
selectors make of it, and fills the watcher that the client reads. When a conversion fails the watch ends with an error:
events must neither be left out nor shown in another version.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import count

from podwright.api.errors import ApiError, internal
from podwright.apiserver.cache.item import Change, Item
from podwright.apiserver.cache.watcher import Filter, Watcher
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.lines import error_line
from podwright.apiserver.registry.selecting import ConvertedFilter

log = logging.getLogger(__name__)
Event = Change | Item | tuple[int, bool]
"""A change, an object that was there before, or a bookmark: its revision, and whether the initial objects end."""


class _Notes:
    """Lines of a watcher that only keeps what happened: each is the number under which it is kept."""

    def __init__(self) -> None:
        self._events: dict[int, Event] = {}
        self._serial = count()

    def _note(self, event: Event) -> bytes:
        number = next(self._serial)
        self._events[number] = event
        return b"%d\n" % number

    def taken(self, data: bytes) -> list[Event]:
        """The events of what was taken out of the watcher."""
        return [self._events.pop(int(line)) for line in data.split()]

    def added(self, change: Change, item: Item) -> bytes:
        """Note a change."""
        del item
        return self._note(change)

    def modified(self, change: Change, item: Item) -> bytes:
        """Note a change."""
        del item
        return self._note(change)

    def deleted(self, change: Change, prev: Item) -> bytes:
        """Note a change."""
        del prev
        return self._note(change)

    def initial(self, item: Item) -> bytes:
        """Note an object."""
        return self._note(item)

    def bookmark(self, revision: int, initial_end: bool) -> bytes:
        """Note how far the watch got."""
        return self._note((revision, initial_end))


def unconverted(selected: Filter, *, limit: int, bookmarks: bool) -> Watcher:
    """A watcher at the cache, which sees everything that may be selected once it is converted."""
    coarse = selected.coarse if isinstance(selected, ConvertedFilter) else selected
    return Watcher(coarse, _Notes(), limit=limit, bookmarks=bookmarks)


class Conversion:
    """Moves what a watcher at the cache noted to the one that the client reads."""

    def __init__(self, call: Call, source: Watcher, shown: Watcher, selected: Filter) -> None:
        self._call = call
        self._endpoint = call.endpoint
        self._source = source
        self._shown = shown
        self._selected = selected
        self._wake = asyncio.Event()
        self._wake.set()
        source.wake = self._wake.set
        self._task = asyncio.create_task(self._run(), name="watch-conversion")

    def end(self) -> None:
        """End it; doing it twice is fine."""
        self._endpoint.cache.detach(self._source)
        self._task.cancel()

    async def _run(self) -> None:
        source, shown = self._source, self._shown
        try:
            while not shown.closed:
                await self._wake.wait()
                self._wake.clear()
                await self._move()
                if source.closed and not source.waiting:
                    break
        except ApiError as error:
            shown.push(error_line(self._call, error))
        except Exception as error:  # the client learns of it; what it was stands in the log
            log.exception("Cannot show a watch of %s", self._endpoint.resource.qualified)
            shown.push(error_line(self._call, internal(f"the watch failed: {type(error).__name__}")))
        finally:
            self._endpoint.cache.detach(source)
            shown.close()

    async def _move(self) -> None:
        source, shown, notes = self._source, self._shown, self._source.lines
        assert isinstance(notes, _Notes)
        while source.waiting:
            data = source.take()
            if data[:1].isdigit():
                await self._show(notes.taken(data))
            elif data:
                shown.push(data)  # an error: it comes alone

    async def _show(self, events: list[Event]) -> None:
        await self._endpoint.prepare(_items_of(events))
        lines = b"".join(map(self._line, events))
        if lines:
            self._shown.push(lines)  # in one: what was there before the watch does not count as lagging behind

    def _line(self, event: Event) -> bytes:
        lines, selected = self._shown.lines, self._selected
        if isinstance(event, tuple):
            return lines.bookmark(*event)
        if isinstance(event, Item):
            return lines.initial(event) if selected(event) else b""
        now = event.item is not None and selected(event.item)
        before = event.prev is not None and selected(event.prev)
        if now and event.item is not None:
            return lines.modified(event, event.item) if before else lines.added(event, event.item)
        return lines.deleted(event, event.prev) if before and event.prev is not None else b""


def _items_of(events: list[Event]) -> list[Item]:
    """All objects that events speak of, each once."""
    found: dict[int, Item] = {}
    for event in events:
        if isinstance(event, Item):
            found[id(event)] = event
        elif isinstance(event, Change):
            found |= {id(each): each for each in (event.item, event.prev) if each is not None}
    return list(found.values())
