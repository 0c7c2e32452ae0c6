"""The arithmetic of a rolling update: how many replicas may be added, how many must stay available.

Plain integers in, plain integers out, so that two promises can be tested over all inputs: together the ReplicaSets
never ask for more than replicas + maxSurge, and nothing is taken away that would leave fewer than
replicas - maxUnavailable available.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """A strategy's bounds for a given number of replicas, in pods."""

    surge: int
    unavailable: int


@dataclass(frozen=True, slots=True)
class Size:
    """One ReplicaSet: what it is asked for, and how many of its pods are available."""

    name: str
    replicas: int
    available: int = 0


def scaled(value: int | str, whole: int, *, up: bool) -> int:
    """Return a count, or a percentage of `whole`, as pods. Raises ValueError on text that is neither."""
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        msg = f"invalid value for IntOrString: {value!r} is neither a number nor a percentage"
        raise ValueError(msg)
    product = int(value[:-1]) * whole
    return -(-product // 100) if up else product // 100


def limits(max_surge: int | str, max_unavailable: int | str, replicas: int) -> Limits:
    """Resolve both bounds: surge rounds up, unavailable down. Never both zero, or nothing could ever move."""
    surge = scaled(max_surge, replicas, up=True)
    unavailable = scaled(max_unavailable, replicas, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Limits(surge, min(unavailable, replicas) if replicas else 0)


def new_size(replicas: int, bounds: Limits, new: int, total: int) -> int:
    """Return what the new ReplicaSet should ask for, given what all together (itself included) ask for now."""
    if new >= replicas:
        return replicas
    room = replicas + bounds.surge - total
    return new + max(0, min(room, replicas - new))


def shrink_old(replicas: int, bounds: Limits, new: Size, old: Sequence[Size]) -> dict[str, int]:
    """Return new sizes for old ReplicaSets (oldest first) that may shrink now; unhealthy replicas go first."""
    total = new.replicas + sum(rs.replicas for rs in old)
    least = replicas - bounds.unavailable
    budget = total - least - (new.replicas - new.available)
    if budget <= 0 or not any(rs.replicas for rs in old):
        return {}
    sizes = {rs.name: rs.replicas for rs in old}
    for rs in old:
        cut = min(budget, max(0, rs.replicas - rs.available))
        sizes[rs.name] -= cut
        budget -= cut
    spare = new.available + sum(rs.available for rs in old) - least
    for rs in old:
        cut = min(max(0, spare), sizes[rs.name])
        sizes[rs.name] -= cut
        spare -= cut
    return {rs.name: sizes[rs.name] for rs in old if sizes[rs.name] != rs.replicas}


@dataclass(frozen=True, slots=True)
class Share:
    """One active ReplicaSet in a proportional scaling. `before`: the largest total when it was last sized."""

    name: str
    replicas: int
    before: int


def spread(replicas: int, surge: int, shares: Sequence[Share]) -> dict[str, int]:
    """Return sizes of all active ReplicaSets after a scaling in the middle of a rollout, each in proportion.

    `shares` come in the order in which they are served: largest and newest first to grow, largest and oldest first to
    shrink. The first takes what rounding leaves over.
    """
    allowed = replicas + surge if replicas > 0 else 0
    change = allowed - sum(s.replicas for s in shares)
    sizes: dict[str, int] = {}
    added = 0
    for share in shares:
        part = _proportion(share, replicas, surge, change, added)
        sizes[share.name] = share.replicas + part
        added += part
    if shares and change:
        first = shares[0].name
        sizes[first] = max(0, sizes[first] + change - added)
    return sizes


def _proportion(share: Share, replicas: int, surge: int, change: int, added: int) -> int:
    if share.replicas == 0 or change in {0, added}:
        return 0
    if replicas == 0:
        part = -share.replicas
    else:
        exact = Decimal(share.replicas * (replicas + surge)) / Decimal(share.before)
        part = int(exact.to_integral_value(ROUND_HALF_UP)) - share.replicas
    left = change - added
    return min(part, left) if change > 0 else max(part, left)
