"""A document in the API's own form: known fields only, in order, zero values left out, scalars canonical.

What clients send passes through here once per write, so that what is stored, compared and answered does not depend
on how it was spelled: nulls and empty lists go, required fields that are missing come back as their zero, `1000m`
becomes `1`. It must run only on documents that `check` found decodable, and never changes its input.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema
from podwright.api.times import format_micro_time, format_time, parse_time

JSON = dict[str, Any]

_GONE: Final = object()  # the field is left out
_Clean = Callable[[Any], Any]


def _time(value: str) -> str:
    return value if len(value) == 20 and value[19] == "Z" else format_time(parse_time(value))


def _micro_time(value: str) -> str:
    return value if len(value) == 27 and value[26] == "Z" else format_micro_time(parse_time(value))


def _quantity(value: Any) -> str:
    from podwright.api.quantity import canonical

    return canonical(value if isinstance(value, str) else repr(value))


def _bytes(value: str) -> str:
    if "\n" in value or "\r" in value:
        return base64.b64encode(base64.b64decode(value)).decode()
    return value


def _some_bytes(value: str) -> Any:
    return _bytes(value) or _GONE


_SCALARS: dict[Kind, _Clean] = {"time": _time, "microtime": _micro_time, "quantity": _quantity, "bytes": _bytes}
_ZEROS: dict[Kind, Any] = {
    "string": "", "bytes": "", "boolean": False, "integer": 0, "number": 0, "int-or-string": 0, "quantity": "0",
}  # fmt: skip
# What cannot be left out inside a list or map and has no zero of its own: the first moment there is.
_NULL_ITEMS: dict[Kind, str] = {"time": "0001-01-01T00:00:00Z", "microtime": "0001-01-01T00:00:00.000000Z"}


class Pruner:
    """The compiled form of one type: per field a cleaner that returns the value to keep, or `_GONE`."""

    __slots__ = ("_always", "_cleaners", "_open", "_order")

    def __init__(self) -> None:
        self._cleaners: dict[str, _Clean | None] = {}
        self._order: dict[str, int] = {}
        self._always: tuple[tuple[str, Callable[[], Any]], ...] = ()
        self._open = False

    def fill(self, schema: TypeSchema) -> None:
        """Compile the fields (after the object exists: types may refer to themselves)."""
        self._open = schema.open
        self._order = {name: number for number, name in enumerate(schema.fields)}
        self._cleaners = {name: _cleaner(shape) for name, shape in schema.fields.items()}
        self._always = tuple((name, zero) for name, shape in schema.fields.items() if (zero := _zero(shape)))

    def __call__(self, document: JSON) -> JSON:
        """Return the clean copy."""
        kept: JSON = {}
        order, cleaners = self._order, self._cleaners
        last, sorted_already = -1, True
        for name, value in document.items():
            position = order.get(name)
            if position is None:
                if self._open:
                    kept[name] = value
                continue
            if value is None:
                continue
            clean = cleaners[name]
            if clean is not None:
                value = clean(value)  # noqa: PLW2901 - the loop's value is what is kept
                if value is _GONE:
                    continue
            elif not value:
                continue
            kept[name] = value
            sorted_already = sorted_already and position > last
            last = position
        for name, zero in self._always:
            if name not in kept:
                kept[name] = zero()
                sorted_already = False
        if sorted_already:
            return kept
        return {name: kept[name] for name in sorted(kept, key=lambda name: order.get(name, len(order)))}


def _zero(shape: FieldSchema) -> Callable[[], Any] | None:
    """What a missing field is written as, or None if it is left out."""
    if shape.kind == "object" and shape.ref and not shape.nullable:
        inner = pruner_of(shape.ref)
        return None if shape.omit_zero else lambda: inner({})
    if not shape.always:
        return None
    zero = None if shape.nullable else _ZEROS.get(shape.kind)
    return lambda: zero


def _cleaner(shape: FieldSchema) -> _Clean | None:
    """How a present value is cleaned; None keeps it unless it is zero."""
    if shape.kind == "object" and shape.ref:
        inner = pruner_of(shape.ref)
        return (lambda value: inner(value) or _GONE) if shape.omit_zero else inner
    if shape.kind == "either":
        return _either(shape)
    if shape.kind in {"list", "map"}:
        return _holder(shape)
    clean = _SCALARS.get(shape.kind)
    keep_zero = shape.nullable or shape.always or shape.kind == "any"
    if clean is None and keep_zero:
        return _same
    if clean is _bytes and not keep_zero:
        return _some_bytes
    return clean


def _same(value: Any) -> Any:
    return value


def _either(shape: FieldSchema) -> _Clean:
    assert shape.ref is not None
    assert shape.item is not None
    inner, other = pruner_of(shape.ref), _cleaner(shape.item)

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return inner(value)
        kept = other(value) if other is not None else value
        return value if kept is _GONE else kept

    return clean


def _holder(shape: FieldSchema) -> _Clean:
    inner = _inner(shape)
    # Stored objects do not tell an empty list from none: a field that is always written is null then.
    empty = None if shape.always and not shape.nullable else _GONE
    null = _null_item(shape)
    if shape.kind == "list":

        def clean_list(values: list[Any]) -> Any:
            if not values:
                return values if shape.nullable else empty
            if inner is None:
                return [null() if value is None else value for value in values] if None in values else values
            return [null() if value is None else inner(value) for value in values]

        return clean_list

    def clean_map(values: JSON) -> Any:
        if not values:
            return values if shape.nullable else empty
        if inner is None:
            if None in values.values():
                return {key: null() if value is None else value for key, value in values.items()}
            return values
        return {key: null() if value is None else inner(value) for key, value in values.items()}

    return clean_map


def _inner(shape: FieldSchema) -> _Clean | None:
    if shape.ref:
        return pruner_of(shape.ref)
    if shape.item is None:
        return None
    if shape.item.kind in {"list", "map"}:
        keep = _holder(shape.item)
        return lambda value: [] if (kept := keep(value)) is _GONE else kept
    return _SCALARS.get(shape.item.kind)


def _null_item(shape: FieldSchema) -> Callable[[], Any]:
    """What `null` inside a list or map becomes: the zero of what it holds, unless it may be null."""
    if shape.item and shape.item.nullable:
        return lambda: None
    if shape.ref:
        inner = pruner_of(shape.ref)
        return lambda: inner({})
    if shape.item and shape.item.kind == "list":
        return list
    zero = _ZEROS.get(shape.item.kind, _NULL_ITEMS.get(shape.item.kind)) if shape.item else None
    return lambda: zero


_PRUNERS: dict[int, tuple[TypeSchema, Pruner]] = {}


def pruner_of(schema: TypeSchema) -> Pruner:
    """The pruner of a type, compiled once per schema tree."""
    known = _PRUNERS.get(id(schema))
    if known is not None:
        return known[1]
    made = Pruner()
    _PRUNERS[id(schema)] = (schema, made)
    made.fill(schema)
    return made
