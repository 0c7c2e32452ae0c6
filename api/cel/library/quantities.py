"""Amounts of resources in expressions: `quantity('1Gi').isGreaterThan(quantity('500M'))`."""

from __future__ import annotations

from typing import Final

from podwright.api import quantity
from podwright.api.cel.costs import traversal
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.types import QUANTITY
from podwright.api.cel.values import INT_MAX, INT_MIN, Opaque
from podwright.api.quantity import Quantity, QuantityError

_NANO: Final = 10**9


def _parse(text: str) -> Opaque:
    try:
        return Opaque(QUANTITY, quantity.parse(text))
    except QuantityError as error:
        raise EvaluationError(str(error)) from error


def _is_quantity(text: str) -> bool:
    try:
        quantity.parse(text)
    except QuantityError:
        return False
    return True


def _of_int(value: int) -> Quantity:
    return Quantity(value * _NANO)


def _is_integer(value: Opaque) -> bool:
    nanos: int = value.content.nanos
    return nanos % _NANO == 0 and INT_MIN <= nanos // _NANO <= INT_MAX


def _as_integer(value: Opaque) -> int:
    if not _is_integer(value):
        msg = "cannot convert value to integer"
        raise EvaluationError(msg)
    return value.content.nanos // _NANO


def _compare(one: Opaque, other: Opaque) -> int:
    return quantity.compare(one.content, other.content)


def _add(one: Opaque, other: Opaque) -> Opaque:
    return Opaque(QUANTITY, one.content + other.content)


def _subtract(one: Opaque, other: Opaque) -> Opaque:
    return Opaque(QUANTITY, one.content - other.content)


QUANTITIES: Final[tuple[Overload, ...]] = (
    declare("quantity", "(string) Quantity", _parse, traversal(0)),
    declare("isQuantity", "(string) bool", _is_quantity, traversal(0)),
    declare("sign", "Quantity.() int", lambda value: (value.content.nanos > 0) - (value.content.nanos < 0)),
    declare("isGreaterThan", "Quantity.(Quantity) bool", lambda one, other: _compare(one, other) > 0),
    declare("isLessThan", "Quantity.(Quantity) bool", lambda one, other: _compare(one, other) < 0),
    declare("compareTo", "Quantity.(Quantity) int", _compare),
    declare("asApproximateFloat", "Quantity.() double", lambda value: value.content.nanos / _NANO),
    declare("asInteger", "Quantity.() int", _as_integer),
    declare("isInteger", "Quantity.() bool", _is_integer),
    declare("add", "Quantity.(Quantity) Quantity", _add),
    declare("add", "Quantity.(int) Quantity", lambda one, other: Opaque(QUANTITY, one.content + _of_int(other))),
    declare("sub", "Quantity.(Quantity) Quantity", _subtract),
    declare("sub", "Quantity.(int) Quantity", lambda one, other: Opaque(QUANTITY, one.content - _of_int(other))),
)
