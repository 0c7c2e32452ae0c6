"""Spread constraints that are only preferred: the fewer of a pod's like are in a domain, the better.

Counts of labels with many values weigh more, or those with few would drown them. All in the units of
`most_allocated`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from podwright.scheduler.domains import Domains
from podwright.scheduler.rules.rule import Counts
from podwright.scheduler.rules.ruleset import Parts
from podwright.scheduler.scores.most_allocated import ONE


def raw(parts: Parts, counts: Counts, domains: Sequence[Domains]) -> int | None:
    """Return how crowded a place is, None where a node lacks one of the labels."""
    crowd = 0.0
    for at, max_skew in parts.even:
        count = counts[at]
        if count is None:
            return None
        crowd += count * math.log(len(domains[at]) + 2) + max_skew - 1
    return round(crowd)


def shares(crowds: Sequence[int | None]) -> list[int]:
    """Return each place's share: ONE for the least crowded, less by how much the others are, 0 without the labels."""
    known = [crowd for crowd in crowds if crowd is not None]
    low, high = min(known, default=0), max(known, default=0)
    return [
        0 if crowd is None else ONE if high == 0 else (high + low - crowd) * ONE // high for crowd in crowds
    ]  # fmt: skip
