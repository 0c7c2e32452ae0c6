"""Each node's share of the cluster's pod addresses: one range of fixed size, given once and kept.

The lowest free range is given, so the same nodes in the same order get the same ranges. What a node has is never
changed, even where it lies outside the cluster's range.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

from podwright.controllers.actions import NOTHING, Note, Patch, Plan, Tell
from podwright.controllers.meta import Whole
from podwright.controllers.resources import NODES

_LATER: Final = 30.0  # seconds until a node that got none is looked at again


class Ranges:
    """Which ranges nodes have, or are about to get. Raises ValueError where the cluster's range is none."""

    def __init__(self, cluster: str, bits: int) -> None:
        whole = IPv4Network(cluster)
        self._bits = bits
        self._size = 1 << (32 - bits)
        self._first = int(whole.network_address)
        self._count = max(0, whole.num_addresses // self._size)
        self._holders: dict[int, set[str]] = {}
        self._held: dict[str, str] = {}
        self._low = 0  # no range below this one is free

    def hold(self, node: str, cidr: str) -> None:
        """Note that a node has a range."""
        if self._held.get(node) == cidr:
            return
        self.release(node)
        self._held[node] = cidr
        for index in self._indices(cidr):
            self._holders.setdefault(index, set()).add(node)

    def release(self, node: str) -> None:
        """Note that a node is gone, and its range free."""
        cidr = self._held.pop(node, None)
        for index in self._indices(cidr) if cidr else ():
            holders = self._holders.get(index, set())
            holders.discard(node)
            if not holders:
                self._holders.pop(index, None)
                self._low = min(self._low, index)

    def of(self, node: str) -> str | None:
        """Return what a node has or is about to get."""
        return self._held.get(node)

    def lowest_free(self) -> str | None:
        """Return the first range that overlaps none in use."""
        while self._low < self._count and self._low in self._holders:
            self._low += 1
        if self._low >= self._count:
            return None
        return str(IPv4Network((self._first + self._low * self._size, self._bits)))

    def _indices(self, cidr: str) -> range:
        network = IPv4Network(cidr, strict=False)
        start = (int(network.network_address) - self._first) // self._size
        end = (int(network.broadcast_address) - self._first) // self._size
        return range(max(0, start), min(self._count, end + 1))


def reconcile(node: Whole, ranges: Ranges) -> Plan:
    """Return the patch that gives the node a range, and note it as given."""
    if node.spec.get("podCIDR") or node.meta.deleted is not None:
        return NOTHING
    cidr = ranges.of(node.meta.name) or ranges.lowest_free()
    if cidr is None:
        text = f"Node {node.meta.name} status is now: CIDRNotAvailable"
        return Plan((Tell(Note("CIDRNotAvailable", text)),), _LATER)
    ranges.hold(node.meta.name, cidr)
    body = {"metadata": {"uid": node.meta.uid}, "spec": {"podCIDR": cidr, "podCIDRs": [cidr]}}
    return Plan((Patch(NODES, "", node.meta.name, body, form="strategic"),))
