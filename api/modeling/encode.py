"""Typed objects back to JSON, field by field as the API's own encoder would write them.

Used by controllers, scheduler and agents for what they create or report. The apiserver never needs it: it keeps
documents as dicts. It must give exactly what `prune` gives for the same object.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.api.times import format_micro_time, format_time

JSON = dict[str, Any]

_SCALARS: dict[Kind, Callable[[Any], Any]] = {
    "time": format_time,
    "microtime": format_micro_time,
    "bytes": lambda value: base64.b64encode(value).decode(),
}


def encode_object(value: Any, schema: TypeSchema | None = None) -> JSON:
    """Return the JSON form of an object of a schema class."""
    shape = schema or schema_of(type(value))
    return {
        name: made
        for name, field in shape.fields.items()
        if (made := _field(field, getattr(value, field.attribute))) is not _GONE
    }


_GONE = object()


def _field(shape: FieldSchema, value: Any) -> Any:
    if value is None:
        return None if shape.always else _GONE
    if shape.kind == "object":
        made = encode_object(value, shape.ref)
        return _GONE if shape.omit_zero and not made else made
    if not value and not (shape.nullable or shape.always or shape.kind == "any"):
        return _GONE
    return _value(shape, value)


def _value(shape: FieldSchema, value: Any) -> Any:
    if shape.kind == "object":
        return encode_object(value, shape.ref)
    if shape.kind == "either" and shape.item is not None:
        return encode_object(value, shape.ref) if hasattr(value, "__api_name__") else _value(shape.item, value)
    if shape.kind == "list":
        return [encode_object(item, shape.ref) if shape.ref else _item(shape, item) for item in value]
    if shape.kind == "map":
        return {key: encode_object(item, shape.ref) if shape.ref else _item(shape, item) for key, item in value.items()}
    convert = _SCALARS.get(shape.kind)
    return convert(value) if convert else value


def _item(shape: FieldSchema, item: Any) -> Any:
    return _value(shape.item, item) if shape.item and item is not None else item
