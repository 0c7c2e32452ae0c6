"""Taints PreferNoSchedule: each one that the pod does not tolerate makes a node less welcome."""

from __future__ import annotations

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.node_info import NodeFacts


def score(constraints: Constraints, node: NodeFacts) -> int:
    """Return 100 without such taints, 50 with one, 33 with two and so on."""
    if not node.taints:
        return 100
    unwelcome = sum(t.effect == "PreferNoSchedule" and not constraints.tolerates(t) for t in node.taints)
    return 100 // (1 + unwelcome)
