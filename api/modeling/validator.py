"""Compiled validators: one pydantic-core validator per kind, built when first needed.

The validator is the fast path of both the apiserver's check (one pass, no detail) and the clients' typed decoding.
It is built straight from the schema tree, so neither start-up nor memory pays for what pydantic would generate in
between. It must accept nothing the API refuses; what it refuses is judged again in detail by
`podwright.api.modeling.strict`, so refusing too much only costs time.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from pydantic_core import CoreConfig, SchemaValidator
from pydantic_core import core_schema as core

from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.api.times import parse_time

_QUIET = CoreConfig(hide_input_in_errors=True)
"""Errors of the library are chained and logged: they must not hold what was given, which may be a Secret's."""
_building: set[type[Any]] = set()
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
_MICRO_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$"
_QUANTITY = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"


def _whole_seconds(value: Any) -> datetime:
    return parse_time(value).replace(microsecond=0)


def _micro_time(value: Any) -> datetime:
    return parse_time(value)


def _bytes(value: Any) -> bytes:
    return base64.b64decode(value, validate=True)


def _number_text(value: Any) -> str:
    return repr(value)


def _text_then(function: Callable[[Any], Any], pattern: str | None = None) -> core.CoreSchema:
    return core.no_info_after_validator_function(function, core.str_schema(strict=True, pattern=pattern))


def _quantity() -> core.CoreSchema:
    number = core.union_schema([core.int_schema(strict=True), core.float_schema(strict=True, allow_inf_nan=False)])
    return core.union_schema(
        [
            core.str_schema(strict=True, pattern=_QUANTITY),
            core.no_info_after_validator_function(_number_text, number),
        ],
        mode="left_to_right",
    )


def _integer(form: str) -> core.CoreSchema:
    low, high = _RANGES[form]
    return core.int_schema(strict=True, ge=low, le=high)


_SCALARS: dict[Kind, Callable[[FieldSchema], core.CoreSchema]] = {
    "string": lambda _: core.str_schema(strict=True),
    "boolean": lambda _: core.bool_schema(strict=True),
    "integer": lambda shape: _integer(shape.format),
    "number": lambda _: core.float_schema(),
    "any": lambda _: core.any_schema(),
    "int-or-string": lambda _: core.union_schema([_integer("int32"), core.str_schema(strict=True)]),
    "quantity": lambda _: _quantity(),
    "time": lambda _: _text_then(_whole_seconds, _TIME),
    "microtime": lambda _: _text_then(_micro_time, _MICRO_TIME),
    "bytes": lambda _: _text_then(_bytes),
}


def _object(schema: TypeSchema) -> core.CoreSchema:
    """The schema of a type whose own validator is built already: pydantic-core then shares that one."""
    cls = schema.cls
    if cls is None:
        msg = f"cannot validate {schema.name}: it has no class"
        raise TypeError(msg)
    if cls in _building:  # a type within itself: looked up when a value is there
        return core.no_info_plain_validator_function(
            lambda value: validator_of(cls).validate_python(value, extra="forbid")
        )
    validator_of(cls)
    return _core_schema(cls)


@cache
def _core_schema(cls: type[Any]) -> core.CoreSchema:
    parts = {part.name: part for part in dataclasses.fields(cls)}
    fields = [_field(shape, parts[shape.attribute]) for shape in schema_of(cls).fields.values()]
    return core.dataclass_schema(
        cls, core.dataclass_args_schema(cls.__name__, fields), list(parts), slots=True, frozen=True
    )


def _field(shape: FieldSchema, part: dataclasses.Field[Any]) -> core.DataclassField:
    value = _value(shape)
    if shape.nullable:
        value = core.nullable_schema(value)
    elif shape.always and shape.kind in {"list", "map"}:
        value = core.no_info_before_validator_function(_absent(part.default), value)
    if part.default is not dataclasses.MISSING:
        value = core.with_default_schema(value, default=part.default)
    elif part.default_factory is not dataclasses.MISSING:
        value = _with_default(value, part.default_factory)
    return core.dataclass_field(shape.attribute, value, kw_only=True, validation_alias=shape.name)


def _with_default(value: core.CoreSchema, factory: Callable[[], Any]) -> core.CoreSchema:
    """What is absent is made anew, or, where it can never be changed, made once and shared."""
    made = factory()
    if dataclasses.is_dataclass(made):  # ours are frozen
        return core.with_default_schema(value, default=made)
    return core.with_default_schema(value, default_factory=factory)


def _value(shape: FieldSchema) -> core.CoreSchema:
    if shape.kind == "object" and shape.ref:
        return _object(shape.ref)
    if shape.kind == "either" and shape.ref and shape.item:
        return core.union_schema([_object(shape.ref), _value(shape.item)], mode="left_to_right")
    if shape.kind == "list":
        return core.tuple_variable_schema(_inner(shape))
    if shape.kind == "map":
        return core.dict_schema(core.str_schema(strict=True), _inner(shape))
    return _SCALARS[shape.kind](shape)


def _inner(shape: FieldSchema) -> core.CoreSchema:
    if shape.ref:
        return _object(shape.ref)
    if shape.item is None:
        return core.any_schema()
    inner = _value(shape.item)
    return core.nullable_schema(inner) if shape.item.nullable else inner


def _absent(default: Any) -> Callable[[Any], Any]:
    """`null` for a list or map that is always written is the empty one."""
    return lambda value: default if value is None else value


@cache
def validator_of(cls: type[Any]) -> SchemaValidator:
    """The validator of a schema class; the first call builds it and those of all types below (milliseconds)."""
    _building.add(cls)
    try:
        made = SchemaValidator(_core_schema(cls), _QUIET)
    finally:
        _building.discard(cls)
    cls.__pydantic_validator__ = made  # the two marks by which pydantic-core finds a validator to share
    cls.__pydantic_complete__ = True
    return made
