"""How the scores add up to one order over nodes: packing weighs twice as much as each soft preference.

The order is total and depends on nothing but the snapshot and the seed, so the same questions get the same answers.
"""

from __future__ import annotations

from hashlib import blake2b

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.scores import node_affinity, prefer_no_schedule
from podwright.scheduler.scores.most_allocated import ONE, cpu_share, memory_share

PACKING_WEIGHT = 2
AFFINITY_WEIGHT = 1
TAINT_WEIGHT = 1

Rank = tuple[int, int, int, str]


def preference(constraints: Constraints, node: NodeFacts) -> int:
    """Return the weighted soft preferences: what of the total does not depend on the node's account."""
    return AFFINITY_WEIGHT * node_affinity.score(constraints, node) + TAINT_WEIGHT * prefer_no_schedule.score(
        constraints, node
    )


def tie(seed: int, name: str) -> int:
    """Return a node's place among equals: fixed by the seed, without pattern."""
    return int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "big")


def weigh(share: int, soft: int) -> int:
    """Add a CPU share (units of 2**-40) and a preference up."""
    return PACKING_WEIGHT * 100 * share + soft * ONE


def rank(pod: PodInfo, node: NodeInfo, seed: int) -> Rank:
    """Return the key by which nodes are compared: the smallest wins."""
    total = weigh(cpu_share(pod, node), preference(pod.constraints, node.facts))
    return -total, -memory_share(node), tie(seed, node.facts.name), node.facts.name
