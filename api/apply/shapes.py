"""What apply must know of a type, compiled from its schema: how each part is owned and merged.

    LEAF      a scalar, or a list or map that is owned as a whole
    QUANTITY  a scalar of which several spellings mean the same
    MAP       an object or map whose fields are owned one by one
    KEYED     a list of objects that are told apart by some of their fields
    SET       a list of scalars that are owned one by one
    ANY       nothing is known: maps are MAP of ANY, all else is LEAF

Compiled once per schema tree, on first use. Shapes are shared and must never be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from podwright.api.apply.elements import keyed, valued
from podwright.api.schema import FieldSchema, TypeSchema

LEAF: Final = 0
QUANTITY: Final = 1
MAP: Final = 2
KEYED: Final = 3
SET: Final = 4
ANY: Final = 5

JSON = dict[str, Any]


class BadItem(ValueError):
    """A list item that cannot be told apart from others."""


class Shape:
    """One part of a type. `fields` are the declared ones of a MAP, `item` is what all else in it is (None: nothing)."""

    __slots__ = ("element", "fields", "form", "item")

    def __init__(self, form: int, item: Shape | None = None) -> None:
        self.form = form
        self.item = item
        self.fields: dict[str, tuple[str, Shape]] = {}
        self.element: Callable[[Any], str] = _no_element

    def child(self, name: str) -> Shape:
        """The shape of a field or key of a MAP or ANY."""
        known = self.fields.get(name)
        return known[1] if known is not None else self.item or WHOLE


def _no_element(_: Any) -> str:
    raise BadItem("the items of an atomic list are not told apart")


def _set_element(item: Any) -> str:
    if item is None:
        raise BadItem("associative list without keys has an element that's an explicit null")
    if isinstance(item, dict):
        raise BadItem("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise BadItem("not supported: associative list with lists as elements")
    return valued(item)


def _key_element(keys: tuple[str, ...], defaults: JSON) -> Callable[[Any], str]:
    def element(item: Any) -> str:
        if not isinstance(item, dict):
            why = "a null element" if item is None else "non-map elements"
            msg = f"associative list with keys may not have {why}"
            raise BadItem(msg)
        found = {}
        for key in keys:
            if key in item:
                found[key] = item[key]
            elif key in defaults:
                found[key] = defaults[key]
        if not found:
            shown = " ".join(f'"{key}"' for key in keys)
            msg = (
                f"associative list with keys has an element that omits all key fields [{shown}] (and doesn't have "
                "default values for any key fields)"
            )
            raise BadItem(msg)
        return keyed(found)

    return element


WHOLE: Final = Shape(LEAF)
UNKNOWN: Final = Shape(ANY)
UNKNOWN.item = UNKNOWN

_SHAPES: dict[int, tuple[TypeSchema, Shape]] = {}
"""Shapes of schema classes. Those of kinds that clients define are their endpoint's: they come and go."""


def shape_of(schema: TypeSchema) -> Shape:
    """The shape of a type."""
    return _Compiler().type(schema)


class _Compiler:
    """Compiles one schema tree."""

    def __init__(self) -> None:
        self._own: dict[int, tuple[TypeSchema, Shape]] = {}

    def type(self, schema: TypeSchema) -> Shape:
        """The shape of an object type."""
        shapes = self._own if schema.cls is None else _SHAPES
        known = shapes.get(id(schema))
        if known is not None:
            return known[1]
        made = WHOLE if schema.map_type == "atomic" else Shape(MAP, UNKNOWN if schema.open else None)
        shapes[id(schema)] = (schema, made)  # before its fields: types may hold themselves
        if made is not WHOLE:
            made.fields = {name: (f"f:{name}", self._field(field)) for name, field in schema.fields.items()}
        return made

    def _field(self, field: FieldSchema) -> Shape:
        if field.kind == "object":
            if field.map_type == "atomic":
                return WHOLE
            return UNKNOWN if field.ref is None else self.type(field.ref)
        if field.kind == "map":
            return WHOLE if field.map_type == "atomic" else Shape(MAP, self._content(field))
        if field.kind == "list":
            return self._list(field)
        return _SCALARS.get(field.kind, WHOLE)

    def _list(self, field: FieldSchema) -> Shape:
        if field.list_type == "set":
            made = Shape(SET, WHOLE)
            made.element = _set_element
            return made
        if field.list_type != "map":
            return WHOLE
        made = Shape(KEYED, self._content(field))
        inner = field.ref.fields if field.ref is not None else {}
        classed = field.ref is not None and field.ref.cls is not None
        keys = [inner[key] for key in field.list_map_keys if key in inner]
        defaults = {key.name: default for key in keys if (default := _key_default(key, classed=classed)) is not None}
        made.element = _key_element(tuple(field.list_map_keys), defaults)
        return made

    def _content(self, field: FieldSchema) -> Shape:
        if field.ref is not None:
            return self.type(field.ref)
        return UNKNOWN if field.item is None else self._field(field.item)


def _key_default(key: FieldSchema, *, classed: bool) -> Any:
    """What a key counts as when an item does not give it. Schema classes give required fields their zero."""
    if key.default is not None or not (classed and key.required):
        return key.default
    return _ZEROS.get(key.kind)


_ZEROS: Final[dict[str, Any]] = {"string": "", "integer": 0}
_SCALARS: Final[dict[str, Shape]] = {"any": UNKNOWN, "quantity": Shape(QUANTITY)}
