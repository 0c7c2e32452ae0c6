"""The lines of a watch stream: made once per event and shared, or made for one watcher that wants them otherwise.

A line is one JSON object and a newline, or a frame of protobuf. Shared lines must never depend on which watcher reads.
Where nothing has to carry the events they are no bytes at all: see `EventLines`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.cache.item import Change, Item
from podwright.apiserver.cache.watcher import Lines
from podwright.apiserver.media import PROTOBUF_TYPE
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.rendering import partial, table
from podwright.client.transport import Event

JSON = dict[str, Any]
INITIAL_END = "k8s.io/initial-events-end"


class SharedLines:
    """Lines of plain objects, kept on the change."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._head_size = len(endpoint.cache.head)
        resource = endpoint.resource
        self._type = b'{"kind":%b,"apiVersion":%b,' % (orjson.dumps(resource.kind), orjson.dumps(resource.api_version))

    def added(self, change: Change, item: Item) -> bytes:
        """Line of an object that appeared."""
        line = change.added
        if line is None:
            line = change.added = b'{"type":"ADDED","object":%b}\n' % item.wire
        return line

    def modified(self, change: Change, item: Item) -> bytes:
        """Line of an object that changed."""
        line = change.modified
        if line is None:
            line = change.modified = b'{"type":"MODIFIED","object":%b}\n' % item.wire
        return line

    def deleted(self, change: Change, prev: Item) -> bytes:
        """Line of an object that went away: its last state with the revision of the change."""
        line = change.deleted
        if line is None:
            line = change.deleted = b'{"type":"DELETED","object":%b}\n' % prev.at(change.revision, self._head_size)
        return line

    def initial(self, item: Item) -> bytes:
        """ADDED line of an object that existed before the watch."""
        return b'{"type":"ADDED","object":%b}\n' % item.wire

    def bookmark(self, revision: int, initial_end: bool) -> bytes:
        """Line that tells how far the watch got."""
        metadata: JSON = {"resourceVersion": str(revision)}
        if initial_end:
            metadata["annotations"] = {INITIAL_END: "true"}
        return b'{"type":"BOOKMARK","object":%b"metadata":%b}}\n' % (self._type, orjson.dumps(metadata))

    def error(self, error: ApiError) -> bytes:
        """Line that ends a watch with a Status."""
        return _json_line("ERROR", error.status())


Writer = Callable[[str, JSON], bytes]
"""Makes an event of its type and object."""


def _json_line(kind: str, obj: JSON) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (kind.encode(), orjson.dumps(obj))


def _writer(call: Call) -> Writer:
    if call.format.content_type != PROTOBUF_TYPE:
        return _json_line
    from podwright.apiserver.protobuf_body import event_frame

    return event_frame


class OwnLines:
    """Lines of one watcher: tables, metadata-only objects, protobuf, or another group's form of the objects."""

    def __init__(self, call: Call, clock: Callable[[], datetime]) -> None:
        self._call = call
        self._clock = clock
        self._endpoint = call.endpoint
        self._write = _writer(call)
        self._columns_told = False

    def _line(self, kind: str, obj: JSON) -> bytes:
        fmt = self._call.format
        if fmt.shape == "partial":
            obj = partial(obj, fmt)
        elif fmt.shape == "table":
            obj = self._table(obj)
        return self._write(kind, obj)

    def _table(self, obj: JSON) -> JSON:
        first, self._columns_told = not self._columns_told, True
        return table(self._call, [obj], headers=first, now=self._clock())

    def added(self, change: Change, item: Item) -> bytes:  # noqa: ARG002 - one signature for both kinds of lines
        """Line of an object that appeared."""
        return self._line("ADDED", self._endpoint.object(item))

    def modified(self, change: Change, item: Item) -> bytes:  # noqa: ARG002
        """Line of an object that changed."""
        return self._line("MODIFIED", self._endpoint.object(item))

    def deleted(self, change: Change, prev: Item) -> bytes:
        """Line of an object that went away: its last state with the revision of the change."""
        obj = self._endpoint.object(prev)
        obj["metadata"]["resourceVersion"] = str(change.revision)
        return self._line("DELETED", obj)

    def initial(self, item: Item) -> bytes:
        """ADDED line of an object that existed before the watch."""
        return self._line("ADDED", self._endpoint.object(item))

    def bookmark(self, revision: int, initial_end: bool) -> bytes:
        """Line that tells how far the watch got."""
        metadata: JSON = {"resourceVersion": str(revision)}
        if initial_end:
            metadata["annotations"] = {INITIAL_END: "true"}
        resource = self._endpoint.resource
        obj: JSON = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        if initial_end and self._call.format.shape == "table":
            return self._write("BOOKMARK", self._telling_table(obj))
        return self._line("BOOKMARK", obj)

    def _telling_table(self, obj: JSON) -> JSON:
        """The table of an object whose annotation its reader waits for: it is shown, whatever else is not."""
        shown = self._table(obj)
        for row in shown["rows"]:
            row["object"] = row["object"] or partial(obj, self._call.format)
        return shown

    def error(self, error: ApiError) -> bytes:
        """Line that ends a watch with a Status."""
        return self._write("ERROR", error.status())


