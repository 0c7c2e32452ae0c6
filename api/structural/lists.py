"""Whether lists of type set and map hold everything just once."""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.structural.node import Node

JSON = dict[str, Any]


def repeated(node: Node, value: Any, path: str = "") -> list[FieldError]:
    """List what is there twice."""
    errors: list[FieldError] = []
    if isinstance(value, dict):
        if node.additional is not None:
            for name, child in value.items():
                errors += repeated(node.additional, child, f"{path}[{name}]")
        for name, child in value.items():
            shape = node.properties.get(name)
            if shape is not None:
                errors += repeated(shape, child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        if node.list_type == "set":
            errors += [field_errors.duplicate(f"{path}[{i}]", value[i]) for i in _twice(value)]
        elif node.list_type == "map":
            errors += _map(node, value, path)
        if node.items is not None:
            for index, item in enumerate(value):
                errors += repeated(node.items, item, f"{path}[{index}]")
    return errors


def _map(node: Node, value: list[Any], path: str) -> list[FieldError]:
    for index, item in enumerate(value):
        if item is not None and not isinstance(item, dict):
            detail = "must be an object for an array of list-type map"
            return [field_errors.invalid(f"{path}[{index}]", item, detail)]
    found = [{key: item[key] for key in sorted(node.keys) if key in item} for item in (i or {} for i in value)]
    return [field_errors.duplicate(f"{path}[{i}]", found[i]) for i in _twice(found)]


def _twice(items: list[Any]) -> list[int]:
    """Where each value stands that was there before, its second place alone."""
    seen: dict[bytes, int] = {}
    places: list[int] = []
    for index, item in enumerate(items):
        form = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
        seen[form] = seen.get(form, 0) + 1
        if seen[form] == 2:
            places.append(index)
    return places
