"""Filling in the defaults of a schema: absent members, and nulls where none are allowed.

It changes the document in place and never shares a default with it. A default is followed by the defaults within it.
"""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.structural.node import Node

JSON = dict[str, Any]


def fill(node: Node, value: Any) -> None:
    """Complete a value."""
    if isinstance(value, dict):
        _object(node, value)
    elif isinstance(value, list) and node.items is not None:
        items = node.items
        for index, item in enumerate(value):
            if item is None and not items.nullable:
                value[index] = _copy(items.default)
            fill(items, value[index])


def _object(node: Node, value: JSON) -> None:
    for name, shape in node.properties.items():
        if shape.default is not None and (name not in value or (value[name] is None and not shape.nullable)):
            value[name] = _copy(shape.default)
    for name, child in value.items():
        shape = node.member(name)
        if shape is None:
            continue
        if child is None and not shape.nullable and name not in node.properties:
            child = value[name] = _copy(shape.default)  # noqa: PLW2901 - what is there now
        if isinstance(child, (dict, list)):
            fill(shape, child)


def _copy(default: Any) -> Any:
    return orjson.loads(orjson.dumps(default)) if isinstance(default, (dict, list)) else default


def has_defaults(node: Node | None) -> bool:
    """Whether anything in the schema has a default."""
    if node is None:
        return False
    if node.default is not None or has_defaults(node.items) or has_defaults(node.additional):
        return True
    return any(has_defaults(part) for part in node.properties.values())
