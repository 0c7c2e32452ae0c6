"""Amounts of resources: `500m` cpu, `1.5Gi` memory. Exact arithmetic, never a float.

The finest unit is one billionth; anything finer is rounded away from zero, so that who asks for something gets
something. `milli` and `whole` are called for every container of every pod by the scheduler: they remember what
they have parsed.

    plain decimal   n u m "" k M G T P E      binary  Ki Mi Gi Ti Pi Ei      exponent  e3 E-2
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, total_ordering
from typing import Literal

Format = Literal["decimal", "binary", "exponent"]

_NANO = 10**9
_MILLI_NANOS = 10**6
# Binary amounts, and decimal ones of more than 18 digits, end at the largest 64-bit integer.
_MAX = (2**63 - 1) * _NANO
_FREE_DIGITS = 18
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_BINARY_SUFFIX = {exponent: suffix for suffix, exponent in _BINARY.items()} | {0: ""}
_SUFFIX_LETTERS = frozenset("eEinumkKMGTP")
_DIGITS = frozenset("0123456789")
_WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_WRONG_SUFFIX = "unable to parse quantity's suffix"
_MAX_EXPONENT = 64  # keeps a hostile `1e999999999` cheap


class QuantityError(ValueError):
    """A value is no quantity. Retrying cannot help."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """An exact amount in billionths, and the family of suffixes it was written in."""

    nanos: int
    format: Format = "decimal"

    def milli(self) -> int:
        """Thousandths, rounded away from zero."""
        return _divide_up(self.nanos, _MILLI_NANOS)

    def whole(self) -> int:
        """Units, rounded away from zero."""
        return _divide_up(self.nanos, _NANO)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.nanos == other.nanos

    def __lt__(self, other: Quantity) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos + other.nanos, self.format if self.nanos else other.format)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos - other.nanos, self.format if self.nanos else other.format)

    def __neg__(self) -> Quantity:
        return Quantity(-self.nanos, self.format)

    def __bool__(self) -> bool:
        return self.nanos != 0

    def __str__(self) -> str:
        """Return the canonical form: the largest suffix of the family that leaves a whole number."""
        nanos = self.nanos
        if not nanos:
            return "0"
        if self.format == "binary" and abs(nanos) >= 1024 * _NANO and nanos % _NANO == 0:
            return _canonical_binary(nanos // _NANO)
        return _canonical_decimal(nanos, exponent_form=self.format == "exponent")


@lru_cache(maxsize=8192, typed=True)
def parse(value: str | float) -> Quantity:
    """Return the quantity that a string (or a bare JSON number) denotes. Raises QuantityError."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise QuantityError(_WRONG_FORMAT)
    return _parse_text(value if isinstance(value, str) else repr(value))


@lru_cache(maxsize=8192, typed=True)
def milli(value: str | float | Quantity) -> int:
    """Return thousandths (cpu), rounded away from zero. Raises QuantityError."""
    return (value if isinstance(value, Quantity) else parse(value)).milli()


@lru_cache(maxsize=8192, typed=True)
def whole(value: str | float | Quantity) -> int:
    """Return units (bytes, pods), rounded away from zero. Raises QuantityError."""
    return (value if isinstance(value, Quantity) else parse(value)).whole()


@lru_cache(maxsize=8192, typed=True)
def canonical(value: str | float) -> str:
    """Return the form in which the API stores it: `0.5` is `500m`, `1024Mi` is `1Gi`. Raises QuantityError."""
    return str(parse(value))


def compare(left: str | float | Quantity, right: str | float | Quantity) -> int:
    """Return -1, 0 or 1. Raises QuantityError."""
    a = left if isinstance(left, Quantity) else parse(left)
    b = right if isinstance(right, Quantity) else parse(right)
    return (a.nanos > b.nanos) - (a.nanos < b.nanos)


def add(left: str | float | Quantity, right: str | float | Quantity) -> Quantity:
    """Return the sum, written in the family of the first that is not zero. Raises QuantityError."""
    a = left if isinstance(left, Quantity) else parse(left)
    return a + (right if isinstance(right, Quantity) else parse(right))


def _parse_text(text: str) -> Quantity:
    text = text.strip(" \t\r\n")
    if not text:
        raise QuantityError(_WRONG_FORMAT)
    at = 1 if text[0] in "+-" else 0
    start = at
    at = _skip(text, at, _DIGITS)
    digits, fraction = text[start:at], ""
    if text[at : at + 1] == ".":
        start, at = at + 1, _skip(text, at + 1, _DIGITS)
        fraction = text[start:at]
    suffix = text[at:]
    at = _skip(text, at, _SUFFIX_LETTERS)
    if text[at : at + 1] in ("+", "-"):
        at += 1
    if _skip(text, at, _DIGITS) != len(text):
        raise QuantityError(_WRONG_FORMAT)
    digits = digits.lstrip("0") or "0"
    base, exponent, family = _interpret(suffix)
    nanos = _nanos(int(digits + fraction), len(fraction), base, exponent)
    if base == 2 or len(digits) + len(fraction) > _FREE_DIGITS:
        nanos = min(nanos, _MAX)
    if base == 2 and nanos < _NANO:
        family = "decimal"
    return Quantity(-nanos if text[0] == "-" else nanos, family)


def _skip(text: str, at: int, allowed: frozenset[str]) -> int:
    end = len(text)
    while at < end and text[at] in allowed:
        at += 1
    return at


def _interpret(suffix: str) -> tuple[int, int, Format]:
    if suffix in _DECIMAL:
        return 10, _DECIMAL[suffix], "decimal"
    if suffix in _BINARY:
        return 2, _BINARY[suffix], "binary"
    if len(suffix) > 1 and suffix[0] in "eE":
        digits = suffix[1:]
        exponent = int(digits) if digits.lstrip("+-").isdigit() and len(digits) < 10 else _MAX_EXPONENT + 1
        if abs(exponent) <= _MAX_EXPONENT:
            return 10, exponent, "exponent"
    raise QuantityError(_WRONG_SUFFIX)


def _nanos(unscaled: int, places: int, base: int, exponent: int) -> int:
    if base == 2:
        return _divide_up((unscaled << exponent) * _NANO, 10**places)
    power = exponent - places + 9
    return unscaled * 10**power if power >= 0 else _divide_up(unscaled, 10**-power)


def _divide_up(value: int, by: int) -> int:
    return -(-value // by) if value >= 0 else value // by


def _canonical_binary(units: int) -> str:
    exponent = 0
    while units % 1024 == 0 and exponent < 60:
        units //= 1024
        exponent += 10
    return f"{units}{_BINARY_SUFFIX[exponent]}"


def _canonical_decimal(nanos: int, *, exponent_form: bool) -> str:
    exponent = -9
    while nanos % 1000 == 0 and (exponent_form or exponent < 18):
        nanos //= 1000
        exponent += 3
    if exponent_form:
        return f"{nanos}e{exponent}" if exponent else str(nanos)
    return f"{nanos}{_DECIMAL_SUFFIX[exponent]}"
