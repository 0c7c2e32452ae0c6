"""Resource amounts in objects: their canonical spelling, sign and comparison.

Parsing is cached by spelling, because a cluster's pods repeat few amounts. It must never see an amount that
decoding has not accepted: those were refused before a strategy runs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from podwright.api import quantity

JSON = dict[str, Any]


@lru_cache(maxsize=4096)
def canonical_amount(value: str | float) -> str:
    """Spell an amount canonically, rounded up to thousandths ("0.5" -> "500m", "0.0001" -> "1m")."""
    parsed = quantity.parse(value)
    milli = parsed.milli()
    if quantity.parse(f"{milli}m") != parsed:
        return quantity.canonical(f"{milli}m")
    return str(parsed)


@lru_cache(maxsize=4096)
def milli_of(value: str | float) -> int:
    """Return an amount in thousandths, rounded up; for signs and comparisons."""
    return quantity.milli(value)


def default_resource_list(amounts: JSON | None) -> None:
    """Spell every amount of a resource list canonically, in place."""
    if amounts:
        for name, value in amounts.items():
            amounts[name] = canonical_amount(value)


def copy_missing(source: JSON | None, target: JSON) -> None:
    """Copy the entries of `source` that `target` lacks."""
    for name, value in (source or {}).items():
        target.setdefault(name, value)


@lru_cache(maxsize=4096)
def whole_of(value: str | float) -> int:
    """Return an amount in whole units, rounded up."""
    return quantity.whole(value)
