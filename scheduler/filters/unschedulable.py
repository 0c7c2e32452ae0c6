"""A cordoned node takes no new pods, except those that tolerate just that."""

from __future__ import annotations

from podwright.scheduler.constraints import Taint
from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo

_CORDON = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes with spec.unschedulable."""
    if not node.facts.unschedulable or pod.constraints.tolerates(_CORDON):
        return ()
    return (Refusal("node(s) were unschedulable", "cordoned (spec.unschedulable)"),)
