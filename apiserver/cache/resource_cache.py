"""All objects of one resource as wire bytes, its recent changes, and its watchers.

Fed by `feed.py` in revision order; read synchronously by the registry. Everything here is plain data structure:
it must never await, never touch the store and never parse an object it was given parsed values for.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import chain, starmap
from typing import Any

import orjson

from podwright.apiserver.cache.item import Change, Item, canonical_value, head_of, splice
from podwright.apiserver.cache.watcher import Watcher
from podwright.store.protocol import KeyValue

JSON = dict[str, Any]
_INDEXED = ("spec.nodeName", "metadata.name")  # equality on these puts a watcher into its own bucket, best first
_NO_LABELS: dict[str, str] = {}
_WINDOW_BYTES = 32 * 1024 * 1024
"""What the states that a window holds on to may take: a few large objects that change all the time must not fill it."""


class TooOld(Exception):
    """The wanted revision is no longer in the window. `oldest` is the oldest one a watch may begin after."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"cannot watch: the oldest revision kept is {oldest}")
        self.oldest = oldest


class Collection:
    """The objects of one namespace (or all of a cluster-scoped resource), in name order."""

    __slots__ = ("items", "names")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.names: list[str] = []

    def put(self, item: Item) -> Item | None:
        """Add or replace; returns what was there."""
        old = self.items.get(item.name)
        if old is None:
            insort(self.names, item.name)
        self.items[item.name] = item
        return old

    def drop(self, name: str) -> Item | None:
        """Remove; returns what was there."""
        old = self.items.pop(name, None)
        if old is not None:
            del self.names[bisect_left(self.names, name)]
        return old


