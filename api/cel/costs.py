"""What a call costs: estimated from the sizes its arguments can have, and actual from those they had.

The unit is that of the public API: one operation on small values; a tenth for every character that is walked. The
numbers decide which rules may be created, so they are facts to keep, not tuning knobs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from podwright.api.cel.types import Type
from podwright.api.cel.values import ObjectView, is_list, is_map, size_of

LIMIT: Final = 2**64 - 1
STRING_FACTOR: Final = 0.1
REGEX_FACTOR: Final = 0.25
LIST_BASE: Final = 10
MAP_BASE: Final = 30
STRUCT_BASE: Final = 40


class Range(NamedTuple):
    """The least and the most something can be; never beyond 64 bits."""

    low: int
    high: int

    def plus(self, other: Range) -> Range:
        """Return the sum."""
        return Range(min(self.low + other.low, LIMIT), min(self.high + other.high, LIMIT))

    def times(self, other: Range) -> Range:
        """Return the product."""
        return Range(min(self.low * other.low, LIMIT), min(self.high * other.high, LIMIT))

    def scaled(self, factor: float) -> Range:
        """Return the product with a factor, rounded up."""
        return Range(_scaled(self.low, factor), _scaled(self.high, factor))

    def union(self, other: Range) -> Range:
        """Return the range that holds both."""
        return Range(min(self.low, other.low), max(self.high, other.high))


def _scaled(value: int, factor: float) -> int:
    found = math.ceil(float(value) * factor)
    return min(found, LIMIT)


def exactly(value: int) -> Range:
    """Return the range of one value."""
    return Range(value, value)


UNKNOWN: Final = Range(0, LIMIT)
ONE: Final = Range(1, 1)


class Sized(Protocol):
    """What an estimate knows of one argument."""

    @property
    def type(self) -> Type:
        """The argument's type."""
        ...

    @property
    def size(self) -> Range:
        """The size it can have."""
        ...

    @property
    def literal(self) -> Any:
        """Its value if it is a constant, or None."""
        ...

    def item(self) -> Sized | None:
        """What is known of its items, if it is a list."""
        ...


class Estimate(NamedTuple):
    """The estimated cost of a call, and the size of its result if that is known."""

    cost: Range
    size: Range | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """How much a function costs; the target of a method is the first argument."""

    estimate: Callable[[Sequence[Sized]], Estimate]
    actual: Callable[[Sequence[Any], Any], int]


def walked(size: int, factor: float = STRING_FACTOR) -> int:
    """Return the cost of walking over so many characters."""
    return math.ceil(size * factor)


def traversal(at: int = 0, factor: float = STRING_FACTOR, *, keeps_size: bool = False) -> Cost:
    """Return the cost of walking over one argument; `keeps_size` if the result is about as long."""

    def estimate(args: Sequence[Sized]) -> Estimate:
        size = args[at].size
        return Estimate(size.scaled(factor), size if keeps_size else None)

    return Cost(estimate, lambda args, _result: walked(size_of(args[at]), factor))


def deep(value: Any) -> int:
    """Return the cost of walking over everything that a value holds."""
    if isinstance(value, (str, bytes)):
        return int(len(value if isinstance(value, bytes) else value.encode()) * STRING_FACTOR)
    if is_list(value):
        return sum(deep(part) for part in value)
    if is_map(value):
        return sum(deep(key) + deep(value[key]) for key in value)
    if isinstance(value, ObjectView):
        return deep(value.document)
    return 1


def nested(items: Any) -> int:
    """Return the cost of walking over what the items of a list hold: one for four parts, nothing if they hold none."""
    return (
        _parts(items) // 4
        if any(is_list(item) or is_map(item) or isinstance(item, ObjectView) for item in items)
        else 0
    )


def _parts(value: Any) -> int:
    if isinstance(value, ObjectView):
        value = value.document
    if is_list(value):
        return 1 + sum(_parts(part) for part in value)
    if is_map(value):
        return 1 + sum(_parts(value[key]) for key in value)
    return 1


def _scan_estimate(args: Sequence[Sized]) -> Estimate:
    target = args[0]
    item = target.item()
    if item is None:
        return Estimate(target.size.scaled(1.0 if target.type.kind == "dyn" else STRING_FACTOR))
    each = ONE
    if item.type.kind in {"string", "bytes"}:
        each = each.plus(item.size.scaled(STRING_FACTOR))
    return Estimate(target.size.times(each))


def _match_estimate(args: Sequence[Sized]) -> Estimate:
    text = args[0].size
    cost = text.plus(ONE).scaled(STRING_FACTOR).times(args[1].size.scaled(REGEX_FACTOR))
    return Estimate(cost, Range(0, text.high))


def _match_actual(args: Sequence[Any], _result: Any) -> int:
    return math.ceil((1.0 + size_of(args[0])) * STRING_FACTOR) * math.ceil(size_of(args[1]) * REGEX_FACTOR)


def _contains_estimate(args: Sequence[Sized]) -> Estimate:
    return Estimate(args[0].size.scaled(STRING_FACTOR).times(args[1].size.scaled(STRING_FACTOR)))


def _compare_estimate(args: Sequence[Sized]) -> Estimate:
    most = min(args[0].size.high, args[1].size.high)
    return Estimate(Range(1 if most else 0, most).scaled(STRING_FACTOR))


def _concatenate_estimate(args: Sequence[Sized]) -> Estimate:
    size = args[0].size.plus(args[1].size)
    return Estimate(size.scaled(STRING_FACTOR), size)


CONSTANT: Final = Cost(lambda _args: Estimate(ONE), lambda _args, _result: 1)
SCAN: Final = Cost(_scan_estimate, lambda args, _result: deep(args[0]) + (nested(args[0]) if is_list(args[0]) else 0))
MATCH: Final = Cost(lambda args: Estimate(_match_estimate(args).cost), _match_actual)
FIND: Final = Cost(_match_estimate, _match_actual)
CONTAINS: Final = Cost(_contains_estimate, lambda args, _result: walked(size_of(args[0])) * walked(size_of(args[1])))
COMPARE: Final = Cost(_compare_estimate, lambda args, _result: walked(min(size_of(args[0]), size_of(args[1]))))
CONCATENATE: Final = Cost(_concatenate_estimate, lambda args, _result: walked(size_of(args[0]) + size_of(args[1])))
ADD_LISTS: Final = Cost(lambda args: Estimate(ONE, args[0].size.plus(args[1].size)), lambda _args, _result: 1)
IN_LIST: Final = Cost(lambda args: Estimate(args[1].size), lambda args, _result: size_of(args[1]))


def list_making(size: Callable[[Sequence[Sized]], Range], actual: Callable[[Sequence[Any], Any], int]) -> Cost:
    """Return the cost of a call that makes a list, given the amount of work in either view."""
    return Cost(
        lambda args: Estimate(size(args).plus(exactly(LIST_BASE + 1)), size(args)),
        lambda args, result: actual(args, result) + LIST_BASE + 1,
    )
