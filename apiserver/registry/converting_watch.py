"""Watches of objects that a webhook converts: between the cache and the client they wait for their conversion.

A watcher at the cache keeps what happened, in order; a task converts all that waits at once, decides what the client's
selectors make of it, and fills the watcher that the client reads. When a conversion fails the watch ends with an error:
events must neither be left out nor shown in another version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

from podwright.api.errors import ApiError, internal
from podwright.apiserver.cache.item import Change, Item
from podwright.apiserver.cache.watcher import Filter, Watcher
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.selecting import ConvertedFilter

log = logging.getLogger(__name__)
Note = Change | Item | tuple[int, bool] | ApiError
"""A change, an object that was there before, or a bookmark: its revision, and whether the initial objects end; or what
ends the watch."""


class _Notes:
    """Lines of a watcher that only keeps what happened."""

    def added(self, change: Change, item: Item) -> Note:
        """Note a change."""
        del item
        return change

    def modified(self, change: Change, item: Item) -> Note:
        """Note a change."""
        del item
        return change

    def deleted(self, change: Change, prev: Item) -> Note:
        """Note a change."""
        del prev
        return change

    def initial(self, item: Item) -> Note:
        """Note an object."""
        return item

    def bookmark(self, revision: int, initial_end: bool) -> Note:
        """Note how far the watch got."""
        return revision, initial_end

    def error(self, error: ApiError) -> Note:
        """Note the end."""
        return error


def unconverted(selected: Filter, *, limit: int, bookmarks: bool) -> Watcher[Note]:
    """A watcher at the cache, which sees everything that may be selected once it is converted."""
    coarse = selected.coarse if isinstance(selected, ConvertedFilter) else selected
    return Watcher(coarse, _Notes(), limit=limit, bookmarks=bookmarks)


class Conversion:
    """Moves what a watcher at the cache noted to the one that the client reads."""

    def __init__(self, call: Call, source: Watcher[Note], shown: Watcher[Any], selected: Filter) -> None:
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
            shown.push(shown.lines.error(error))
        except Exception as error:  # the client learns of it; what it was stands in the log
            log.exception("Cannot show a watch of %s", self._endpoint.resource.qualified)
            shown.push(shown.lines.error(internal(f"the watch failed: {type(error).__name__}")))
        finally:
            self._endpoint.cache.detach(source)
            shown.close()

    async def _move(self) -> None:
        while self._source.waiting:
            notes = self._source.take()
            await self._endpoint.prepare(_items_of(notes))
            lines = [line for note in notes for line in self._lines(note)]
            if lines:
                self._shown.push(*lines)  # in one: what was there before the watch does not count as lagging behind

    def _lines(self, note: Note) -> Iterator[Any]:
        """The line of what the client is to see of a note, if anything."""
        lines, selected = self._shown.lines, self._selected
        if isinstance(note, ApiError):
            yield lines.error(note)
        elif isinstance(note, tuple):
            yield lines.bookmark(*note)
        elif isinstance(note, Item):
            if selected(note):
                yield lines.initial(note)
        else:
            now = note.item is not None and selected(note.item)
            before = note.prev is not None and selected(note.prev)
            if now and note.item is not None:
                yield lines.modified(note, note.item) if before else lines.added(note, note.item)
            elif before and note.prev is not None:
                yield lines.deleted(note, note.prev)


def _items_of(notes: list[Note]) -> list[Item]:
    """All objects that notes speak of, each once."""
    found: dict[int, Item] = {}
    for note in notes:
        if isinstance(note, Item):
            found[id(note)] = note
        elif isinstance(note, Change):
            found |= {id(each): each for each in (note.item, note.prev) if each is not None}
    return list(found.values())
