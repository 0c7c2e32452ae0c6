"""How a list is spelled some objects at a time, so that a long one makes nobody wait, whatever the format.

What is put together of the parts is, byte by byte, what spelling the whole at once would give. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE

JSON = dict[str, Any]


class ListForm(Protocol):
    """A list on its way into a format."""

    @property
    def between(self) -> bytes:
        """What stands between two lots of objects."""
        ...

    def some(self, objects: Sequence[JSON], /) -> bytes:
        """Spell some of its objects; at least one."""
        ...

    def around(self, size: int, /) -> tuple[bytes, bytes]:
        """What comes before and after the objects, when these take so many bytes."""
        ...


class _AsJSON:
    between = b","

    def __init__(self, document: JSON, name: str) -> None:
        self._document = document
        self._name = name

    def some(self, objects: Sequence[JSON]) -> bytes:
        return orjson.dumps(objects)[1:-1]

    def around(self, size: int) -> tuple[bytes, bytes]:
        del size
        return b'%b,"%b":[' % (orjson.dumps(self._document)[:-1], self._name.encode()), b"]}"


class _AsYAML:
    """Names are in order: some fields of the list come before its objects, others after them."""

    between = b""

    def __init__(self, document: JSON, name: str) -> None:
        from podwright.apiserver.yaml_answer import dump

        self._document = document
        self._name = name
        self._dump = dump

    def some(self, objects: Sequence[JSON]) -> bytes:
        return self._dump(objects)

    def around(self, size: int) -> tuple[bytes, bytes]:
        del size
        before = {name: value for name, value in self._document.items() if name < self._name}
        after = {name: value for name, value in self._document.items() if name > self._name}
        return b"%b%b:\n" % (self._dump(before), self._name.encode()), self._dump(after) if after else b""


def list_form(content_type: str, document: JSON, name: str) -> ListForm:
    """The form of a list in a format; `document` lacks the objects, which it has by `name`.

    Raises ApiError 406 for what has no protobuf form.
    """
    if content_type == JSON_TYPE:
        return _AsJSON(document, name)
    if content_type == PROTOBUF_TYPE:
        from podwright.apiserver.protobuf_body import ListInProtobuf

        return ListInProtobuf(document)
    return _AsYAML(document, name)
