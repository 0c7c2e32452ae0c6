"""One object as the watch cache holds it: its wire bytes and the few values that selectors read.

What the store holds is the object's JSON with `kind`, `apiVersion` and `metadata` first and without a
resourceVersion (the store's modification revision is that). The wire form is made by splicing the revision
in at a place that is known per kind, so serving an object never parses or encodes it. An item must never change
after it was made: it is shared by the cache, the event window and every watcher.
"""

from __future__ import annotations

from typing import Any

import orjson

JSON = dict[str, Any]


def head_of(kind: str, api_version: str) -> bytes:
    """The bytes every stored object of a kind begins with, up to and including the brace that opens metadata."""
    return b'{"kind":%b,"apiVersion":%b,"metadata":{' % (orjson.dumps(kind), orjson.dumps(api_version))


def encode_value(obj: JSON) -> bytes:
    """Encode an object for the store: type first, metadata next, without resourceVersion. Raises TypeError."""
    metadata: JSON = obj["metadata"]
    if "resourceVersion" in metadata:
        metadata = {k: v for k, v in metadata.items() if k != "resourceVersion"}
    ordered: JSON = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": metadata}
    for key, value in obj.items():
        if key not in ordered:
            ordered[key] = value
    return orjson.dumps(ordered)


def splice(head: bytes, value: bytes, revision: int) -> bytes:
    """Return the wire form of a stored value at a revision."""
    size = len(head)
    return b'%b"resourceVersion":"%d",%b' % (head, revision, memoryview(value)[size:])


def canonical_value(value: bytes, head: bytes) -> bytes:
    """Return `value` if it has the stored form, else re-encode it (something else wrote it)."""
    if value.startswith(head):
        return value
    return encode_value(orjson.loads(value))


class Item:
    """One object at one revision. `key` is its store key; `fields` are the values of the kind's selectable fields."""

    __slots__ = ("converted", "fields", "key", "labels", "name", "namespace", "origin", "revision", "wire")

    def __init__(
        self,
        key: str,
        namespace: str,
        name: str,
        revision: int,
        wire: bytes,
        labels: dict[str, str],
        fields: tuple[str, ...],
    ) -> None:
        self.key = key
        self.namespace = namespace
        self.name = name
        self.revision = revision
        self.wire = wire
        self.labels = labels
        self.fields = fields
        self.origin = ""  # the apiVersion that it was stored in, where that is not the present one
        self.converted: dict[str, bytes] | None = (
            None  # the wire forms of other versions' views, by `Resource.versioned`
        )

    def object(self) -> JSON:
        """Parse a fresh dict (with metadata.resourceVersion)."""
        return orjson.loads(self.wire)

    def at(self, revision: int, head_size: int) -> bytes:
        """The wire form with another revision: what the deletion event at `revision` shows."""
        old = len(b'"resourceVersion":"%d",' % self.revision)
        view = memoryview(self.wire)
        return b'%b"resourceVersion":"%d",%b' % (view[:head_size], revision, view[head_size + old :])


class Change:
    """One event of a resource: `item` is the new state (None: deleted), `prev` the one before (None: created).

    The three lines a watcher may be sent are each made once and shared by all watchers. So is `parsed`, the new state
    as a dict where whoever wrote it had it at hand: it is there only while the watchers are told, because a window of
    parsed objects would take many times the memory.
    """

    __slots__ = ("added", "deleted", "item", "modified", "parsed", "prev", "revision")

    def __init__(self, revision: int, item: Item | None, prev: Item | None) -> None:
        self.revision = revision
        self.item = item
        self.prev = prev
        self.added: bytes | None = None
        self.modified: bytes | None = None
        self.deleted: bytes | None = None
        self.parsed: JSON | None = None

    @property
    def size(self) -> int:
        """Bytes of the state that this change made or ended."""
        item = self.item or self.prev
        return 0 if item is None else len(item.wire)
