"""Addresses of a lab: one network for its nodes, one range for its pods, clear of everything this machine has. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

_UNDERLAYS = [ipaddress.IPv4Network(f"10.88.{n}.0/24") for n in range(256)]
_POD_RANGES = [ipaddress.IPv4Network(f"10.{n}.0.0/16") for n in range(244, 256)]
_FIRST_NODE = 10


class NoRoom(Exception):
    """Every candidate range is taken on this machine."""


@dataclass(frozen=True, slots=True)
class Subnets:
    """A lab's ranges. The control plane has the underlay's first address."""

    underlay: str
    pods: str

    @property
    def gateway(self) -> str:
        """The address of the machine itself, as the nodes see it."""
        return str(ipaddress.IPv4Network(self.underlay)[1])

    def node(self, index: int) -> str:
        """The address of the node with this index (from 0)."""
        return str(ipaddress.IPv4Network(self.underlay)[_FIRST_NODE + index])


MAX_NODES = 240


def choose(in_use: Iterable[str], before: Subnets | None = None) -> Subnets:
    """Pick ranges that overlap none of `in_use` (networks of routes and of other labs). Raises NoRoom.

    `before`: the ranges this lab had; it keeps them while they are free.
    """
    taken = [ipaddress.IPv4Network(n, strict=False) for n in in_use]
    if before and not any(ipaddress.IPv4Network(n).overlaps(t) for n in (before.underlay, before.pods) for t in taken):
        return before
    return Subnets(_free(_UNDERLAYS, taken, "nodes"), _free(_POD_RANGES, taken, "pods"))


def _free(candidates: Iterable[ipaddress.IPv4Network], taken: Iterable[ipaddress.IPv4Network], what: str) -> str:
    held = list(taken)
    for network in candidates:
        if not any(network.overlaps(t) for t in held):
            return str(network)
    msg = f"cannot find a free network for the {what}: all candidates overlap routes of this machine"
    raise NoRoom(msg)
