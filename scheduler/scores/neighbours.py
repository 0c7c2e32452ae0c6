"""Preferred neighbours: pods that are wanted near count for a place, those that are not against it.

Raw sums over the places that a pod may go to are spread over 0 to 100 %, in the units of `most_allocated`.
"""

from __future__ import annotations

from collections.abc import Sequence

from podwright.scheduler.rules.rule import Counts
from podwright.scheduler.rules.ruleset import Parts
from podwright.scheduler.scores.most_allocated import ONE


def raw(parts: Parts, counts: Counts) -> int:
    """Return the weighted sum of the pods near."""
    return sum(weight * (counts[at] or 0) for at, weight in parts.near)


def shares(sums: Sequence[int]) -> list[int]:
    """Return each place's share: ONE for the largest sum, 0 for the smallest, 0 for all where all are equal."""
    low, high = min(sums), max(sums)
    return [(value - low) * ONE // (high - low) if high > low else 0 for value in sums]
