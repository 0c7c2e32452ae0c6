"""Paces of rolling updates: numbers of pods, or percentages of them."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors


def number_or_percent(errors: Errors, path: str, value: Any) -> None:
    """Check that a pace is a number that is not negative, or a percentage."""
    if isinstance(value, str):
        formats.complain(errors, path, value, names.percent(value))
    else:
        formats.not_negative(errors, path, value)


def not_more_than_all(errors: Errors, path: str, value: Any) -> None:
    """Check that a percentage is at most 100%."""
    if isinstance(value, str) and not names.percent(value) and amount(value) > 100:
        errors.append(field_errors.invalid(path, value, "must not be greater than 100%"))


def amount(value: Any) -> int:
    """Return a number or a percentage as a number; 0 for what is neither."""
    if isinstance(value, int):
        return value
    digits = str(value).removesuffix("%")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
