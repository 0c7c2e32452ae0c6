"""Sets of fields, as tries of path elements, and their algebra.

A set is the very mapping that managedFields holds: `{"f:spec": {"f:replicas": {}}}`. A node that is empty is a member
of the set, one with children is a member if it has the key `.`; the root never is. So what the store holds needs no
decoding, and encoding is dumping JSON. Sets are shared freely and must never be changed; results share parts of their
arguments. Results are in no particular order: `ordered` puts them into the one that is written. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api.apply.elements import SELF, normal, order

Fields = dict[str, Any]
"""Element -> Fields."""

LEAF: Fields = {}
"""A member without children; the root of an empty set."""


def is_member(node: Fields) -> bool:
    """Tell whether the field a node stands for is itself in the set."""
    return not node or SELF in node


def union(first: Fields, second: Fields) -> Fields:
    """What is in either set. Returns `first` itself when it holds all of `second`."""
    result: Fields | None = None
    for element, node in second.items():
        if element == SELF:
            if SELF not in first:
                result = dict(first) if result is None else result
                result[SELF] = LEAF
            continue
        mine = first.get(element)
        both = node if mine is None else _united(mine, node)
        if both is not mine:
            result = dict(first) if result is None else result
            result[element] = both
    return first if result is None else result


def _united(first: Fields, second: Fields) -> Fields:
    if not second:
        return first if is_member(first) else {SELF: LEAF, **first}
    if not first:
        return second if SELF in second else {SELF: LEAF, **second}
    return union(first, second)


def difference(first: Fields, second: Fields) -> Fields:
    """What is in `first` but not in `second`: a member leaves no matter what is below it, and the other way round."""
    return _without(first, second, deep=False)


def without(first: Fields, second: Fields) -> Fields:
    """What is in `first` but neither in `second` nor below a member of it."""
    return _without(first, second, deep=True)


def _without(first: Fields, second: Fields, *, deep: bool) -> Fields:
    result: Fields | None = None
    # Iterating over the smaller side: most sets taken away are tiny.
    for element in second if len(second) < len(first) else first:
        node, gone = first.get(element), second.get(element)
        if node is None or gone is None or element == SELF:
            continue
        rest = None if deep and is_member(gone) else _node_without(node, gone, deep=deep)
        if rest is node:
            continue
        if result is None:
            result = dict(first)
        if rest is None:
            del result[element]
        else:
            result[element] = rest
    return first if result is None else result


def _node_without(node: Fields, gone: Fields, *, deep: bool) -> Fields | None:
    """A node without another; None when nothing is left of it."""
    if not node:
        return None if is_member(gone) else node
    if not gone:
        if SELF not in node:
            return node
        rest = {element: child for element, child in node.items() if element != SELF}
        return rest or None
    rest = _without(node, gone, deep=deep)
    if SELF in rest and SELF in gone:
        rest = {element: child for element, child in rest.items() if element != SELF}
        return rest or None
    if len(rest) == 1 and SELF in rest:
        return LEAF
    return rest or None


def intersection(first: Fields, second: Fields) -> Fields:
    """What is in both sets."""
    small, large = (first, second) if len(first) <= len(second) else (second, first)
    result: Fields = {}
    for element, node in small.items():
        other = large.get(element)
        if other is None or element == SELF:
            continue
        member = is_member(node) and is_member(other)
        below = intersection(node, other) if node and other else LEAF
        if below:
            result[element] = {SELF: LEAF, **below} if member else below
        elif member:
            result[element] = LEAF
    return result


def members(fields: Fields, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all members: those of a level before what is below them, each in order."""
    children = sorted((e for e in fields if e != SELF), key=order)
    for element in children:
        if is_member(fields[element]):
            yield (*path, element)
    for element in children:
        if fields[element]:
            yield from members(fields[element], (*path, element))


def leaves(fields: Fields) -> Fields:
    """The members that have no member below them."""
    result: Fields = {}
    for element, node in fields.items():
        if element == SELF:
            continue
        result[element] = leaves(node) if node else LEAF
    return result


def has(fields: Fields, path: tuple[str, ...]) -> bool:
    """Tell whether the field at a path is a member."""
    node = fields
    for element in path:
        below = node.get(element)
        if below is None:
            return False
        node = below
    return bool(path) and is_member(node)


def at(*path: str) -> Fields:
    """The set of one field, by names: `at("spec", "replicas")`."""
    node = LEAF
    for name in reversed(path):
        node = {f"f:{name}": node}
    return node


def ordered(fields: Fields, tidy: Fields | None = None) -> Fields:
    """The same set in the order it is written in. Shares what is in order already.

    `tidy` is a set that is in order: what is shared with it in the same place is not looked at.
    """
    if not fields or fields is tidy:
        return fields
    wanted = sorted(fields)
    if wanted[-1] >= "g":  # there are list items, which are not in the order of their texts
        wanted.sort(key=order)
    replaced = {
        element: below
        for element, node in fields.items()
        if node and (below := ordered(node, (tidy or LEAF).get(element))) is not node
    }
    if not replaced and wanted == list(fields):
        return fields
    return {element: replaced.get(element) or fields[element] for element in wanted}


def decoded(raw: Any) -> Fields:
    """A set as anyone may have written it, made regular. Raises BadElement (a ValueError)."""
    if not isinstance(raw, dict):
        return LEAF
    result: Fields = {}
    for text, below in raw.items():
        if text == SELF:
            result[SELF] = LEAF
            continue
        element = normal(text)
        if element is not None:
            node = decoded(below)
            result[element] = _united(result[element], node) if element in result else node
    if len(result) == 1 and SELF in result:
        return LEAF
    return result
