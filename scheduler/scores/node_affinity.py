"""Preferred node affinity: the weight of the preferences that a node meets, out of all of them."""

from __future__ import annotations

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.node_info import NodeFacts


def score(constraints: Constraints, node: NodeFacts) -> int:
    """Return 0..100; the same for every node where the pod prefers nothing."""
    whole = sum(weight for weight, _ in constraints.preferred)
    if whole <= 0:
        return 0
    met = sum(weight for weight, term in constraints.preferred if term.matches(node.name, node.labels))
    return 100 * met // whole
