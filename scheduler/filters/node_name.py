"""A pod may name its node outright."""

from __future__ import annotations

from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse every node but the named one."""
    wanted = pod.node
    if not wanted or wanted == node.facts.name:
        return ()
    return (Refusal("node(s) didn't match the requested node name", f"the pod names node {wanted}"),)
