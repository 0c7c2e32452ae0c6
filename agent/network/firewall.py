"""The node's nftables rules for pods, as text for nft(8). Pure.

One table per cluster, `podwright-<cluster id>`, so that it is found and removed as a whole; what belongs to others is
never touched. Every text is one transaction: the kernel takes all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PROTOCOLS: Final = ("tcp", "udp")


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port of the node that leads to a pod. `protocol`: "TCP" or "UDP"; `host_ip` "": any address of the node."""

    protocol: str
    port: int
    host_ip: str
    pod_ip: str
    pod_port: int


def table(cluster_id: str) -> str:
    """The table's name."""
    return f"podwright-{cluster_id}"


def setup(cluster_id: str, pod_cidrs: Sequence[str]) -> str:
    """Make the table, or bring an older one up to date; host ports that are in it stay.

    Pods' packets that leave the cluster's pod ranges take the node's address: elsewhere nobody knows the way back. So
    do those of a pod that reaches itself through a host port: it would drop packets from its own address.
    """
    name = table(cluster_id)
    return "\n".join(
        (
            f"table ip {name} {{",
            "  set pods { type ipv4_addr; flags interval; }",
            "  set own { type ipv4_addr . ipv4_addr; }",
            *(f"  map {protocol}-any {{ type inet_service : ipv4_addr . inet_service; }}" for protocol in PROTOCOLS),
            *(
                f"  map {protocol}-one {{ type ipv4_addr . inet_service : ipv4_addr . inet_service; }}"
                for protocol in PROTOCOLS
            ),
            "  chain host-ports { }",
            "  chain prerouting { type nat hook prerouting priority dstnat; policy accept; }",
            "  chain output { type nat hook output priority -100; policy accept; }",
            "  chain postrouting { type nat hook postrouting priority srcnat; policy accept; }",
            "}",
            *(f"flush chain ip {name} {chain}" for chain in ("host-ports", "prerouting", "output", "postrouting")),
            f"flush set ip {name} pods",
            f"add element ip {name} pods {{ {', '.join(pod_cidrs)} }}",
            *(f"add rule ip {name} host-ports {rule}" for protocol in PROTOCOLS for rule in _lookups(protocol)),
            *(
                f"add rule ip {name} {chain} fib daddr type local ip daddr != 127.0.0.0/8 jump host-ports"
                for chain in ("prerouting", "output")
            ),
            f"add rule ip {name} postrouting ip saddr @pods ip daddr != @pods masquerade",
            f"add rule ip {name} postrouting ip saddr . ip daddr @own masquerade",
            "",
        )
    )


def _lookups(protocol: str) -> tuple[str, str]:
    """The more specific map goes first; an address that is not in a map goes on to the next rule."""
    return (
        f"dnat ip addr . port to ip daddr . {protocol} dport map @{protocol}-one",
        f"dnat ip addr . port to {protocol} dport map @{protocol}-any",
    )


def host_ports(cluster_id: str, ports: Sequence[HostPort]) -> str:
    """Make exactly these host ports lead to their pods."""
    name = table(cluster_id)
    elements: dict[str, list[str]] = {}
    for port in ports:
        protocol = port.protocol.lower()
        target = f"{port.pod_ip} . {port.pod_port}"
        if port.host_ip in ("", "0.0.0.0"):
            elements.setdefault(f"{protocol}-any", []).append(f"{port.port} : {target}")
        else:
            elements.setdefault(f"{protocol}-one", []).append(f"{port.host_ip} . {port.port} : {target}")
    own = sorted({f"{port.pod_ip} . {port.pod_ip}" for port in ports})
    maps = [f"{protocol}-{kind}" for protocol in PROTOCOLS for kind in ("any", "one")]
    lines = [f"flush map ip {name} {each}" for each in maps] + [f"flush set ip {name} own"]
    lines += [f"add element ip {name} {each} {{ {', '.join(elements[each])} }}" for each in maps if each in elements]
    if own:
        lines.append(f"add element ip {name} own {{ {', '.join(own)} }}")
    return "\n".join((*lines, ""))


def teardown(cluster_id: str) -> str:
    """Remove the table; nothing when there is none."""
    name = table(cluster_id)
    return f"table ip {name} {{ }}\ndelete table ip {name}\n"
