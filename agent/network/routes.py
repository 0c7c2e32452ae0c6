"""Which routes to other nodes' pods to add and to remove. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from podwright.agent.linux.netlink import ROUTE_PROTOCOL, Route


@dataclass(frozen=True, slots=True)
class RouteChanges:
    """What brings the kernel's routes to what is wanted."""

    put: tuple[tuple[IPv4Network, IPv4Address], ...]
    remove: tuple[Route, ...]


def changes(wanted: Sequence[tuple[str, str]], present: Sequence[Route], within: Sequence[str]) -> RouteChanges:
    """`wanted`: (pod CIDR, node address) pairs. Only our own routes inside `within` (CIDRs) are ever removed."""
    targets = {IPv4Network(cidr): IPv4Address(via) for cidr, via in wanted}
    ranges = [IPv4Network(cidr) for cidr in within]
    ours = [
        route
        for route in present
        if route.protocol == ROUTE_PROTOCOL
        and route.via is not None
        and any(route.destination.subnet_of(each) for each in ranges)
    ]
    there = {route.destination: route.via for route in ours}
    return RouteChanges(
        put=tuple((cidr, via) for cidr, via in targets.items() if there.get(cidr) != via),
        remove=tuple(route for route in ours if route.destination not in targets),
    )
