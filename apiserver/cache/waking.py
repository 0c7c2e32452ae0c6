"""Wakes somebody of this process whenever one of some caches changes, without telling what changed.

For whoever looks at everything again anyway. It must never hold on to an object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from podwright.api.errors import ApiError
from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.cache.item import Change, Item
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.cache.watcher import Filter, Watcher

_LONG = 1_000_000  # changes between two looks


class Waker:
    """Follows caches; `wake` is called once for every batch of changes."""

    def __init__(self, feed: Feed, wake: Callable[[], None]) -> None:
        self._feed = feed
        self._wake = wake
        self._watchers: dict[ResourceCache, Watcher[None]] = {}

    def follow(self, caches: Iterable[ResourceCache]) -> None:
        """Follow these caches from now on, and no others. To be called before every look at them."""
        wanted = set(caches)
        for cache in self._watchers.keys() - wanted:
            cache.detach(self._watchers.pop(cache))
        for cache in wanted:
            watcher = self._watchers.get(cache)
            if watcher is not None:
                watcher.take()
            if watcher is None or watcher.closed:  # closed: everything was loaded again
                self._watchers[cache] = self._attach(cache)

    def stop(self) -> None:
        """Follow nothing any more."""
        self.follow(())

    def _attach(self, cache: ResourceCache) -> Watcher[None]:
        watcher = Watcher(Filter(), _Silent(), limit=_LONG, bookmarks=False)
        watcher.wake = self._wake
        watcher.revision = self._feed.revision
        cache.attach(watcher)
        return watcher


class _Silent:
    """Lines of a watcher that only wants to be woken."""

    def added(self, change: Change, item: Item) -> None:
        """Nothing."""

    def modified(self, change: Change, item: Item) -> None:
        """Nothing."""

    def deleted(self, change: Change, prev: Item) -> None:
        """Nothing."""

    def initial(self, item: Item) -> None:
        """Nothing."""

    def bookmark(self, revision: int, initial_end: bool) -> None:
        """Nothing."""

    def error(self, error: ApiError) -> None:
        """Nothing."""
