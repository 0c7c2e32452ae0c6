"""Bin-packing: the fuller a node's CPU would be with the pod on it, the better; then the fuller its memory is.

Shares are integers in units of 2**-40, so that comparing them is exact and two nodes of equal size never round to the
same share unless they are equally full.
"""

from __future__ import annotations

from podwright.scheduler.node_info import NodeInfo
from podwright.scheduler.pod_info import PodInfo

ONE = 1 << 40  # a share of 100 %


def cpu_share(pod: PodInfo, node: NodeInfo) -> int:
    """Return the requested share of allocatable CPU with the pod counted in; 0 on a node without CPU."""
    total = node.facts.cpu
    return (node.used_cpu + pod.requests.cpu) * ONE // total if total > 0 else 0


def memory_share(node: NodeInfo) -> int:
    """Return the share of allocatable memory requested so far; 0 on a node without memory."""
    total = node.facts.memory
    return node.used_memory * ONE // total if total > 0 else 0
