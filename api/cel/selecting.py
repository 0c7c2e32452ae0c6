"""Reaching into values: fields, keys, indices, and their optional forms.

A field of a typed document is found by its key in JSON and converted on the way; everything else is looked up by what
the value is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.api.cel.declared import Field
from podwright.api.cel.equality import has_key
from podwright.api.cel.errors import EvaluationError, no_such_key
from podwright.api.cel.frame import Frame
from podwright.api.cel.values import (
    NONE,
    Fields,
    MapView,
    ObjectView,
    Optional,
    UInt,
    is_list,
    is_map,
    map_key,
    type_name,
)

Step = Callable[[Frame], Any]
_MISSING: Final = object()


def field_of(operand: Step, name: str, field: Field) -> Step:
    """Return the selection of a declared field."""
    key, convert = field.key, field.declared.convert

    def select(frame: Frame) -> Any:
        value = operand(frame)
        frame.cost += 1
        if type(value) is ObjectView:
            found = value.document.get(key, _MISSING)
        elif type(value) is dict:
            found = value.get(key, _MISSING)
        else:
            return _field(value, name)
        if found is _MISSING:
            raise no_such_key(name)
        if convert is None or found is None:
            return found
        if type(found) is str:
            frame.charge(len(found) >> 8)  # reading it takes as long as it is
        return convert(found)

    return select


def any_of(operand: Step, name: str) -> Step:
    """Return the selection of a name from whatever the operand turns out to be."""

    def select(frame: Frame) -> Any:
        value = operand(frame)
        frame.cost += 1
        if type(value) is dict:
            found = value.get(name, _MISSING)
            if found is _MISSING:
                raise no_such_key(name)
            return found
        return _field(value, name)

    return select


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Optional):
        return _optional_field(value, name)
    if is_map(value):
        if name not in value:
            raise no_such_key(name)
        return value[name]
    if isinstance(value, Fields):
        return value.get(name)
    if is_list(value):
        raise _no_index(name)
    raise no_such_key(name)  # null and scalars have no fields, whatever they are called


def has(value: Any, name: str) -> bool:
    """Return whether a field or key is there: null and scalars have none. Raises EvaluationError for lists."""
    if type(value) is dict:
        return name in value
    if isinstance(value, Optional):
        return value.present and has(value.inner, name)
    if isinstance(value, MapView):
        return name in value
    if isinstance(value, Fields):
        return value.has(name)
    if is_list(value):
        raise _no_index(name)
    return False


def _optional_field(value: Any, name: str) -> Optional:
    if isinstance(value, Optional):
        if not value.present:
            return NONE
        value = value.inner
    return Optional(True, _field(value, name)) if has(value, name) else NONE


def optional_field_of(operand: Step, name: Step) -> Step:
    """Return `operand.?name`."""

    def select(frame: Frame) -> Optional:
        value = operand(frame)
        frame.cost += 1
        return _optional_field(value, name(frame))

    return select


def index_of(operand: Step, index: Step) -> Step:
    """Return `operand[index]`."""

    def read(frame: Frame) -> Any:
        value, at = operand(frame), index(frame)
        frame.cost += 1
        if isinstance(value, Optional):
            return _optional_at(value, at)
        return _at(value, at)

    return read


def optional_index_of(operand: Step, index: Step) -> Step:
    """Return `operand[?index]`."""

    def read(frame: Frame) -> Optional:
        value, at = operand(frame), index(frame)
        frame.cost += 1
        return _optional_at(value, at)

    return read


def _at(value: Any, at: Any) -> Any:
    if is_list(value):
        index = _index(at)
        if not 0 <= index < len(value):
            msg = f"index out of bounds: {index}"
            raise EvaluationError(msg)
        return value[index]
    if is_map(value):
        if not has_key(value, at):
            raise no_such_key(at)
        return value[map_key(at)]
    if isinstance(value, Fields) and type(at) is str:
        return value.get(at)
    raise no_such_key(at)


def _optional_at(value: Any, at: Any) -> Optional:
    if isinstance(value, Optional):
        if not value.present:
            return NONE
        value = value.inner
    if is_list(value):
        index = _index(at)
        return Optional(True, value[index]) if 0 <= index < len(value) else NONE
    if is_map(value):
        return Optional(True, value[map_key(at)]) if has_key(value, at) else NONE
    if isinstance(value, Fields) and type(at) is str:
        return Optional(True, value.get(at)) if value.has(at) else NONE
    return NONE


def _index(at: Any) -> int:
    kind = type(at)
    if kind is int or kind is UInt:
        return at
    if kind is float and at == at and abs(at) < 2**63 and at == int(at):  # noqa: PLR0124 - not a number
        return int(at)
    raise _no_index(at)


def _no_index(at: Any) -> EvaluationError:
    what = f"value {at}" if type(at) is float else f"type '{type_name(at)}'"
    return EvaluationError(f"unsupported index {what} in list")
