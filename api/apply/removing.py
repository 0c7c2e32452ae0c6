"""Takes a set of fields out of a document. Pure: the document is not changed, the result shares parts of it."""

from __future__ import annotations

from typing import Any

from podwright.api.apply.elements import SELF
from podwright.api.apply.fieldset import LEAF as EMPTY
from podwright.api.apply.fieldset import Fields, is_member
from podwright.api.apply.shapes import ANY, KEYED, MAP, SET, Shape


def remove(shape: Shape, value: Any, fields: Fields) -> Any:
    """The value without the members of `fields`. What holds nothing any more is null."""
    form = shape.form
    if form in {MAP, ANY} and isinstance(value, dict):
        kept: dict[str, Any] = {}
        for name, child in value.items():
            node = fields.get("f:" + name)
            if node is None:
                kept[name] = child
            elif not is_member(node):
                kept[name] = remove(shape.child(name), child, node)
        return kept or None
    if form in {KEYED, SET} and isinstance(value, list):
        rest: list[Any] = []
        for item in value:
            node = fields.get(shape.element(item))
            if node is None:
                rest.append(item)
            elif not is_member(node) and shape.item is not None:
                rest.append(remove(shape.item, item, node))
        return rest or None
    return value


def with_holders(shape: Shape, fields: Fields) -> Fields:
    """The set with every declared field that has a member below it: owning a part keeps the whole from vanishing."""
    if not fields:
        return fields
    result: Fields = {}
    for element, node in fields.items():
        if element == SELF:
            result[SELF] = EMPTY
            continue
        name = element[2:]
        declared = shape.form == MAP and element[0] == "f" and name in shape.fields
        below = with_holders(_inner(shape, element, name), node)
        result[element] = {SELF: EMPTY, **below} if declared and below and SELF not in below else below
    return result


def _inner(shape: Shape, element: str, name: str) -> Shape:
    if element[0] == "f":
        return shape.child(name)
    return shape.item or shape
