"""Conversions between the basic types, type(), dyn(), and how numbers are written."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

from podwright.api.cel.costs import Cost, Estimate, Range, Sized, traversal
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.library.times import duration_text, parse_duration, parse_timestamp, timestamp_text
from podwright.api.cel.types import Type
from podwright.api.cel.values import (
    INT_MAX,
    INT_MIN,
    INTEGER_OVERFLOW,
    Duration,
    Timestamp,
    UInt,
    checked_duration,
    checked_int,
    checked_timestamp,
    checked_uint,
    type_name,
)

_INT: Final = re.compile(r"[+-]?[0-9]{1,30}")
_UINT: Final = re.compile(r"[0-9]{1,30}")
_FLOAT: Final = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE
)
_LONGEST: Final = 1000
_BOOLS: Final = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}


def _failed(source: str, target: str) -> EvaluationError:
    return EvaluationError(f"type conversion error from '{source}' to '{target}'")


def double_text(value: float) -> str:
    """Return a double as the language writes it: the shortest digits that denote it, `1e+06` from a million on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1.0, value) < 0 else "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(str(digit) for digit in digits)
    point = len(text) + exponent
    text = text.rstrip("0")
    minus = "-" if sign else ""
    if point - 1 < -4 or point - 1 >= 6:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        return f"{minus}{text[0]}{fraction}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    whole = text[:point].ljust(point, "0")
    return f"{minus}{whole}.{text[point:]}" if len(text) > point else f"{minus}{whole}"


def _int_of_double(value: float) -> int:
    if value != value or not INT_MIN < value < INT_MAX:  # noqa: PLR0124 - not a number
        raise EvaluationError(INTEGER_OVERFLOW)
    return int(value)


def _int_of_string(text: str) -> int:
    if _INT.fullmatch(text) is None or not INT_MIN <= int(text) <= INT_MAX:
        raise _failed("string", "int")
    return int(text)


def _uint_of_double(value: float) -> UInt:
    if value != value or not 0 <= value < 2**64:  # noqa: PLR0124 - not a number
        msg = "unsigned integer overflow"
        raise EvaluationError(msg)
    return UInt(int(value))


def _uint_of_string(text: str) -> UInt:
    if _UINT.fullmatch(text) is None or int(text) >= 2**64:
        raise _failed("string", "uint")
    return UInt(int(text))


def _double_of_string(text: str) -> float:
    if len(text) > _LONGEST or _FLOAT.fullmatch(text) is None:
        raise _failed("string", "double")
    found = float(text)
    if math.isinf(found) and "n" not in text.lower():
        raise _failed("string", "double")
    return found


def _bool_of_string(text: str) -> bool:
    if text not in _BOOLS:
        raise _failed("string", "bool")
    return _BOOLS[text]


def _string_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        msg = "invalid UTF-8 in bytes, cannot convert to string"
        raise EvaluationError(msg) from error


def _duration_of_string(text: str) -> Duration:
    found = parse_duration(text)
    if found is None:
        raise _failed("string", "google.protobuf.Duration")
    return checked_duration(found)


def _timestamp_of_string(text: str) -> Timestamp:
    found = parse_timestamp(text)
    if found is None:
        raise _failed("string", "google.protobuf.Timestamp")
    return checked_timestamp(found)


def _timestamp_of_int(seconds: int) -> Timestamp:
    return checked_timestamp(seconds * 10**9)


def _same(value: Any) -> Any:
    return value


def _type(value: Any) -> Type:
    return Type("opaque", type_name(value))


def _grown(numerator: int, denominator: int) -> Cost:
    """Return the cost of a conversion between characters and bytes."""
    walk = traversal(0)

    def estimate(args: list[Sized] | Any) -> Estimate:
        size = args[0].size
        return Estimate(walk.estimate(args).cost, Range(size.low // denominator, min(size.high * numerator, 2**64 - 1)))

    return Cost(estimate, walk.actual)


CONVERSIONS: Final[tuple[Overload, ...]] = (
    declare("type", "(A) type(A)", _type),
    declare("dyn", "(A) dyn", _same),
    declare("bool", "(bool) bool", _same),
    declare("bool", "(string) bool", _bool_of_string),
    declare("bytes", "(bytes) bytes", _same),
    declare("bytes", "(string) bytes", str.encode, _grown(4, 1)),
    declare("double", "(double) double", _same),
    declare("double", "(int) double", float),
    declare("double", "(string) double", _double_of_string),
    declare("double", "(uint) double", float),
    declare("int", "(int) int", _same),
    declare("int", "(double) int", _int_of_double),
    declare("int", "(duration) int", lambda span: span.nanos),
    declare("int", "(string) int", _int_of_string),
    declare("int", "(timestamp) int", lambda at: at.nanos // 10**9),
    declare("int", "(uint) int", lambda value: checked_int(int(value))),
    declare("uint", "(uint) uint", _same),
    declare("uint", "(double) uint", _uint_of_double),
    declare("uint", "(int) uint", checked_uint),
    declare("uint", "(string) uint", _uint_of_string),
    declare("string", "(string) string", _same),
    declare("string", "(bool) string", lambda value: "true" if value else "false"),
    declare("string", "(bytes) string", _string_of_bytes, _grown(1, 4)),
    declare("string", "(double) string", double_text),
    declare("string", "(duration) string", lambda span: duration_text(span.nanos)),
    declare("string", "(int) string", str),
    declare("string", "(timestamp) string", lambda at: timestamp_text(at.nanos)),
    declare("string", "(uint) string", lambda value: str(int(value))),
    declare("duration", "(duration) duration", _same),
    declare("duration", "(string) duration", _duration_of_string),
    declare("timestamp", "(timestamp) timestamp", _same),
    declare("timestamp", "(string) timestamp", _timestamp_of_string),
    declare("timestamp", "(int) timestamp", _timestamp_of_int),
)
