"""Arithmetic, order, size and membership: the operators whose meaning depends on the types of their operands.

Numbers are 64 bits wide; what does not fit is an error, never a wider number.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api.cel.costs import ADD_LISTS, COMPARE, CONCATENATE, IN_LIST, Cost
from podwright.api.cel.equality import add_lists, compare, contains, equal
from podwright.api.cel.errors import CostExceeded, EvaluationError, no_such_overload
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.macros import MAP_INSERT, NOT_STRICTLY_FALSE
from podwright.api.cel.values import (
    UInt,
    checked_duration,
    checked_int,
    checked_timestamp,
    checked_uint,
)

_MAX_ITEMS: Final = 2_000_000


def _add_int(left: int, right: int) -> int:
    return checked_int(left + right)


def _subtract_int(left: int, right: int) -> int:
    return checked_int(left - right)


def _multiply_int(left: int, right: int) -> int:
    return checked_int(left * right)


def _divide_int(left: int, right: int) -> int:
    if right == 0:
        msg = "division by zero"
        raise EvaluationError(msg)
    found = abs(left) // abs(right)
    return checked_int(found if (left < 0) == (right < 0) else -found)


def _modulo_int(left: int, right: int) -> int:
    if right == 0:
        msg = "modulus by zero"
        raise EvaluationError(msg)
    return left - right * _divide_int(left, right)


def _uint(call: Callable[[int, int], int]) -> Callable[[UInt, UInt], UInt]:
    return lambda left, right: checked_uint(call(int(left), int(right)))


def _divide_uint(left: int, right: int) -> int:
    return _divide_int(left, right)


def _divide_double(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or left != left:  # noqa: PLR0124 - not a number
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _add_lists(left: Sequence[Any], right: Sequence[Any]) -> Sequence[Any]:
    if len(left) + len(right) > _MAX_ITEMS:
        raise CostExceeded
    return add_lists(left, right)


def _list_cost(args: Sequence[Any], _result: Any) -> int:
    return 1 + (len(args[0]) + len(args[1])) // 64


def _negate_int(value: int) -> int:
    return checked_int(-value)


def _not(value: bool) -> bool:
    return not value


def _ordered(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: test(compare(left, right))


def _as_doubles(call: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return a comparison of numbers of two types: beyond 2^53 a double is all that is left of an int."""

    def compared(left: Any, right: Any) -> bool:
        return call(float(left), float(right)) if float in {type(left), type(right)} else call(left, right)

    return compared


def _size(value: Any) -> int:
    return len(value)


def _insert(target: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    return {**target, key: value}


_ORDER: Final[dict[str, tuple[Callable[[Any, Any], bool], Callable[[int], bool]]]] = {
    "_<_": (operator.lt, lambda sign: sign == -1),
    "_<=_": (operator.le, lambda sign: sign in {-1, 0}),
    "_>_": (operator.gt, lambda sign: sign == 1),
    "_>=_": (operator.ge, lambda sign: sign in {1, 0}),
}
_NUMERIC: Final = ("int", "uint", "double")


def _orders() -> list[Overload]:
    found: list[Overload] = []
    for name, (call, test) in _ORDER.items():
        found.append(declare(name, "(bool, bool) bool", call))
        found.extend(
            declare(name, f"({left}, {right}) bool", call if left == right else _as_doubles(call))
            for left in _NUMERIC
            for right in _NUMERIC
        )
        found.extend(declare(name, f"({kind}, {kind}) bool", call, COMPARE) for kind in ("string", "bytes"))
        found.extend(declare(name, f"({kind}, {kind}) bool", _ordered(test)) for kind in ("timestamp", "duration"))
    return found


def _unused(*_args: Any) -> Any:
    raise no_such_overload()


OPERATORS: Final[tuple[Overload, ...]] = (
    declare("_&&_", "(bool, bool) bool", _unused),
    declare("_||_", "(bool, bool) bool", _unused),
    declare("_?_:_", "(bool, A, A) A", _unused),
    declare("!_", "(bool) bool", _not),
    declare(NOT_STRICTLY_FALSE, "(bool) bool", _unused),
    declare(MAP_INSERT, "(map(K, V), K, V) map(K, V)", _insert),
    declare(MAP_INSERT, "(map(K, V), map(K, V)) map(K, V)", lambda target, more: {**target, **more}),
    declare("_==_", "(A, A) bool", equal, COMPARE),
    declare("_!=_", "(A, A) bool", lambda left, right: not equal(left, right), COMPARE),
    declare("_+_", "(bytes, bytes) bytes", operator.add, CONCATENATE),
    declare("_+_", "(double, double) double", operator.add),
    declare("_+_", "(duration, duration) duration", lambda one, other: checked_duration(one.nanos + other.nanos)),
    declare("_+_", "(duration, timestamp) timestamp", lambda span, at: checked_timestamp(at.nanos + span.nanos)),
    declare("_+_", "(timestamp, duration) timestamp", lambda at, span: checked_timestamp(at.nanos + span.nanos)),
    declare("_+_", "(int, int) int", _add_int),
    declare("_+_", "(list(A), list(A)) list(A)", _add_lists, Cost(ADD_LISTS.estimate, _list_cost)),
    declare("_+_", "(string, string) string", operator.add, CONCATENATE),
    declare("_+_", "(uint, uint) uint", _uint(operator.add)),
    declare("_-_", "(double, double) double", operator.sub),
    declare("_-_", "(duration, duration) duration", lambda one, other: checked_duration(one.nanos - other.nanos)),
    declare("_-_", "(int, int) int", _subtract_int),
    declare("_-_", "(timestamp, duration) timestamp", lambda at, span: checked_timestamp(at.nanos - span.nanos)),
    declare("_-_", "(timestamp, timestamp) duration", lambda one, other: checked_duration(one.nanos - other.nanos)),
    declare("_-_", "(uint, uint) uint", _uint(operator.sub)),
    declare("_*_", "(double, double) double", operator.mul),
    declare("_*_", "(int, int) int", _multiply_int),
    declare("_*_", "(uint, uint) uint", _uint(operator.mul)),
    declare("_/_", "(double, double) double", _divide_double),
    declare("_/_", "(int, int) int", _divide_int),
    declare("_/_", "(uint, uint) uint", _uint(_divide_uint)),
    declare("_%_", "(int, int) int", _modulo_int),
    declare("_%_", "(uint, uint) uint", _uint(_modulo_int)),
    declare("-_", "(double) double", operator.neg),
    declare("-_", "(int) int", _negate_int),
    declare("_[_]", "(list(A), int) A", _unused),
    declare("_[_]", "(map(A, B), A) B", _unused),
    declare("@in", "(A, list(A)) bool", contains, IN_LIST),
    declare("@in", "(A, map(A, B)) bool", contains),
    *(
        declare("size", f"{style}{kind}{close} int", _size)
        for kind in ("bytes", "list(A)", "map(A, B)", "string")
        for style, close in (("(", ")"), ("", ".()"))
    ),
    *_orders(),
)
