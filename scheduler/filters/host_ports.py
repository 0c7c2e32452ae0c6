"""Two pods cannot serve the same port of one node (unless on different addresses or protocols)."""

from __future__ import annotations

from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes where a wanted host port is taken."""
    clash = node.clash(pod.constraints.ports) if pod.constraints.ports else None
    if clash is None:
        return ()
    detail = f"host port {clash} is taken"
    return (Refusal("node(s) didn't have free ports for the requested pod ports", detail, curable=True),)
