"""The filters in the order they are asked; the first one that refuses a node gives the reason.

STATIC filters read only the pod's constraints and the node's facts, so their answer holds until either changes;
DYNAMIC ones read the node's account; those of `refusals` alone read what the question knows of the rest of the
cluster. A filter must never change what it is given.
"""

from __future__ import annotations

from collections.abc import Callable

from podwright.scheduler.filters import host_ports, node_name, node_selector, resources, taints, unschedulable, volumes
from podwright.scheduler.filters.refusal import Refusals
from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo
from podwright.scheduler.question import Question

Filter = Callable[[PodInfo, NodeInfo], Refusals]

STATIC: tuple[Filter, ...] = (unschedulable.refuse, node_name.refuse, taints.refuse, node_selector.refuse)
DYNAMIC: tuple[Filter, ...] = (host_ports.refuse, resources.refuse)


def refusals(question: Question, node: NodeInfo) -> Refusals:
    """Return why the node will not do: the reasons of the first filter that refuses, () where the pod may go there."""
    for refuse in (*STATIC, *DYNAMIC):
        found = refuse(question.pod, node)
        if found:
            return found
    found = volumes.refuse(question.pod, node, question.demand) if question.pod.claims else ()
    if found or question.rules is None:
        return found
    return question.rules.refuse(node, question.domains)
