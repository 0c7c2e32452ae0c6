"""Declarations from schemas: the structural schema of a custom resource, or the type of a built-in kind.

Bounds come from maxLength, maxItems and maxProperties; where a schema sets none, from what fits into one request.
Fields that a schema does not name are invisible, also where it preserves them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from podwright.api.cel import types
from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.escaping import escape
from podwright.api.cel.library.times import parse_duration, parse_timestamp
from podwright.api.cel.types import Type
from podwright.api.cel.values import Duration, ListView, MapView, ObjectView, Optional, Timestamp
from podwright.api.schema import FieldSchema, TypeSchema
from podwright.api.structural.whole import Whole

MAX_REQUEST: Final = 3 * 1024 * 1024
_LONGEST: Final = MAX_REQUEST - 2
_ROOT: Final[Mapping[str, Any]] = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}},
}
_DAYS: Final = re.compile(r"(\d{1,18})\s*([A-Za-zµ]+)")
_WORDS: Final = {
    **dict.fromkeys(("ns", "nano", "nanosecond", "nanos", "nanoseconds"), 1),
    **dict.fromkeys(("us", "µs", "micro", "micros", "microsecond", "microseconds"), 10**3),
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), 10**6),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 10**9),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60 * 10**9),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600 * 10**9),
    **dict.fromkeys(("d", "day", "days"), 86400 * 10**9),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * 86400 * 10**9),
}


def optional(declared: Declared) -> Declared:
    """Return the declaration of a variable that may be missing, as `oldSelf` of an optional transition rule."""
    return Declared(types.optional_of(declared.type), convert=lambda document: Optional(True, declared.value(document)))


def untyped() -> Declared:
    """Return the declaration of a document about which nothing is known."""
    return Declared(types.DYN)


def structural(schema: Mapping[str, Any], *, root: bool = False, name: str = "selfType") -> Declared | None:
    """Return the declaration of a structural schema (as JSON), or None if expressions cannot reach what it describes.

    `root` is for whole resources: their kind, apiVersion, metadata.name and metadata.generateName are always visible.
    """
    if schema.get("x-kubernetes-int-or-string"):
        return Declared(types.DYN, max_elements=_characters(schema), min_size=1)
    kind: str = schema.get("type", "")
    reader = _READERS.get(kind)
    return None if reader is None else reader(schema, root, name)


def _characters(schema: Mapping[str, Any]) -> int:
    longest = schema.get("maxLength")
    return _LONGEST if longest is None else max(longest, 0) * 4


def _embedded(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-kubernetes-embedded-resource"))


def _array(schema: Mapping[str, Any], _root: bool, name: str) -> Declared | None:
    items = schema.get("items")
    item = structural(items, root=_embedded(items), name=f"{name}.@idx") if isinstance(items, Mapping) else None
    if item is None:
        return None
    most = schema.get("maxItems")
    merge: str = schema.get("x-kubernetes-list-type", "atomic")
    keys = tuple(schema.get("x-kubernetes-list-map-keys", ())) if merge == "map" else ()
    kept = "" if merge == "atomic" else merge
    convert: Callable[[Any], Any] | None = None
    if kept or item.convert is not None:
        convert = _list_view(item, kept, keys)
    bound = (MAX_REQUEST - 2) // (item.min_size + 1) if most is None else max(most, 0)
    return Declared(types.list_of(item.type), item=item, max_elements=bound, min_size=2, convert=convert)


def list_of(item: Declared) -> Declared:
    """Return the declaration of lists of whatever length."""
    convert = _list_view(item, "", ()) if item.convert is not None else None
    return Declared(types.list_of(item.type), item=item, max_elements=MAX_REQUEST, convert=convert)


def map_of(item: Declared) -> Declared:
    """Return the declaration of maps of whatever size."""
    convert = _map_view(item) if item.convert is not None else None
    return Declared(types.map_of(types.STRING, item.type), item=item, max_elements=MAX_REQUEST, convert=convert)


def _list_view(item: Declared, merge: str, keys: tuple[str, ...]) -> Callable[[Any], Any]:
    return lambda documents: ListView(documents, item, merge, keys) if isinstance(documents, list) else documents


def _map_view(item: Declared) -> Callable[[Any], Any]:
    return lambda documents: MapView(documents, item) if isinstance(documents, dict) else documents


def _object(schema: Mapping[str, Any], root: bool, name: str) -> Declared | None:
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping) and not root:
        return _map(schema, values, name)
    properties: Mapping[str, Any] = schema.get("properties") or {}
    if root:
        properties = {**properties, **_root_fields(properties)}
    required: frozenset[str] = frozenset(schema.get("required") or ())
    fields: dict[str, Field] = {}
    least = 2
    for key, part in properties.items():
        escaped = escape(key)
        found = structural(part, root=_embedded(part), name=f"{name}.{escaped or key}")
        if found is None:
            continue
        if escaped is not None:
            fields[escaped] = Field(key, found)
        if key in required and part.get("default") is None:
            least += len(key) + found.min_size + 4
    return object_of(name, fields, least)


def _root_fields(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = properties.get("metadata") or {}
    known = metadata.get("properties") or {}
    names = {key: _ROOT["metadata"]["properties"][key] | known.get(key, {}) for key in ("name", "generateName")}
    return {
        "apiVersion": properties.get("apiVersion") or _ROOT["apiVersion"],
        "kind": properties.get("kind") or _ROOT["kind"],
        "metadata": {"type": "object", "properties": names},
    }


def object_of(name: str, fields: Mapping[str, Field], least: int = 2) -> Declared:
    """Return the declaration of objects of a type of this name."""
    declared = Declared(Type("object", name), fields=lambda: fields, min_size=least)
    declared.convert = lambda document: ObjectView(document, declared) if isinstance(document, dict) else document
    return declared


def _map(schema: Mapping[str, Any], values: Mapping[str, Any], name: str) -> Declared | None:
    item = structural(values, root=_embedded(values), name=f"{name}.@elem")
    if item is None:
        return None
    most = schema.get("maxProperties")
    bound = (MAX_REQUEST - 2) // (item.min_size + 6) if most is None else max(most, 0)
    convert = _map_view(item) if item.convert is not None else None
    return Declared(
        types.map_of(types.STRING, item.type), item=item, key=Declared(types.STRING), max_elements=bound, min_size=2,
        convert=convert,
    )  # fmt: skip


def _string(schema: Mapping[str, Any], _root: bool, _name: str) -> Declared:
    found = _FORMATS.get(schema.get("format", ""))
    if found is not None:
        kind, longest, shortest, convert = found
        return Declared(kind, max_elements=longest, min_size=shortest, convert=convert)
    longest = schema.get("maxLength")
    if schema.get("format") == "byte":
        bound = _LONGEST if longest is None else max(longest, 0)
        return Declared(types.BYTES, max_elements=bound, min_size=2, convert=_bytes)
    bound = _characters(schema)
    if longest is None and schema.get("enum"):
        bound = max((len(value.encode()) for value in schema["enum"] if isinstance(value, str)), default=0)
    return Declared(types.STRING, max_elements=bound, min_size=2)


def _invalid(what: str, text: Any) -> EvaluationError:
    return EvaluationError(f"Invalid {what} {text}")


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise _invalid("byte formatted string", text) from error


def _date(text: Any) -> Timestamp:
    found = parse_timestamp(f"{text}T00:00:00Z")
    if found is None:
        raise _invalid("date formatted string", text)
    return Timestamp(found)


def _date_time(text: Any) -> Timestamp:
    found = parse_timestamp(text) if isinstance(text, str) else None
    if found is None:
        raise _invalid("date-time formatted string", text)
    return Timestamp(found)


def _duration(text: Any) -> Duration:
    found = parse_duration(text) if isinstance(text, str) else None
    if found is None and isinstance(text, str):
        parts = _DAYS.findall(text)
        if parts and all(unit.lower() in _WORDS for _, unit in parts):
            found = sum(int(amount) * _WORDS[unit.lower()] for amount, unit in parts)
    if found is None:
        raise _invalid("duration", text)
    return Duration(found)


def _double(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _int(value: Any) -> Any:
    if isinstance(value, float | Whole):
        msg = "invalid data, expected int, got float64"
        raise EvaluationError(msg)
    return value


# format -> its type, the most and the least characters it takes, how JSON is read
_FORMATS: Final[dict[str, tuple[Type, int, int, Callable[[Any], Any]]]] = {
    "duration": (types.DURATION, 32, 3, _duration),
    "date": (types.TIMESTAMP, 12, 12, _date),
    "date-time": (types.TIMESTAMP, 32, 21, _date_time),
}
_READERS: Final[dict[str, Callable[[Mapping[str, Any], bool, str], Declared | None]]] = {
    "array": _array,
    "object": _object,
    "string": _string,
    "boolean": lambda _schema, _root, _name: Declared(types.BOOL, min_size=4),
    "number": lambda _schema, _root, _name: Declared(types.DOUBLE, convert=_double),
    "integer": lambda _schema, _root, _name: Declared(types.INT, convert=_int),
}


def of_type(schema: TypeSchema, name: str = "Object") -> Declared:
    """Return the declaration of a built-in type; its fields are read when an expression first reaches them."""
    declared = Declared(Type("object", name), fields=lambda: _fields_of(schema, name), min_size=2)
    declared.convert = lambda document: ObjectView(document, declared) if isinstance(document, dict) else document
    return declared


def _fields_of(schema: TypeSchema, name: str) -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for key, part in schema.fields.items():
        escaped = escape(key)
        if escaped is not None:
            found[escaped] = Field(key, _of_field(part, f"{name}.{escaped}"))
    return found


def _of_field(part: FieldSchema, name: str) -> Declared:
    if part.kind == "object" and part.ref is not None:
        return of_type(part.ref, name)
    if part.kind in {"list", "map"}:
        item = of_type(part.ref, f"{name}.@item") if part.ref is not None else _item_of(part, name)
        if part.kind == "map":
            return map_of(item)
        kept = part.list_type if part.list_type in {"set", "map"} else ""
        convert = _list_view(item, kept, part.list_map_keys) if kept or item.convert is not None else None
        return Declared(types.list_of(item.type), item=item, max_elements=MAX_REQUEST, convert=convert)
    return scalar(part.kind)


def scalar(kind: str) -> Declared:
    """Return the declaration of a built-in type's scalar."""
    return _SCALARS.get(kind, untyped)()


def _item_of(part: FieldSchema, name: str) -> Declared:
    return untyped() if part.item is None else _of_field(part.item, f"{name}.@item")


_SCALARS: Final[dict[str, Callable[[], Declared]]] = {
    "string": lambda: Declared(types.STRING, max_elements=_LONGEST, min_size=2),
    "integer": lambda: Declared(types.INT, convert=_int),
    "number": lambda: Declared(types.DOUBLE, convert=_double),
    "boolean": lambda: Declared(types.BOOL, min_size=4),
    "quantity": lambda: Declared(types.DYN),
    "time": lambda: Declared(types.TIMESTAMP, max_elements=32, convert=_date_time),
    "microtime": lambda: Declared(types.TIMESTAMP, max_elements=32, convert=_date_time),
    "bytes": lambda: Declared(types.BYTES, max_elements=_LONGEST, convert=_bytes),
}
