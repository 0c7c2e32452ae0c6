"""Checks that an applied configuration fits its type: an applier must mean what it says. Pure.

Unlike a decoder this refuses fields that nobody knows and list items that are there twice, whatever the request says
about validation: one cannot own what is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api.apply.elements import shown
from podwright.api.apply.shapes import KEYED, SET, WHOLE, BadItem, Shape
from podwright.api.quoting import show
from podwright.api.schema import FieldSchema, TypeSchema

JSON = dict[str, Any]


class Unfit(ValueError):
    """A configuration is not of its type; the text names the field."""


def check(schema: TypeSchema, shape: Shape, config: JSON) -> None:
    """Raise Unfit if the configuration is not of the type whose shape is given."""
    problems: list[str] = []
    _object(schema, shape, config, "", problems)
    if problems:
        raise Unfit(problems[0] if len(problems) == 1 else "\n  ".join(("errors:", *problems)))


def _object(schema: TypeSchema, shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if value is None:
        return
    if not isinstance(value, dict):
        problems.append(f"{path}: expected map, got {show(value)}")
        return
    for name, child in value.items():
        field = schema.fields.get(name)
        if field is not None:
            _field(field, shape.child(name), child, f"{path}.{name}", problems)
        elif not schema.open:
            problems.append(f"{path}.{name}: field not declared in schema")


def _field(field: FieldSchema, shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if value is None:
        return
    if field.kind == "object":
        if field.ref is not None:
            _object(field.ref, shape, value, path, problems)
    elif field.kind == "map":
        if isinstance(value, dict):
            for name, child in value.items():
                _content(field, shape.item or WHOLE, child, f"{path}.{name}", problems)
        else:
            problems.append(f"{path}: expected map, got {show(value)}")
    elif field.kind == "list":
        _list(field, shape, value, path, problems)
    else:
        wanted, fits = _SCALARS.get(field.kind, _ANYTHING)
        if not fits(value):
            problems.append(f"{path}: expected {wanted}, got {show(value)}")


def _list(field: FieldSchema, shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if not isinstance(value, list):
        problems.append(f"{path}: expected list, got {show(value)}")
        return
    seen: set[str] = set()
    for number, item in enumerate(value):
        where = f"[{number}]"
        if shape.form in {KEYED, SET}:
            try:
                element = shape.element(item)
            except BadItem as error:
                problems.append(f"{path}: element {number}: {error}")
                return
            where = shown(element)
            if element in seen:
                problems.append(f"{path}: duplicate entries for key {where}")
            seen.add(element)
        _content(field, shape.item or WHOLE, item, path + where, problems)


def _content(field: FieldSchema, shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if field.ref is not None:
        _object(field.ref, shape, value, path, problems)
    elif field.item is not None:
        _field(field.item, shape, value, path, problems)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_anything(_: Any) -> bool:
    return True


_ANYTHING: tuple[str, Callable[[Any], bool]] = ("anything", _is_anything)
_TEXT: tuple[str, Callable[[Any], bool]] = ("string", _is_text)
_NUMBER: tuple[str, Callable[[Any], bool]] = ("numeric (int or float)", _is_number)
_SCALARS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": _TEXT,
    "time": _TEXT,
    "microtime": _TEXT,
    "bytes": _TEXT,
    "integer": _NUMBER,
    "number": _NUMBER,
    "boolean": ("boolean", _is_boolean),
    "quantity": ("any scalar", _is_scalar),
    "int-or-string": ("any scalar", _is_scalar),
}
