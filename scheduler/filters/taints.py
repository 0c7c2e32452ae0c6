"""Taints NoSchedule and NoExecute keep away pods that do not tolerate them."""

from __future__ import annotations

from podwright.scheduler.filters.refusal import Refusal, Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo

_HARD = frozenset({"NoSchedule", "NoExecute"})


def refuse(pod: PodInfo, node: NodeInfo) -> Refusals:
    """Refuse nodes with a hard taint that the pod does not tolerate."""
    missing = [t for t in node.facts.taints if t.effect in _HARD and not pod.constraints.tolerates(t)]
    if not missing:
        return ()
    detail = f"untolerated taint {', '.join(str(t) for t in missing)}"
    return (Refusal("node(s) had untolerated taint(s)", detail),)