class Parsable(Protocol):
    """An object in the form in which it is kept."""

    def object(self) -> JSON:
        """Parse it."""
        ...


class _Gone:
    """The last state of an object, as of when it went away."""

    __slots__ = ("_prev", "_revision")

    def __init__(self, prev: Item, revision: int) -> None:
        self._prev = prev
        self._revision = revision

    def object(self) -> JSON:
        """Parse it."""
        obj = self._prev.object()
        obj["metadata"]["resourceVersion"] = str(self._revision)
        return obj


ObjectLine = tuple[str, JSON | Parsable]
"""An event: its type, and the object or what it is parsed from when the reader gets there."""


class EventLines:
    """Events for a reader in this process. An object that was at hand when it was written is shared by all readers."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._direct = endpoint.direct
        resource = endpoint.resource
        self._typed: JSON = {"kind": resource.kind, "apiVersion": resource.api_version}

    @staticmethod
    def event(line: ObjectLine) -> Event:
        """What the reader gets."""
        kind, found = line
        return kind, found if isinstance(found, dict) else found.object()

    def added(self, change: Change, item: Item) -> ObjectLine:
        """An object that appeared."""
        return "ADDED", self._shown(change.parsed, item)

    def modified(self, change: Change, item: Item) -> ObjectLine:
        """An object that changed."""
        return "MODIFIED", self._shown(change.parsed, item)

    def deleted(self, change: Change, prev: Item) -> ObjectLine:
        """An object that went away: its last state with the revision of the change."""
        if self._direct:
            return "DELETED", _Gone(prev, change.revision)
        obj = self._endpoint.object(prev)
        obj["metadata"]["resourceVersion"] = str(change.revision)
        return "DELETED", obj

    def initial(self, item: Item) -> ObjectLine:
        """An object that existed before the watch."""
        return "ADDED", self._shown(None, item)

    def bookmark(self, revision: int, initial_end: bool) -> ObjectLine:
        """How far the watch got."""
        metadata: JSON = {"resourceVersion": str(revision)}
        if initial_end:
            metadata["annotations"] = {INITIAL_END: "true"}
        return "BOOKMARK", {**self._typed, "metadata": metadata}

    def error(self, error: ApiError) -> ObjectLine:
        """What ends a watch."""
        return "ERROR", error.status()

    def _shown(self, parsed: JSON | None, item: Item) -> JSON | Parsable:
        if not self._direct:
            return self._endpoint.object(item)
        return item if parsed is None else parsed


def lines_for(call: Call, clock: Callable[[], datetime]) -> Lines[bytes]:
    """The cheapest lines that fit the request."""
    shared = call.format.cached and call.endpoint.direct
    return SharedLines(call.endpoint) if shared else OwnLines(call, clock)