class ResourceCache:
    """The cache of one stored resource. `prefix` is its key prefix, ending in "/"."""

    def __init__(
        self,
        prefix: str,
        kind: str,
        api_version: str,
        *,
        namespaced: bool,
        fields: Callable[[], Mapping[str, Callable[[JSON], str]]],
        window: int,
        canonical: Callable[[bytes, bytes], bytes] = canonical_value,
    ) -> None:
        """`fields` gives the selectable fields when they are first needed: finding them loads a kind's rules.

        `canonical` brings a value that someone else wrote, or wrote earlier, into the stored form of now.
        """
        self.prefix = prefix
        self.namespaced = namespaced
        self.head = head_of(kind, api_version)
        self.keeps_origin = False  # items tell which version they were stored in, and are not converted by `canonical`
        self._fields = fields
        self._canonical = canonical
        self.collections: dict[str, Collection] = {}
        self.order: list[str] = []  # names of non-empty collections in key order
        self.changed = 0  # revision of the newest change of this resource
        self.loads = 0  # rises when everything was replaced: who follows the changes has to read all of it again
        self._window: deque[Change] = deque()
        self._window_limit = window
        self._window_bytes = 0
        self._oldest = 0  # watches may begin after this revision
        self._buckets: dict[tuple[str, str], set[Watcher[Any]]] = {}
        self._prepared: dict[str, tuple[bytes, Item, JSON]] = {}

    # -- reading

    def __len__(self) -> int:
        return sum(len(c.items) for c in self.collections.values())

    def get(self, namespace: str, name: str) -> Item | None:
        """Return one object."""
        collection = self.collections.get(namespace)
        return collection.items.get(name) if collection is not None else None

    def iterate(self, namespace: str = "", start: str = "") -> Iterator[Item]:
        """Yield objects in key order, of one namespace or of all, from the key suffix `start` ("ns/name") on."""
        return chain.from_iterable(starmap(_items, self._parts(namespace, start)))

    def count(self, namespace: str = "", start: str = "") -> int:
        """Number of objects that `iterate` would yield."""
        return sum(len(c.names) - bisect_left(c.names, name) for c, name in self._parts(namespace, start))

    def _parts(self, namespace: str, start: str) -> Iterator[tuple[Collection, str]]:
        """Yield collections, each with the name to begin at."""
        if self.namespaced and not namespace:
            first, _, name = start.partition("/")
            begin = bisect_left(self.order, first + "/", key=_with_slash) if start else 0
            for ns in self.order[begin:]:
                yield self.collections[ns], name if ns == first else ""
            return
        collection = self.collections.get(namespace)
        if collection is not None:
            yield collection, start.rpartition("/")[2] if self.namespaced else start

    # -- feeding

    @cached_property
    def field_index(self) -> Mapping[str, int]:
        """Where in `Item.fields` each selectable field is."""
        return {name: i for i, name in enumerate(self._fields())}

    @cached_property
    def _field_getters(self) -> tuple[Callable[[JSON], str], ...]:
        return tuple(self._fields().values())

    @cached_property
    def _index_position(self) -> int:
        return self.field_index.get(_INDEXED[0], -1)

    def field_values(self, obj: JSON) -> tuple[str, ...]:
        """The values of the selectable fields."""
        return tuple([get(obj) for get in self._field_getters])

    def make_item(self, key: str, wire: bytes, revision: int, obj: JSON) -> Item:
        """Build the item of an object whose wire bytes and parsed form are at hand."""
        namespace, name = self.split(key)
        labels: dict[str, str] = obj["metadata"].get("labels") or _NO_LABELS
        return Item(key, namespace, name, revision, wire, labels, self.field_values(obj))

    def item_of(self, kv: KeyValue) -> Item:
        """Build the item of a stored key."""
        return self._read(kv.key, kv.value, kv.mod_revision)[0]

    def _read(self, key: str, value: bytes, revision: int) -> tuple[Item, JSON]:
        wire = splice(self.head, self._canonical(value, self.head), revision)
        obj: JSON = orjson.loads(wire)
        item = self.make_item(key, wire, revision, obj)
        if self.keeps_origin and not value.startswith(self.head):
            stored_as = orjson.loads(value).get("apiVersion") or ""
            item.origin = stored_as if stored_as != obj["apiVersion"] else ""
        return item, obj

    def split(self, key: str) -> tuple[str, str]:
        """Namespace and name of a store key."""
        namespace, _, name = key[len(self.prefix) :].rpartition("/")
        return namespace, name

    def prepare(self, key: str, value: bytes, obj: JSON) -> None:
        """Announce a write of ours, so that its event need not be parsed. `obj` is not to be changed any more."""
        self._prepared[key] = (value, self.make_item(key, b"", 0, obj), obj)

    def forget(self, key: str) -> None:
        """Withdraw `prepare` after a failed write."""
        self._prepared.pop(key, None)

    def load(self, items: list[KeyValue], revision: int) -> None:
        """Replace everything (start, or resync after a gap); every open watch ends."""
        self.loads += 1
        self.collections.clear()
        self.order.clear()
        self._window.clear()
        self._window_bytes = 0
        self._prepared.clear()
        self._oldest = revision
        for kv in items:
            self._put(self.item_of(kv))
            self.changed = max(self.changed, kv.mod_revision)
        for watchers in list(self._buckets.values()):
            for watcher in list(watchers):
                watcher.close()

    def apply(self, key: str, value: bytes | None, revision: int, dirty: set[Watcher[Any]]) -> None:
        """Take one change; watchers that got a line are added to `dirty`."""
        item: Item | None = None
        parsed: JSON | None = None
        if value is not None:
            prepared = self._prepared.get(key)
            if prepared is not None and prepared[0] == value:
                del self._prepared[key]
                item = prepared[1]
                item.wire = splice(self.head, value, revision)
                item.revision = revision
                parsed = _at(prepared[2], revision)
            else:
                item, parsed = self._read(key, value, revision)
            prev = self._put(item)
        else:
            prev = self._drop(key)
            if prev is None:
                return
        self.changed = revision
        change = Change(revision, item, prev)
        self._remember(change)
        change.parsed = parsed
        self._dispatch(change, item or prev, prev, dirty)
        change.parsed = None

    def _remember(self, change: Change) -> None:
        """Add to the window, and let go of the oldest changes when it is full."""
        window = self._window
        window.append(change)
        self._window_bytes += change.size
        while len(window) > self._window_limit or (self._window_bytes > _WINDOW_BYTES and len(window) > 1):
            oldest = window.popleft()
            self._window_bytes -= oldest.size
            self._oldest = oldest.revision

    def _put(self, item: Item) -> Item | None:
        collection = self.collections.get(item.namespace)
        if collection is None:
            collection = self.collections[item.namespace] = Collection()
            insort(self.order, item.namespace, key=_with_slash)
        return collection.put(item)

    def _drop(self, key: str) -> Item | None:
        namespace, name = self.split(key)
        collection = self.collections.get(namespace)
        if collection is None:
            return None
        old = collection.drop(name)
        if not collection.items:
            del self.collections[namespace]
            self.order.remove(namespace)
        return old

    # -- watching

    @property
    def watchers(self) -> int:
        """Number of open watches."""
        return sum(len(b) for b in self._buckets.values())

    def audience(self, namespace: str) -> int:
        """Number of open watches that look at every object of a namespace."""
        buckets = self._buckets
        return len(buckets.get(("", ""), ())) + len(buckets.get(("namespace", namespace), ()))

    def history(self, after: int) -> Iterator[Change]:
        """Yield the changes after a revision. Raises TooOld."""
        if after < self._oldest:
            raise TooOld(self._oldest)
        if after >= self.changed:
            return
        for change in self._window:
            if change.revision > after:
                yield change

    def attach(self, watcher: Watcher[Any]) -> None:
        """Deliver changes from now on."""
        watcher.bucket = self._bucket_of(watcher)
        self._buckets.setdefault(watcher.bucket, set()).add(watcher)

    def detach(self, watcher: Watcher[Any]) -> None:
        """Stop delivering."""
        bucket = self._buckets.get(watcher.bucket)
        if bucket is not None:
            bucket.discard(watcher)
            if not bucket:
                del self._buckets[watcher.bucket]

    def all_watchers(self) -> Iterator[Watcher[Any]]:
        """Yield every open watch (bookmarks)."""
        for bucket in list(self._buckets.values()):
            yield from list(bucket)

    def _bucket_of(self, watcher: Watcher[Any]) -> tuple[str, str]:
        for index, wanted, equal in watcher.filter.fields:
            if equal and index == self._index_position:
                return (_INDEXED[0], wanted)
        if watcher.filter.name:
            return (_INDEXED[1], watcher.filter.name)
        return ("namespace", watcher.filter.namespace) if watcher.filter.namespace else ("", "")

    def _dispatch(self, change: Change, item: Item | None, prev: Item | None, dirty: set[Watcher[Any]]) -> None:
        if not self._buckets or item is None:
            return
        keys = {("", ""), ("namespace", item.namespace), (_INDEXED[1], item.name)}
        if self._index_position >= 0:
            keys.add((_INDEXED[0], item.fields[self._index_position]))
            if prev is not None:
                keys.add((_INDEXED[0], prev.fields[self._index_position]))
        for key in keys:
            bucket = self._buckets.get(key)
            if bucket is not None:
                for watcher in bucket:
                    if watcher.offer(change):
                        dirty.add(watcher)


def _at(obj: JSON, revision: int) -> JSON:
    """The object at a revision, the rest of it shared."""
    return {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(revision)}}


def _with_slash(namespace: str) -> str:
    """Order namespaces as their keys are ordered: "a-b/..." comes before "a/..."."""
    return namespace + "/"


def _items(collection: Collection, start: str) -> Iterator[Item]:
    names = collection.names[bisect_left(collection.names, start) :] if start else collection.names
    return map(collection.items.__getitem__, names)
