"""Functions on lists: sums, extremes, positions, sorting, slices; and lists as sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cmp_to_key
from typing import Any, Final

from podwright.api.cel.costs import (
    LIMIT,
    SCAN,
    STRING_FACTOR,
    Cost,
    Estimate,
    Range,
    Sized,
    exactly,
    list_making,
    nested,
)
from podwright.api.cel.equality import compare, equal
from podwright.api.cel.errors import CostExceeded, EvaluationError, no_such_overload
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.macros import SORT_BY
from podwright.api.cel.values import (
    NONE,
    Duration,
    Optional,
    UInt,
    checked_duration,
    checked_int,
    checked_uint,
    is_list,
    size_of,
)

_MOST: Final = 1_000_000
_COMPARABLE: Final = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_DEEPEST: Final = 100


def _is_sorted(items: Sequence[Any]) -> bool:
    return all(compare(items[index], items[index + 1]) != 1 for index in range(len(items) - 1))


def _extreme(name: str, wanted: int) -> Callable[[Sequence[Any]], Any]:
    def call(items: Sequence[Any]) -> Any:
        if not items:
            msg = f"{name} called on empty list"
            raise EvaluationError(msg)
        found = items[0]
        for item in items:
            if compare(item, found) == wanted:
                found = item
        return found

    return call


_ZEROS: Final[dict[str, Any]] = {"int": 0, "uint": UInt(0), "double": 0.0, "duration": Duration(0)}


def _sum(kind: str) -> Callable[[Sequence[Any]], Any]:
    def call(items: Sequence[Any]) -> Any:
        total: Any = _ZEROS[kind]
        for item in items:
            total = _added(total, item)
        return total

    return call


def _added(total: Any, item: Any) -> Any:
    if type(total) is not type(item):
        raise no_such_overload()
    if type(item) is Duration:
        return checked_duration(total.nanos + item.nanos)
    if type(item) is float:
        return total + item
    if type(item) is UInt:
        return checked_uint(int(total) + int(item))
    return checked_int(total + item)


def _index_of(items: Sequence[Any], wanted: Any) -> int:
    return next((index for index, item in enumerate(items) if equal(item, wanted)), -1)


def _last_index_of(items: Sequence[Any], wanted: Any) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if equal(items[index], wanted)), -1)


def _slice(items: Sequence[Any], start: int, end: int) -> list[Any]:
    problem = ""
    if start < 0 or end < 0:
        problem = "negative indexes not supported"
    elif start > end:
        problem = "start index must be less than or equal to end index"
    elif end > len(items):
        problem = f"list is length {len(items)}"
    if problem:
        msg = f"cannot slice({start}, {end}), {problem}"
        raise EvaluationError(msg)
    return list(items[start:end])


def _flatten(items: Sequence[Any], depth: int = 1) -> list[Any]:
    if depth < 0:
        msg = "level must be non-negative"
        raise EvaluationError(msg)
    made: list[Any] = []
    for item in _flat(items, min(depth, _DEEPEST)):
        made.append(item)
        if len(made) > _MOST:
            raise CostExceeded
    return made


def _flat(items: Sequence[Any], depth: int) -> Iterator[Any]:
    for item in items:
        if depth and is_list(item):
            yield from _flat(item, depth - 1)
        else:
            yield item


def _range(count: int) -> list[int]:
    return list(range(count)) if count > 0 else []


def _distinct(items: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if not any(equal(item, other) for other in made):
            made.append(item)
    return made


def _sort(items: Sequence[Any]) -> list[Any]:
    if any(type(item) is not type(items[0]) for item in items):
        msg = "list elements must have the same type"
        raise EvaluationError(msg)
    return sorted(items, key=cmp_to_key(compare))


def _sort_by(items: Sequence[Any], keys: Sequence[Any]) -> list[Any]:
    if any(type(key) is not type(keys[0]) for key in keys):
        msg = "list elements must have the same type"
        raise EvaluationError(msg)
    order = sorted(range(len(items)), key=cmp_to_key(lambda one, other: compare(keys[one], keys[other])))
    return [items[index] for index in order]


def _first(items: Sequence[Any]) -> Optional:
    return Optional(True, items[0]) if items else NONE


def _last(items: Sequence[Any]) -> Optional:
    return Optional(True, items[-1]) if items else NONE


def _sets_contains(items: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return all(any(equal(item, other) for item in items) for other in wanted)


def _sets_equivalent(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return _sets_contains(one, other) and _sets_contains(other, one)


def _sets_intersects(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return any(equal(item, part) for item in one for part in other)


def _sets_cost(factor: int) -> Cost:
    return Cost(
        lambda args: Estimate(args[0].size.times(args[1].size).scaled(factor).plus(exactly(1))),
        lambda args, _result: 1 + (size_of(args[0]) * size_of(args[1]) + nested(args[0]) * size_of(args[1])) * factor,
    )


def _literal(arg: Sized, otherwise: int) -> int:
    value = arg.literal
    return value if type(value) is int and value >= 0 else otherwise


def _slice_size(args: Sequence[Sized]) -> Range:
    most = args[0].size.high
    return exactly(max(_literal(args[2], most) - _literal(args[1], 0), 0))


def _flatten_size(args: Sequence[Sized]) -> Range:
    return args[0].size.scaled(float(_literal(args[1], LIMIT) if len(args) > 1 else 1))


def _square(kind: str) -> Cost:
    factor = 2.0 + (STRING_FACTOR if kind in {"string", "bytes"} else 0.0)

    def estimate(args: Sequence[Sized]) -> Estimate:
        size = args[0].size
        squared = size.times(size)
        return Estimate(squared.scaled(factor).plus(exactly(11)), squared)

    return Cost(estimate, lambda args, _result: int(size_of(args[0]) ** 2 * factor) + 11 + _held(args[0]))


def _held(items: Sequence[Any]) -> int:
    return nested(items) * size_of(items)


_WHOLE: Final = list_making(lambda args: args[0].size, lambda args, _result: size_of(args[0]))
_SLICE: Final = list_making(_slice_size, lambda args, _result: max(args[2] - args[1], 0) if args[2] <= LIMIT else 0)
_FLATTEN: Final = list_making(
    _flatten_size, lambda args, _result: size_of(args[0]) * (min(args[1], _DEEPEST) if len(args) > 1 else 1)
)
_RANGE: Final = list_making(lambda args: exactly(_literal(args[0], LIMIT)), lambda args, _result: max(args[0], 0))

LISTS: Final[tuple[Overload, ...]] = (
    *(declare("isSorted", f"list({kind}).() bool", _is_sorted, SCAN) for kind in _COMPARABLE),
    *(declare("max", f"list({kind}).() {kind}", _extreme("max", 1), SCAN) for kind in _COMPARABLE),
    *(declare("min", f"list({kind}).() {kind}", _extreme("min", -1), SCAN) for kind in _COMPARABLE),
    *(declare("sum", f"list({kind}).() {kind}", _sum(kind), SCAN) for kind in _ZEROS),
    *(declare("sort", f"list({kind}).() list({kind})", _sort, _square(kind)) for kind in _COMPARABLE),
    *(declare(SORT_BY, f"list(T).(list({kind})) list(T)", _sort_by, _square(kind)) for kind in _COMPARABLE),
    declare("indexOf", "list(A).(A) int", _index_of, SCAN),
    declare("lastIndexOf", "list(A).(A) int", _last_index_of, SCAN),
    declare("slice", "list(A).(int, int) list(A)", _slice, _SLICE),
    declare("flatten", "list(list(A)).() list(A)", _flatten, _FLATTEN),
    declare("flatten", "list(dyn).(int) list(dyn)", _flatten, _FLATTEN),
    declare("reverse", "list(A).() list(A)", lambda items: list(items)[::-1], _WHOLE),
    declare("distinct", "list(A).() list(A)", _distinct, _square("")),
    declare("lists.range", "(int) list(int)", _range, _RANGE),
    declare("first", "list(A).() optional(A)", _first),
    declare("last", "list(A).() optional(A)", _last),
    declare("sets.contains", "(list(A), list(A)) bool", _sets_contains, _sets_cost(1)),
    declare("sets.equivalent", "(list(A), list(A)) bool", _sets_equivalent, _sets_cost(2)),
    declare("sets.intersects", "(list(A), list(A)) bool", _sets_intersects, _sets_cost(1)),
)
