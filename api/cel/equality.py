"""Equality and order of values: numbers across their types, lists and maps by content, set and map lists as such.

Comparing walks both values; how deep they are is bounded by the document's own depth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from podwright.api.cel.errors import no_such_overload
from podwright.api.cel.types import Type
from podwright.api.cel.values import (
    Duration,
    ListView,
    MapView,
    ObjectView,
    Optional,
    Timestamp,
    UInt,
    is_list,
    is_map,
    map_key,
)

_NUMBERS: Final = frozenset({int, UInt, float})
_PLAIN: Final = frozenset({str, bytes, type(None), Duration, Timestamp})


Spend = Callable[[int], None]


def _free(_parts: int) -> None:
    """Comparing costs nothing more than what the caller has paid."""


def equal(left: Any, right: Any, spend: Spend = _free) -> bool:
    """Return whether two values are equal; values of different types are not, except numbers.

    `spend` is told of all parts that are looked at below; it may raise to stop.
    """
    kind, other = type(left), type(right)
    if kind in _NUMBERS:
        return other in _NUMBERS and left == right
    if kind is other and kind in _PLAIN:
        return left == right
    if kind is bool or other is bool:
        return left is right
    if is_list(left):
        return is_list(right) and _lists(left, right, spend)
    if is_map(left) or isinstance(left, ObjectView):
        return _maps(left, right, spend)
    if kind is Type and other is Type:
        return left.name == right.name
    if kind is Optional and other is Optional:
        return left.present == right.present and (not left.present or equal(left.inner, right.inner, spend))
    return kind is other and left == right


def _lists(left: Sequence[Any], right: Sequence[Any], spend: Spend) -> bool:
    if len(left) != len(right):
        return False
    spend(len(left))
    for one, other in ((left, right), (right, left)):
        if isinstance(one, ListView) and one.merge:
            return _same_members(one, other, spend)
    return all(equal(one, other, spend) for one, other in zip(left, right, strict=True))


def _same_members(left: ListView, right: Sequence[Any], spend: Spend) -> bool:
    members = _by_identity(left, left.keys)
    seen: set[Any] = set()
    for other in right:
        name = _identity(other, left.keys)
        if name not in members or not equal(members[name], other, spend):
            return False
        seen.add(name)
    return len(seen) == len(members)


def _by_identity(items: Sequence[Any], keys: tuple[str, ...]) -> dict[Any, Any]:
    return {_identity(item, keys): item for item in items}


def _identity(item: Any, keys: tuple[str, ...]) -> Any:
    """Return what tells the items of a set or map list apart, hashable."""
    if not keys:
        return _hashable(item)
    document = item.document if isinstance(item, ObjectView) else item
    if not isinstance(document, Mapping):
        return _hashable(item)
    return tuple(_hashable(document.get(key)) for key in keys)


def _hashable(value: Any) -> Any:
    if is_list(value):
        return ("list", *(_hashable(part) for part in value))
    if is_map(value):
        return ("map", frozenset((key, _hashable(value[key])) for key in value))
    if isinstance(value, ObjectView):
        return _hashable(dict(value.document))
    return (isinstance(value, bool), value)


def _maps(left: Any, right: Any, spend: Spend) -> bool:
    one, other = _entries(left), _entries(right)
    if one is None or other is None or len(one) != len(other):
        return False
    spend(len(one))
    return all(key in other and equal(_at(left, one, key), _at(right, other, key), spend) for key in one)


def _entries(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, ObjectView):
        return value.document
    return value if is_map(value) else None


def _at(value: Any, entries: Mapping[Any, Any], key: Any) -> Any:
    if isinstance(value, ObjectView):
        return value.declared.value_at(key, entries[key])
    return entries[key]


def add_lists(left: Sequence[Any], right: Sequence[Any]) -> Sequence[Any]:
    """Return the concatenation; set and map lists are merged instead, what is on the right winning in place."""
    if not isinstance(left, ListView) or not left.merge:
        return [*left, *right]
    merged = _by_identity(left, left.keys)
    for item in right:
        merged[_identity(item, left.keys)] = item
    return list(merged.values())


def compare(left: Any, right: Any) -> int:
    """Return -1, 0 or 1, or 2 where numbers cannot be ordered. Raises EvaluationError for values without an order."""
    kind, other = type(left), type(right)
    if (kind in _NUMBERS and other in _NUMBERS) or (kind is other and kind in _ORDERED):
        return (left > right) - (left < right) or (0 if left == right else 2)
    raise no_such_overload()


_ORDERED: Final = frozenset({str, bytes, bool, Duration, Timestamp})


def contains(item: Any, holder: Any, spend: Spend = _free) -> bool:
    """Return whether a list holds an item, or a map a key. Raises EvaluationError for other holders."""
    if is_list(holder):
        if type(item) is str and type(holder) is list:
            return item in holder
        return any(equal(item, part, spend) for part in holder)
    if is_map(holder):
        return has_key(holder, item)
    raise no_such_overload()


def has_key(holder: dict[Any, Any] | MapView, key: Any) -> bool:
    """Return whether a map has a key; a key of an impossible type is in none."""
    kind = type(key)
    if kind is str:
        return key in holder
    if kind is bool or kind in _NUMBERS:
        if kind is float and (key != key or abs(key) >= 2**64 or key != int(key)):  # noqa: PLR0124 - not a number
            return False
        return map_key(key) in holder
    return False
