"""JSON objects in the API's protobuf encoding: the way back of `decoding`, from the same table and schema tree.

Fields are written in the order of their numbers and plain ones also when they are zero, as the API's own encoder does
it, so that equal objects are equal bytes. Pure; the documents must be in the kind's own form.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from podwright.api.protobuf.decoding import MAGIC, Plan, numbers, plan_of
from podwright.api.schema import FieldSchema, TypeSchema
from podwright.api.times import parse_time

JSON = dict[str, Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZEROS: Final[Mapping[str, Any]] = {"string": "", "bytes": "", "boolean": False, "integer": 0, "number": 0}


def encode(document: JSON, schema: TypeSchema) -> bytes:
    """An object with its envelope."""
    return _enveloped(document, _message(document, plan_of(schema)))


def encode_list(document: JSON, metadata: TypeSchema, item: TypeSchema) -> bytes:
    """A list of objects of one type with its envelope."""
    return _whole_list(document, metadata, [encode_item(each, item) for each in document.get("items") or ()])


def encode_item(document: JSON, schema: TypeSchema) -> bytes:
    """One of the objects of a list."""
    return _tagged(2, _message(document, plan_of(schema)))


def around_list(document: JSON, metadata: TypeSchema, size: int) -> tuple[bytes, bytes]:
    """What stands before and after the objects of a list when these take so many bytes."""
    own = _tagged(1, _message(document.get("metadata") or {}, plan_of(metadata)))
    return b"".join((_kind(document), _varint(2 << 3 | 2), _varint(len(own) + size), own)), _END


def _whole_list(document: JSON, metadata: TypeSchema, items: list[bytes]) -> bytes:
    head, tail = around_list(document, metadata, sum(map(len, items)))
    return b"".join((head, *items, tail))


def encode_metadata(document: JSON, metadata: TypeSchema) -> bytes:
    """An object of which only the metadata is told, with its envelope."""
    return _enveloped(document, _metadata(document, plan_of(metadata)))


def encode_metadata_list(document: JSON, metadata: TypeSchema, item: TypeSchema) -> bytes:
    """A list of such objects with its envelope; `item` is the type of their metadata."""
    return _whole_list(document, metadata, [encode_metadata_item(each, item) for each in document.get("items") or ()])


def encode_metadata_item(document: JSON, metadata: TypeSchema) -> bytes:
    """One of the objects of such a list."""
    return _tagged(2, _metadata(document, plan_of(metadata)))


def encode_event(kind: str, enveloped: bytes) -> bytes:
    """An event of a watch, framed by its length; the event itself has no envelope, its object has."""
    event = _tagged(1, kind.encode()) + _tagged(2, _tagged(1, enveloped))
    return struct.pack(">I", len(event)) + event


def _metadata(document: JSON, plan: Plan) -> bytes:
    return _tagged(1, _message(document.get("metadata") or {}, plan))


def _enveloped(document: JSON, raw: bytes) -> bytes:
    return _kind(document) + _tagged(2, raw) + _END


def _kind(document: JSON) -> bytes:
    """How an envelope begins."""
    kind = _tagged(1, str(document.get("apiVersion", "")).encode()) + _tagged(2, str(document["kind"]).encode())
    return MAGIC + _tagged(1, kind)


def _message(document: JSON, plan: Plan) -> bytes:
    parts: list[bytes] = []
    for number in sorted(plan):
        field = plan[number]
        if not isinstance(field, FieldSchema):
            parts.append(_tagged(number, _message(document, field)))
        elif field.name in document and document[field.name] is not None:
            parts.append(_field(number, field, document[field.name]))
        elif not field.nullable:
            parts.append(_absent(number, field))
    return b"".join(parts)


def _absent(number: int, field: FieldSchema) -> bytes:
    """What stands for a field that JSON leaves out, where the encoding has no absence."""
    if field.kind == "object":
        return _tagged(number, _message({}, plan_of(field.ref))) if field.ref else b""
    if field.kind in {"time", "microtime"}:
        return _tagged(number, b"")
    if field.kind in {"quantity", "int-or-string"}:
        return _tagged(number, _VALUES[field.kind]("" if field.kind == "quantity" else 0))
    return _scalar(number, field, _ZEROS[field.kind]) if field.kind in _ZEROS else b""


def _field(number: int, field: FieldSchema, value: Any) -> bytes:
    if field.kind == "object":
        return _tagged(number, _message(value, plan_of(field.ref))) if field.ref else b""
    if field.kind == "list":
        return b"".join([_item(number, field, item) for item in value])
    if field.kind == "map":
        entries = ((_tagged(1, key.encode()) + _item(2, field, value[key])) for key in sorted(value))
        return b"".join([_tagged(number, entry) for entry in entries])
    if field.kind == "either":
        return _tagged(number, _either(field, value))
    return _scalar(number, field, value)


def _either(field: FieldSchema, value: Any) -> bytes:
    """A message that holds an object, or else a boolean or a list, each under a number of its own."""
    places = numbers()[field.type_name]
    (where,), (elsewhere,) = places["object"], places["other"]
    other = field.item
    if not isinstance(value, dict):
        if other is None or other.kind == "list":
            return b"".join([_item(elsewhere, other, item) for item in value]) if other else b""
        return _scalar(elsewhere, other, value)
    found = _tagged(where, _message(value, plan_of(field.ref))) if field.ref else b""
    # Beside an object the boolean is written too, as true: an object allows what it describes.
    return _scalar(elsewhere, other, True) + found if other is not None and other.kind == "boolean" else found


def _item(number: int, holder: FieldSchema, value: Any) -> bytes:
    """One item of a list or value of a map."""
    if holder.ref is not None and holder.kind != "either":
        return _tagged(number, _message(value, plan_of(holder.ref)))
    field = holder.item
    if field is None:
        return b""
    if field.kind == "either":
        return _tagged(number, _either(field, value))
    if field.kind == "list":  # a list inside a map travels as a message whose field 1 repeats
        return _tagged(number, b"".join([_item(1, field, item) for item in value]))
    return _absent(number, field) if value is None and field.kind != "any" else _scalar(number, field, value)


def _scalar(number: int, field: FieldSchema, value: Any) -> bytes:
    if field.kind in {"integer", "boolean"}:
        return _varint(number << 3) + _varint(int(value) & (1 << 64) - 1)
    if field.kind == "number":
        return _varint(number << 3 | 1) + struct.pack("<d", value)
    return _tagged(number, _VALUES[field.kind](value))


def _moment(value: str) -> bytes:
    since = parse_time(value) - _EPOCH
    seconds = since // timedelta(seconds=1)
    nanos = (since - timedelta(seconds=seconds)) // timedelta(microseconds=1) * 1000
    return _varint(1 << 3) + _varint(seconds & (1 << 64) - 1) + _varint(2 << 3) + _varint(nanos)


def _int_or_string(value: int | str) -> bytes:
    text = isinstance(value, str)
    number = 0 if isinstance(value, str) else value
    head = _varint(1 << 3) + _varint(int(text)) + _varint(2 << 3) + _varint(number & (1 << 64) - 1)
    return head + _tagged(3, value.encode() if isinstance(value, str) else b"")


_VALUES: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "string": lambda value: str(value).encode(),
    "bytes": base64.b64decode,
    "time": _moment,
    "microtime": _moment,
    "quantity": lambda value: _tagged(1, str(value).encode()),
    "int-or-string": _int_or_string,
    "any": lambda value: _tagged(1, orjson.dumps(value)),
}


def _tagged(number: int, payload: bytes) -> bytes:
    return b"".join((_varint(number << 3 | 2), _varint(len(payload)), payload))


def _varint(number: int) -> bytes:
    return _SMALL[number] if number < 128 else bytes(_septets(number))


def _septets(number: int) -> Iterable[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


_SMALL: Final = tuple(bytes((number,)) for number in range(128))
_END: Final = _tagged(3, b"") + _tagged(4, b"")
"""How an envelope ends."""
