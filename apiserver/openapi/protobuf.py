"""The version 2 document in protobuf, the only form in which older clients ask for it.

The message types are those of the public `openapi.v2` schema. They are written directly: nothing else here needs them,
and a generated module would cost memory in every process. A table per message says which field number carries which
key; keys that no table names are vendor extensions, whose values travel as YAML (JSON is YAML).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

JSON = dict[str, Any]
_Writer = Callable[[Any], bytes]
_Row = tuple[int, _Writer]

_VARINT, _BYTES = 0, 2


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _tagged(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(payload)) + payload


def _text(value: str) -> bytes:
    return value.encode()


def _any(value: Any) -> bytes:
    return _tagged(2, orjson.dumps(value) + b"\n")


def _each(value: Any) -> bytes:
    """One item of a list of any values."""
    return _any(value)


def _named(name: str, value: bytes) -> bytes:
    return _tagged(1, name.encode()) + _tagged(2, value)


def _map_of(number: int, write: _Writer) -> _Writer:
    """A message whose field `number` repeats name-value pairs."""
    return lambda values: b"".join(_tagged(number, _named(name, write(value))) for name, value in values.items())


def _one_of(number: int, write: _Writer) -> _Writer:
    return lambda value: _tagged(number, write(value))


def _message(rows: Mapping[str, _Row], extensions: int) -> _Writer:
    """A message of one field per key. Lists repeat their field, booleans are varints."""

    def write(value: JSON) -> bytes:
        out: list[bytes] = []
        for key, inner in value.items():
            row = rows.get(key)
            if row is not None:
                out += _fields(*row, inner)
            elif key.startswith("x-"):
                out.append(_tagged(extensions, _named(key, _any(inner))))
        return b"".join(out)

    return write


def _fields(number: int, write: _Writer, value: Any) -> Iterable[bytes]:
    if isinstance(value, bool) and write is _flag:
        return [_varint(number << 3 | _VARINT) + _flag(value)] if value else []
    if isinstance(value, list) and write not in _WHOLE:
        return [_tagged(number, write(each)) for each in value]
    return [_tagged(number, write(value))]


def _flag(value: Any) -> bytes:
    return b"\x01" if value else b"\x00"


def _type(value: Any) -> bytes:
    return b"".join(_tagged(1, _text(each)) for each in (value if isinstance(value, list) else [value]))


def _requirement(value: Any) -> bytes:
    strings: _Writer = lambda values: b"".join(_tagged(1, _text(each)) for each in values)  # noqa: E731 - a writer
    return _map_of(1, strings)(value)


def _schema(value: JSON) -> bytes:
    return _SCHEMA(value)


def _additional(value: Any) -> bytes:
    if isinstance(value, bool):
        return _varint(2 << 3 | _VARINT) + _flag(value)
    return _tagged(1, _schema(value))


_WHOLE: set[_Writer] = {_type, _any}

_SCHEMA = _message(
    {
        "$ref": (1, _text),
        "format": (2, _text),
        "description": (4, _text),
        "default": (5, _any),
        "required": (19, _text),
        "enum": (20, _each),
        "additionalProperties": (21, _additional),
        "type": (22, _type),
        "items": (23, _one_of(1, _schema)),
        "allOf": (24, _schema),
        "properties": (25, _map_of(1, _schema)),
    },
    31,
)
_BODY_PARAMETER = _message(
    {"description": (1, _text), "name": (2, _text), "in": (3, _text), "required": (4, _flag), "schema": (5, _schema)}, 6
)
_QUERY_PARAMETER = _message(
    {
        "required": (1, _flag), "in": (2, _text), "description": (3, _text), "name": (4, _text), "type": (6, _text),
        "uniqueItems": (20, _flag),
    },
    23,
)  # fmt: skip
_PATH_PARAMETER = _message(
    {
        "required": (1, _flag), "in": (2, _text), "description": (3, _text), "name": (4, _text), "type": (5, _text),
        "uniqueItems": (19, _flag),
    },
    22,
)  # fmt: skip


def _parameter(value: JSON) -> bytes:
    place = value["in"]
    if place == "body":
        made = _tagged(1, _BODY_PARAMETER(value))
    else:
        inner = _tagged(3, _QUERY_PARAMETER(value)) if place == "query" else _tagged(4, _PATH_PARAMETER(value))
        made = _tagged(2, inner)
    return _tagged(1, made)


_RESPONSE = _message({"description": (1, _text), "schema": (2, _one_of(1, _schema))}, 5)
_OPERATION = _message(
    {
        "tags": (1, _text), "description": (3, _text), "operationId": (5, _text), "produces": (6, _text),
        "consumes": (7, _text), "parameters": (8, _parameter), "responses": (9, _map_of(1, _one_of(1, _RESPONSE))),
        "schemes": (10, _text),
    },
    13,
)  # fmt: skip
_PATH_ITEM = _message(
    {
        "get": (2, _OPERATION), "put": (3, _OPERATION), "post": (4, _OPERATION), "delete": (5, _OPERATION),
        "options": (6, _OPERATION), "head": (7, _OPERATION), "patch": (8, _OPERATION), "parameters": (9, _parameter),
    },
    10,
)  # fmt: skip
_API_KEY = _message({"type": (1, _text), "name": (2, _text), "in": (3, _text), "description": (4, _text)}, 5)
_DOCUMENT = _message(
    {
        "swagger": (1, _text),
        "info": (2, _message({"title": (1, _text), "version": (2, _text)}, 7)),
        "paths": (8, _map_of(2, _PATH_ITEM)),
        "definitions": (9, _map_of(1, _schema)),
        "security": (12, _requirement),
        "securityDefinitions": (13, _map_of(1, _one_of(2, _API_KEY))),
    },
    16,
)


def encode_document(document: JSON) -> bytes:
    """Return the protobuf form of a version 2 document."""
    return _DOCUMENT(document)
