"""The lines of a watch stream: made once per event and shared, or made for one watcher that wants them otherwise.

A line is one JSON object and a newline, or a frame of protobuf. Shared lines must never depend on which watcher reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.cache.item import Change, Item
from podwright.apiserver.cache.watcher import Lines
from podwright.apiserver.media import PROTOBUF_TYPE
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.rendering import partial, table

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
        fmt, resource = self._call.format, self._endpoint.resource
        obj: JSON = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        if fmt.shape == "table":
            obj = {"kind": "Table", "apiVersion": f"meta.k8s.io/{fmt.version}", "metadata": metadata}
            obj |= {"columnDefinitions": None if self._columns_told else [], "rows": []}
        elif fmt.shape == "partial":
            obj = partial(obj, fmt)
        return self._write("BOOKMARK", obj)


def lines_for(call: Call, clock: Callable[[], datetime]) -> Lines:
    """The cheapest lines that fit the request."""
    shared = call.format.cached and call.endpoint.direct
    return SharedLines(call.endpoint) if shared else OwnLines(call, clock)


def error_line(call: Call, error: ApiError) -> bytes:
    """The line that ends a watch with a Status."""
    return _writer(call)("ERROR", error.status())
