"""Keeps an index in step with a watch cache, from one question to the next.

Nothing runs in the background: before an index answers it takes the changes that came since it answered last. It must
never leave an index with something that is gone: after a gap everything is read again.
"""

from __future__ import annotations

from typing import Protocol

from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.resource_cache import ResourceCache, TooOld

Place = tuple[str, str]
"""Namespace ("" in the cluster) and name."""


class Take(Protocol):
    """Notes one object of a cache, or that it is gone."""

    def __call__(self, item: Item, *, gone: bool) -> None:
        """Take it in."""
        ...


class Followed:
    """One cache, and how far its changes have been taken."""

    __slots__ = ("_items", "_take", "cache", "seen")

    def __init__(self, cache: ResourceCache, take: Take) -> None:
        self.cache = cache
        self.seen = (0, 0)
        self._take = take
        self._items: dict[Place, Item] = {}

    def catch_up(self) -> None:
        """Take what changed, or everything when that is not known any more; costs nothing when nothing changed."""
        cache, before = self.cache, self.seen
        self.seen = (cache.loads, cache.changed)
        if before == self.seen:
            return
        if before[0] != cache.loads:
            self._read_again()
            return
        try:
            changes = list(cache.history(before[1]))
        except TooOld:
            self._read_again()
            return
        for change in changes:
            item = change.item or change.prev
            if item is not None:
                self._note(item, gone=change.item is None)

    def _read_again(self) -> None:
        present = {(item.namespace, item.name): item for item in self.cache.iterate()}
        for place, item in list(self._items.items()):
            if place not in present:
                self._note(item, gone=True)
        for place, item in present.items():
            if self._items.get(place) is not item:  # what is the same object says the same
                self._note(item, gone=False)

    def _note(self, item: Item, *, gone: bool) -> None:
        place = (item.namespace, item.name)
        if gone:
            self._items.pop(place, None)
        else:
            self._items[place] = item
        self._take(item, gone=gone)
