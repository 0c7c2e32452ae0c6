"""Request bodies in the API's protobuf encoding, as the JSON objects they stand for.

Go clients send a marker and an envelope (type and raw bytes). The schema tree says what each field is, `numbers` under
which number it travels: no decoder is written by hand for any type. Pure; errors are ProtobufError.

Encoders write every plain field, zero or not, where JSON leaves zeros out; so a zero is dropped here unless the field
tells zero from absent.
"""

from __future__ import annotations

import base64
import datetime as dt
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from podwright.api.protobuf.numbers import NUMBERS
from podwright.api.schema import FieldSchema, TypeSchema
from podwright.api.times import format_micro_time, format_time

MAGIC: Final = b"k8s\0"
_DEEPEST: Final = 64
_PREFIX: Final = "io.k8s."

JSON = dict[str, Any]
Plan = Mapping[int, "FieldSchema | Plan"]


class ProtobufError(ValueError):
    """The bytes are no message of the expected type."""


def envelope(body: bytes) -> tuple[str, str, bytes]:
    """Take the envelope off: apiVersion, kind and the object's own bytes. Raises ProtobufError."""
    if not body.startswith(MAGIC):
        raise ProtobufError("the body does not begin with the protobuf marker k8s\\0")
    api_version = kind = ""
    raw = b""
    for number, wire, value in _fields(body[len(MAGIC) :]):
        if number == 1 and wire == 2:
            for inner, _, text in _fields(_bytes(value)):
                if inner == 1:
                    api_version = _text(text)
                elif inner == 2:
                    kind = _text(text)
        elif number == 2 and wire == 2:
            raw = _bytes(value)
    return api_version, kind, raw


def decode(raw: bytes, schema: TypeSchema) -> JSON:
    """The JSON object that a message stands for, without apiVersion and kind. Raises ProtobufError."""
    return _message(raw, plan_of(schema), 0)


@cache
def numbers() -> Mapping[str, Mapping[str, tuple[int, ...]]]:
    """The table: type -> field -> the path of its number."""
    table: dict[str, dict[str, tuple[int, ...]]] = {}
    current: dict[str, tuple[int, ...]] = {}
    for word in NUMBERS.split():
        name, equals, number = word.partition("=")
        if equals:
            current[name] = tuple(map(int, number.split(".")))
        else:
            current = table.setdefault(word.removesuffix(":"), {})
    return table


_plans: dict[str, Plan] = {}


def plan_of(schema: TypeSchema) -> Plan:
    """Field number -> field, or -> the plan of a message that JSON does not show (embedded)."""
    name = schema.name
    known = _plans.get(name)
    if known is not None:
        return known
    plan: dict[int, FieldSchema | Plan] = {}
    for field_name, path in numbers().get(name.removeprefix(_PREFIX), {}).items():
        field = schema.fields.get(field_name)
        if field is None:
            continue
        here: dict[int, FieldSchema | Plan] = plan
        for number in path[:-1]:  # messages within which the field travels
            inner = here.setdefault(number, {})
            assert isinstance(inner, dict)
            here = inner
        here[path[-1]] = field
    _plans[name] = plan
    return plan


def _message(raw: bytes, plan: Plan, depth: int) -> JSON:
    if depth > _DEEPEST:
        raise ProtobufError("the message is nested too deeply")
    obj: JSON = {}
    for number, _wire, value in _fields(raw):
        field = plan.get(number)
        if field is None:
            continue
        if not isinstance(field, FieldSchema):
            obj |= _message(_bytes(value), field, depth + 1)
        elif field.kind == "list":
            item = _list_item(field, value, depth)
            held: list[Any] = obj.setdefault(field.name, [])
            held.append(item)
        elif field.kind == "map":
            entries: JSON = obj.setdefault(field.name, {})
            entries |= _entry(field, _bytes(value), depth)
        else:
            decoded = _value(field, value, depth)
            if decoded is not None and (decoded or field.nullable or field.always or field.kind == "object"):
                obj[field.name] = decoded
    return obj


def _list_item(field: FieldSchema, value: int | bytes, depth: int) -> Any:
    if field.ref is not None:
        return _message(_bytes(value), plan_of(field.ref), depth + 1)
    assert field.item is not None
    return _value(field.item, value, depth)


