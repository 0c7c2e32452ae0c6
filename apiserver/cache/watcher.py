"""One open watch: what it wants to see, and the bounded buffer between the cache and its connection.

The cache calls `offer` for each change that may concern the watcher and `flush` once per batch; both are
synchronous and must never wait. A watcher whose buffer is full is dropped: its stream ends and the client starts
over, so a slow reader never slows the server nor grows its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from podwright.api.errors import ApiError
from podwright.apiserver.cache.item import Change, Item

_PIECE = 32 * 1024  # bytes of objects made into lines at once: some formats take a tenth of a millisecond for 2 KiB

Line = TypeVar("Line")
"""What a reader takes for one event: most often a line of bytes."""
Line_co = TypeVar("Line_co", covariant=True)


class Match(Protocol):
    """A label selector."""

    def matches(self, labels: dict[str, str]) -> bool:
        """Tell whether the labels are selected."""
        ...


class Filter:
    """What a list or watch selects. `fields` are pairs (index into Item.fields, wanted value, must equal)."""

    __slots__ = ("fields", "labels", "name", "namespace", "trivial")

    def __init__(
        self,
        namespace: str = "",
        name: str = "",
        labels: Match | None = None,
        fields: tuple[tuple[int, str, bool], ...] = (),
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.fields = fields
        self.trivial = labels is None and not fields and not name

    def __call__(self, item: Item) -> bool:
        """Tell whether the item is selected."""
        if self.namespace and item.namespace != self.namespace:
            return False
        if self.trivial:
            return True
        if self.name and item.name != self.name:
            return False
        values = item.fields
        for index, wanted, equal in self.fields:
            if (values[index] == wanted) is not equal:
                return False
        return self.labels is None or self.labels.matches(item.labels)


class Lines(Protocol[Line_co]):
    """Makes the lines of a watch: the shared JSON ones, one watcher's own (tables, metadata only), or none of bytes."""

    def added(self, change: Change, item: Item) -> Line_co:
        """Line of an object that appeared."""
        ...

    def modified(self, change: Change, item: Item) -> Line_co:
        """Line of an object that changed."""
        ...

    def deleted(self, change: Change, prev: Item) -> Line_co:
        """Line of an object that went away: its last state with the revision of the change."""
        ...

    def bookmark(self, revision: int, initial_end: bool) -> Line_co:
        """Line that tells how far the watch got."""
        ...

    def initial(self, item: Item) -> Line_co:
        """ADDED line of an object that existed before the watch."""
        ...

    def error(self, error: ApiError) -> Line_co:
        """Line that ends a watch with a Status."""
        ...


class Watcher(Generic[Line]):
    """A filter, a way to write lines, and a buffer of at most `limit` lines."""

    __slots__ = (
        "_begun",
        "_first",
        "_last",
        "_spared",
        "bookmarks",
        "bucket",
        "buffer",
        "closed",
        "filter",
        "limit",
        "lines",
        "revision",
        "wake",
    )

    def __init__(self, filter_: Filter, lines: Lines[Line], *, limit: int, bookmarks: bool) -> None:
        self.filter = filter_
        self.lines = lines
        self.limit = limit
        self.bookmarks = bookmarks
        self.buffer: list[Line] = []
        self._spared = 0  # of those in the buffer, how many no reader can have taken sooner
        self._first: Iterator[Item] | None = None  # what was there before the watch and is not sent yet
        self._begun: list[Line] = []
        self._last: list[Line] = []
        self.closed = False
        self.revision = 0  # changes up to here were seen or are not wanted
        self.bucket: tuple[str, str] = ("", "")
        self.wake: Callable[[], None] = _nothing

    def offer(self, change: Change) -> bool:
        """Buffer the change's line if it concerns this watcher. Returns True when something waits to be flushed."""
        if change.revision <= self.revision or self.closed:
            return False
        item, prev = change.item, change.prev
        now = item is not None and self.filter(item)
        before = prev is not None and self.filter(prev)
        if now and item is not None:
            line = self.lines.modified(change, item) if before else self.lines.added(change, item)
        elif before and prev is not None:
            line = self.lines.deleted(change, prev)
        else:
            return False
        self.buffer.append(line)
        return True

    def flush(self) -> None:
        """Hand the buffer to the reader, or end the watch when it is too long."""
        if len(self.buffer) - self._spared > self.limit:
            self.close()
        else:
            self.wake()

    def push(self, *lines: Line) -> None:
        """Send lines of the server's own (bookmark, error) or others that come together: they count as one."""
        self.buffer.extend(lines)
        self._spared += len(lines) - 1
        self.flush()

    def spare(self) -> None:
        """What is in the buffer now was there before the watch: whoever reads it does not lag behind."""
        self._spared = len(self.buffer)

    def begin(self, first: list[Line], others: Iterable[Item], last: list[Line]) -> None:
        """Send, before anything else, the lines `first`, these objects, and the lines `last`."""
        if first or last:
            self._begun, self._first, self._last = first, iter(others), last

    @property
    def waiting(self) -> bool:
        """Whether there is something to take."""
        return bool(self.buffer) or self._first is not None

    def take(self) -> list[Line]:
        """Empty the buffer; of the objects that were there at first only a piece, for they may be many."""
        if self._first is not None:
            return self._take_first(self._first)
        taken, self.buffer, self._spared = self.buffer, [], 0
        return taken

    def _take_first(self, items: Iterator[Item]) -> list[Line]:
        made, self._begun = self._begun, []
        size = 0
        for item in items:
            made.append(self.lines.initial(item))
            size += len(item.wire)
            if size >= _PIECE:
                return made
        self._first = None
        made += self._last
        return made

    def close(self) -> None:
        """End the watch: nothing more is buffered, the reader sees the end of the stream."""
        self.closed = True
        self.wake()


def _nothing() -> None:
    """Stand in until a reader is attached."""
