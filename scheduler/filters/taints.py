"""Taints NoSchedule and NoExecute keep away pods that do not tolerate them."""

from __future__ import annotations

from podwright.scheduler.constraints import Constraints, Taint
from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeFacts, NodeInfo
from podwright.scheduler.pod_info import PodInfo

_HARD = frozenset({"NoSchedule", "NoExecute"})


def untolerated(constraints: Constraints, facts: NodeFacts) -> list[Taint]:
    """Return the hard taints that are not tolerated."""
    return [t for t in facts.taints if t.effect in _HARD and not constraints.tolerates(t)]


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes with a hard taint that the pod does not tolerate."""
    missing = untolerated(pod.constraints, node.facts)
    if not missing:
        return ()
    detail = f"untolerated taint {', '.join(str(t) for t in missing)}"
    return (Refusal("node(s) had untolerated taint(s)", detail),)