def _entry(field: FieldSchema, raw: bytes, depth: int) -> JSON:
    key, found = "", None
    for number, _wire, value in _fields(raw):
        if number == 1:
            key = _text(value)
        elif number == 2:
            found = _list_item(field, value, depth)
    return {key: "" if found is None else found}


def _value(field: FieldSchema, value: int | bytes, depth: int) -> Any:
    if field.kind == "object":
        assert field.ref is not None
        return _message(_bytes(value), plan_of(field.ref), depth + 1)
    if field.kind == "list":  # a list inside a map travels as a message whose field 1 repeats
        return [_list_item(field, inner, depth + 1) for number, _, inner in _fields(_bytes(value)) if number == 1]
    if field.kind == "either":
        return _either(field, _bytes(value), depth + 1)
    return _SCALARS[field.kind](value)


def _either(field: FieldSchema, raw: bytes, depth: int) -> Any:
    """A message that holds an object, or else a boolean or a list, each under a number of its own."""
    assert field.ref is not None
    assert field.item is not None
    places = numbers()[field.type_name]
    other: list[Any] = []
    for number, _wire, value in _fields(raw):
        if (number,) == places["object"]:
            return _message(_bytes(value), plan_of(field.ref), depth + 1)
        if (number,) == places["other"]:
            other.append(
                _list_item(field.item, value, depth) if field.item.kind == "list" else _value(field.item, value, depth)
            )
    return other if field.item.kind == "list" else other[-1] if other else False


def _text(value: int | bytes) -> str:
    try:
        return _bytes(value).decode()
    except UnicodeDecodeError as e:
        raise ProtobufError("a text field is not UTF-8") from e


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ProtobufError("a number stands where text or a message is expected")
    return value


def _integer(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ProtobufError("text stands where a number is expected")
    return value - (1 << 64) if value >= 1 << 63 else value


def _number(value: int | bytes) -> int | float:
    found: float = struct.unpack("<d", (_integer(value) & (1 << 64) - 1).to_bytes(8, "little"))[0]
    return int(found) if found.is_integer() else found


def _seconds(value: int | bytes) -> tuple[int, int]:
    parts = {number: _integer(v) for number, _, v in _fields(_bytes(value))}
    return parts.get(1, 0), parts.get(2, 0)


def _moment(value: int | bytes) -> dt.datetime | None:
    seconds, nanos = _seconds(value)
    if not seconds and not nanos:
        return None  # Go's zero time: JSON has null, which means absent
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=nanos // 1000)
    except (ValueError, OverflowError, OSError) as e:
        raise ProtobufError("a time is out of range") from e


def _time(value: int | bytes) -> str | None:
    moment = _moment(value)
    return None if moment is None else format_time(moment)


def _micro_time(value: int | bytes) -> str | None:
    moment = _moment(value)
    return None if moment is None else format_micro_time(moment)


def _quantity(value: int | bytes) -> str:
    return next((_text(v) for number, _, v in _fields(_bytes(value)) if number == 1), "0")


def _int_or_string(value: int | bytes) -> int | str:
    parts = {number: v for number, _, v in _fields(_bytes(value))}
    return _text(parts.get(3, b"")) if parts.get(1) == 1 else _integer(parts.get(2, 0))


def _raw(value: int | bytes) -> Any:
    """RawExtension and FieldsV1: JSON text in field 1."""
    import orjson

    text = next((_bytes(v) for number, _, v in _fields(_bytes(value)) if number == 1), b"null")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as e:
        raise ProtobufError("an embedded object is not JSON") from e


_SCALARS: Final[Mapping[str, Callable[[int | bytes], Any]]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda value: bool(_integer(value)),
    "bytes": lambda value: base64.b64encode(_bytes(value)).decode(),
    "time": _time,
    "microtime": _micro_time,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "any": _raw,
}


def _fields(raw: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """(number, wire type, value) of each field. Raises ProtobufError for truncated or unknown encodings."""
    at, end = 0, len(raw)
    while at < end:
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, wire, value
            continue
        if wire == 2:
            size, at = _varint(raw, at)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
        else:
            msg = f"illegal wireType {wire}"
            raise ProtobufError(msg)
        if number == 0 or at + size > end:
            raise ProtobufError("the message ends in the middle of a field")
        piece = raw[at : at + size]
        yield number, wire, piece if wire == 2 else int.from_bytes(piece, "little")
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(raw) or shift > 63:
            raise ProtobufError("the message ends in the middle of a number")
        byte = raw[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & (1 << 64) - 1, at
        shift += 7
