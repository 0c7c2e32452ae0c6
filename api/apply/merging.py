"""Merges an applied configuration into the live object. Pure: neither is changed, the result shares parts of both.

What the configuration gives counts; maps and keyed lists are merged into what is there, all else is replaced. List
items come in the order of the configuration, with those that only the live object has near where they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api.apply.comparing import same_quantity
from podwright.api.apply.shapes import ANY, MAP, QUANTITY, Shape


def merge(shape: Shape, live: Any, config: Any) -> Any:
    """The value that a field has when `config` is applied to `live`."""
    form = shape.form
    if form == QUANTITY and live is not None and config is not None and same_quantity(live, config):
        return live
    if form < MAP or (not live and not config):
        return config
    if form in {MAP, ANY}:
        if isinstance(live or {}, dict) and (config is None or isinstance(config, dict)):
            return _maps(shape, live or {}, config or {})
        return config
    if isinstance(live or [], list) and isinstance(config or [], list):
        return _lists(shape, live or [], config or [])
    return config


def _maps(shape: Shape, live: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    merged = dict(live)
    for name, value in config.items():
        merged[name] = merge(shape.child(name), live[name], value) if name in live else value
    return merged


def _lists(shape: Shape, live: list[Any], config: list[Any]) -> list[Any]:
    left, right = [shape.element(item) for item in live], [shape.element(item) for item in config]
    repeated = {element for element in left if left.count(element) > 1} if len(set(left)) < len(left) else set[str]()
    before, wanted = dict(zip(left, live, strict=True)), dict(zip(right, config, strict=True))
    inner = shape.item
    merged: list[Any] = []
    for place, element in _interleave(left, right):
        if place is not None:
            merged.append(live[place])
        elif inner is None or element not in before or element in repeated:
            merged.append(wanted[element])
        else:
            merged.append(merge(inner, before[element], wanted[element]))
    return merged


def _interleave(left: list[str], right: list[str]) -> Iterator[tuple[int | None, str]]:
    """The order of the merged list: places in `left` of items that only it has, and the elements of `right`.

    Before an element of `right` comes what only `left` has and what stands there before the next shared element.
    """
    shared = set(left) & set(right)
    to_come = [element for element in right if element in shared]
    at = 0
    for element in right:
        stop = to_come[0] if to_come else None
        while at < len(left) and left[at] != stop:
            if left[at] not in shared:
                yield at, left[at]
            at += 1
        yield None, element
        if element == stop:
            to_come.pop(0)
            at += at < len(left)
    for place in range(at, len(left)):
        if left[place] not in shared:
            yield place, left[place]
