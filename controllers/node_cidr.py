"""Each node's share of the cluster's pod addresses: one range of fixed size, given once and kept.

The lowest free range is given, so the same nodes in the same order get the same ranges. What a node has is never
changed, even where it lies outside the cluster's range.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Final

from podwright.controllers.actions import NOTHING, Note, Patch, Plan, Tell
from podwright.controllers.meta import Whole
from podwright.controllers.resources import NODES

_LATER: Final = 30.0  # seconds until a node that got none is looked at again


def reconcile(node: Whole, taken: Iterable[str], cluster: str, bits: int) -> Plan:
    """Return the patch that gives the node a range; `taken` are all ranges in use or about to be."""
    if node.spec.get("podCIDR") or node.meta.deleted is not None:
        return NOTHING
    cidr = lowest_free(cluster, bits, taken)
    if cidr is None:
        text = f"Node {node.meta.name} status is now: CIDRNotAvailable"
        return Plan((Tell(Note("CIDRNotAvailable", text)),), _LATER)
    body = {"metadata": {"uid": node.meta.uid}, "spec": {"podCIDR": cidr, "podCIDRs": [cidr]}}
    return Plan((Patch(NODES, "", node.meta.name, body, form="strategic"),))


def lowest_free(cluster: str, bits: int, taken: Iterable[str]) -> str | None:
    """Return the first range of that prefix length that overlaps none in `taken`. Raises ValueError on a bad range."""
    size = 1 << (32 - bits)
    whole = IPv4Network(cluster)
    first, last = int(whole.network_address), int(whole.broadcast_address)
    used: set[int] = set()
    for text in taken:
        network = IPv4Network(text, strict=False)
        start, end = max(first, int(network.network_address)), min(last, int(network.broadcast_address))
        if start <= end:
            used.update(range((start - first) // size, (end - first) // size + 1))
    for index in range((last - first + 1) // size):
        if index not in used:
            return str(IPv4Network((first + index * size, bits)))
    return None
