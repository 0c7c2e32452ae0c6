"""The set of fields that a document holds. Pure.

`whole` is what came (or went) with a value that was not there before; `given` is what an applied configuration
speaks for, where a map that holds fields is not itself claimed.
"""

from __future__ import annotations

from typing import Any

from podwright.api.apply.elements import SELF, order
from podwright.api.apply.fieldset import LEAF as EMPTY
from podwright.api.apply.fieldset import Fields
from podwright.api.apply.shapes import ANY, KEYED, MAP, SET, Shape


def whole(shape: Shape, value: Any) -> Fields:
    """The node of a value that is new altogether: it and all in it are members."""
    form = shape.form
    if form < MAP or not value:
        return EMPTY
    if form in {MAP, ANY}:
        if not isinstance(value, dict):
            return EMPTY
        node: Fields = {SELF: EMPTY}
        fields, item = shape.fields, shape.item
        for name in sorted(value):
            known = fields.get(name)
            if known is None:
                node["f:" + name] = EMPTY if item is None or item.form < MAP else whole(item, value[name])
            elif known[1].form < MAP:
                node[known[0]] = EMPTY
            else:
                node[known[0]] = whole(known[1], value[name])
        return node
    if not isinstance(value, list):
        return EMPTY
    return {SELF: EMPTY, **items(shape, value)}


def items(shape: Shape, values: list[Any]) -> Fields:
    """The nodes of new list items by their elements. Of items that cannot be told apart only the element is there."""
    nodes: Fields = {}
    element, inner = shape.element, shape.item
    for item in values:
        name = element(item)
        nodes[name] = EMPTY if name in nodes or inner is None else whole(inner, item)
    return {name: nodes[name] for name in sorted(nodes, key=order)} if len(nodes) > 1 else nodes


def given(shape: Shape, value: Any) -> Fields:
    """The set of an applied configuration (or of any document, as apply sees it)."""
    return _below(shape, value)


def _below(shape: Shape, value: Any) -> Fields:
    form = shape.form
    if not value:
        return EMPTY
    if form in {MAP, ANY} and isinstance(value, dict):
        node: Fields = {}
        for name, child in value.items():
            known = shape.fields.get(name)
            inner = known[1] if known is not None else shape.item
            below = EMPTY if inner is None else _below(inner, child)
            leaf = inner is None or child is None or child == {} or _is_leaf(inner, child)
            if leaf or known is None:
                node["f:" + name] = {SELF: EMPTY, **below} if below else EMPTY
            elif below:
                node["f:" + name] = below
        return node
    if form in {KEYED, SET} and isinstance(value, list):
        nodes: Fields = {}
        for item in value:
            element = shape.element(item)
            below = EMPTY if element in nodes or shape.item is None else _below(shape.item, item)
            nodes[element] = {SELF: EMPTY, **below} if below else EMPTY
        return nodes
    return EMPTY


def _is_leaf(shape: Shape, value: Any) -> bool:
    """Tell whether a value counts as one field."""
    if shape.form < MAP:
        return True
    if shape.form == ANY:
        return not isinstance(value, dict)
    return False
