"""How the scores add up to one order over nodes: packing weighs twice as much as what is preferred of nodes,
and as much as what is preferred of other pods.

The order is total and depends on nothing but the snapshot and the seed, so the same questions get the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from podwright.scheduler.constraints import Constraints
from podwright.scheduler.domains import Domains
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.rules.rule import Counts
from podwright.scheduler.rules.ruleset import Parts
from podwright.scheduler.scores import evenness, neighbours, node_affinity, prefer_no_schedule
from podwright.scheduler.scores.most_allocated import ONE, cpu_share, memory_share

PACKING_WEIGHT = 2
AFFINITY_WEIGHT = 1
TAINT_WEIGHT = 1
NEIGHBOUR_WEIGHT = 2
SPREAD_WEIGHT = 2

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


def company(parts: Parts, counts: Sequence[Counts], domains: Sequence[Domains]) -> list[int]:
    """Return what other pods add to the total of each place that a pod may go to, given the places' counts.

    Nothing where the pod prefers nothing: then it need not be asked.
    """
    totals = [0] * len(counts)
    if parts.near and counts:
        for index, share in enumerate(neighbours.shares([neighbours.raw(parts, c) for c in counts])):
            totals[index] += NEIGHBOUR_WEIGHT * 100 * share
    if parts.even and counts:
        for index, share in enumerate(evenness.shares([evenness.raw(parts, c, domains) for c in counts])):
            totals[index] += SPREAD_WEIGHT * 100 * share
    return totals


def rank(pod: PodInfo, node: NodeInfo, seed: int) -> Rank:
    """Return the key by which nodes are compared: the smallest wins."""
    total = weigh(cpu_share(pod, node), preference(pod.constraints, node.facts))
    return -total, -memory_share(node), tie(seed, node.facts.name), node.facts.name
