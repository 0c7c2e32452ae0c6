"""Quantities against plain fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api import quantity
from podwright.api.quantity import Quantity, QuantityError

SUFFIXES = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1), "k": Fraction(10**3),
    "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12), "P": Fraction(10**15), "E": Fraction(10**18),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40), "Pi": Fraction(2**50),
    "Ei": Fraction(2**60), "e3": Fraction(1000), "E3": Fraction(1000), "e-3": Fraction(1, 1000), "e+2": Fraction(100),
    "e0": Fraction(1),
}  # fmt: skip
CAP = 2**63 - 1


def ceil_away(value: Fraction) -> int:
    return math.ceil(value) if value >= 0 else -math.ceil(-value)


def exact(number: str, suffix: str) -> Fraction:
    """The dumb way: a fraction, rounded away from zero at the ninth digit."""
    nanos = ceil_away(Fraction(number if number.strip("+-.") else "0") * SUFFIXES[suffix] * 10**9)
    if "i" in suffix:
        nanos = max(-CAP * 10**9, min(CAP * 10**9, nanos))
    return Fraction(nanos, 10**9)


numbers = st.builds(
    lambda sign, whole, fraction: sign + whole + fraction,
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**7).map(str),
    st.one_of(st.just(""), st.integers(0, 10**6).map(lambda n: f".{n}")),
)


@given(numbers, st.sampled_from(list(SUFFIXES)))
def test_parse_is_exact(number: str, suffix: str) -> None:
    assert Fraction(quantity.parse(number + suffix).nanos, 10**9) == exact(number, suffix)


@given(numbers, st.sampled_from(list(SUFFIXES)))
def test_milli_and_whole_round_away_from_zero(number: str, suffix: str) -> None:
    value = Fraction(quantity.parse(number + suffix).nanos, 10**9)
    assert quantity.milli(number + suffix) == ceil_away(value * 1000)
    assert quantity.whole(number + suffix) == ceil_away(value)


@given(numbers, st.sampled_from(list(SUFFIXES)))
def test_the_canonical_form_is_a_fixed_point_of_the_same_value(number: str, suffix: str) -> None:
    once = quantity.canonical(number + suffix)
    assert quantity.canonical(once) == once
    assert quantity.parse(once) == quantity.parse(number + suffix)
    digits = once.lstrip("-").rstrip("numkKMGTPEi") if "e" not in once else once.lstrip("-").split("e")[0]
    assert digits.isdigit(), "canonical numbers have no fraction"
    assert digits == "0" or "i" in once or int(digits) % 1000 or once.endswith("E"), "the suffix is the largest"


@given(numbers, numbers, st.sampled_from(["", "m", "Mi"]))
def test_order_and_sum_agree_with_fractions(left: str, right: str, suffix: str) -> None:
    a, b = quantity.parse(left + suffix), quantity.parse(right)
    x, y = Fraction(a.nanos), Fraction(b.nanos)
    assert quantity.compare(left + suffix, right) == (x > y) - (x < y)
    assert (a < b, a == b, a >= b) == (x < y, x == y, x >= y)
    assert quantity.add(a, b).nanos == x + y
    assert (a - b).nanos == x - y


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", "0"), ("0.5", "500m"), ("1500m", "1500m"), ("1000m", "1"), ("1024Mi", "1Gi"), ("2048Mi", "2Gi"),
        ("1.5Gi", "1536Mi"), ("100e3", "100e3"), ("1e3", "1e3"), ("1000000000", "1G"), ("1000Ki", "1000Ki"),
        ("0.1Ki", "102400m"), ("1Ki", "1Ki"), ("512", "512"), ("-1.5", "-1500m"), ("+2", "2"), ("1.25Ki", "1280"),
        ("1.5Ki", "1536"), ("1e-10", "1e-9"), ("0.0000000001", "1n"), ("12E", "12E"), ("1000E", "1000E"),
        ("16Ei", str(CAP)), ("9999999999999999999", str(CAP)), (".5", "500m"), ("5.", "5"), ("010", "10"),
        ("0Gi", "0"), ("-0.5Ki", "-512"), ("12e6", "12e6"), (" 1Gi\n", "1Gi"), ("1E2", "100"), ("120e-1", "12"),
    ],
)  # fmt: skip
def test_canonical(text: str, wanted: str) -> None:
    assert quantity.canonical(text) == wanted


@pytest.mark.parametrize(("number", "wanted"), [(1, "1"), (0.5, "500m"), (1e3, "1k"), (2000, "2k"), (1e22, "10e21")])
def test_bare_numbers(number: float, wanted: str) -> None:
    assert quantity.canonical(number) == wanted


@pytest.mark.parametrize(
    "bad",
    ["", " ", "x", "1.5x", "1 Gi", "1e", "--1", "1.2.3", "5parsecs", "Gi1", "1KiB", "1gi", "0x10", "1e1.5", "1e999999"],
)
def test_what_is_no_quantity(bad: str) -> None:
    with pytest.raises(QuantityError):
        quantity.parse(bad)


@pytest.mark.parametrize("bad", [True, None, [], {}])
def test_other_types_are_no_quantity(bad: object) -> None:
    with pytest.raises((QuantityError, TypeError)):
        quantity.parse(bad)  # pyright: ignore[reportArgumentType]


def test_true_is_not_remembered_as_one() -> None:
    assert quantity.milli(1) == 1000
    with pytest.raises(QuantityError):
        quantity.milli(True)


def test_sums_keep_the_family_of_the_first() -> None:
    assert str(quantity.add("1Gi", "1Gi")) == "2Gi"
    assert str(quantity.add("0", "1Gi")) == "1Gi"
    assert str(quantity.parse("1Gi") - quantity.parse("512Mi")) == "512Mi"
    assert str(-quantity.parse("100m")) == "-100m"
    assert str(quantity.add("0.0005Ki", "1024")) == "1024512m", "less than one is never binary"
    assert str(quantity.add("0.0005Ki", "1023488m")) == "1024", "less than one is never binary"


def test_equal_amounts_are_one_key() -> None:
    assert len({quantity.parse("1"), quantity.parse("1000m"), quantity.parse("1e0")}) == 1
    assert not Quantity(0)
