"""The lab's network: a bridge as the switch, each node a network namespace with one link to it, the machine as gateway.

    root netns: bridge pw<id>  <underlay>.1        nft table podwright-<id>: the nodes' traffic leaves under our address
    node netns: pw-<id>-<node>  eth0 <underlay>.10+n  default via <underlay>.1

Every function makes what is missing and removes what it finds; both may be run again at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from podwright.agent.linux.namespaces import NETNS_FOLDER, release_netns_folder, share_netns_folder
from podwright.deploy.lab import forwarding
from podwright.deploy.lab.host import HostCommandError, ask, run
from podwright.deploy.lab.subnets import Subnets

ROUTE_PROTOCOL = "121"  # marks the routes that are ours
_TABLE_PREFIX = "podwright-"
_NETWORK = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")


@dataclass(frozen=True, slots=True)
class LabNetwork:
    """What a lab's network is made from. `nodes`: name -> index, which gives the address."""

    cluster: str
    subnets: Subnets
    nodes: Mapping[str, int]

    @property
    def bridge(self) -> str:
        """The switch's name (at most 15 characters, as the kernel wants)."""
        return f"pw{self.cluster}"

    @property
    def table(self) -> str:
        """The nft table's name."""
        return f"{_TABLE_PREFIX}{self.cluster}"

    def netns(self, node: str) -> str:
        """A node's network namespace, as `ip netns` lists it."""
        return f"pw-{self.cluster}-{node}"

    def link(self, node: str) -> str:
        """The machine's end of a node's link."""
        return f"pw{self.cluster}n{self.nodes[node]}"


def networks_in_use() -> list[str]:
    """Destinations of this machine's IPv4 routes, and the ranges of other labs, whose pods may have no routes yet."""
    found = [str(r["dst"]) for r in ask("ip", "-json", "-4", "route", "show", "table", "main")]
    routes = [f"{d}/32" if "/" not in d else d for d in found if d != "default"]
    tables = [line.split()[-1] for line in run("nft", "list", "tables", "ip").splitlines()]
    labs = [run("nft", "list", "table", "ip", name) for name in tables if name.startswith(_TABLE_PREFIX)]
    return routes + [network for text in labs for network in _NETWORK.findall(text)]


def ensure(lab: LabNetwork) -> None:
    """Make switch, nodes and address translation. Raises HostCommandError, OSError."""
    share_netns_folder()
    forwarding.acquire(lab.cluster)
    links = {str(link["ifname"]) for link in ask("ip", "-json", "link", "show")}
    if lab.bridge not in links:
        run("ip", "link", "add", lab.bridge, "type", "bridge")
    run("ip", "address", "replace", f"{lab.subnets.gateway}/24", "dev", lab.bridge)
    run("ip", "link", "set", lab.bridge, "up")
    run("nft", "-f", "-", stdin=_translation(lab))
    for node in lab.nodes:
        _ensure_node(lab, node, links)


def _translation(lab: LabNetwork) -> str:
    """An nft transaction that makes the table anew."""
    inside = f"{{ {lab.subnets.underlay}, {lab.subnets.pods} }}"
    return (
        f"table ip {lab.table} {{}}\n"
        f"delete table ip {lab.table}\n"
        f"table ip {lab.table} {{\n"
        f"  chain outwards {{\n"
        f"    type nat hook postrouting priority srcnat;\n"
        f"    ip saddr {inside} ip daddr != {inside} masquerade\n"
        f"  }}\n"
        f"}}\n"
    )


def _ensure_node(lab: LabNetwork, node: str, links: Iterable[str]) -> None:
    netns, link = lab.netns(node), lab.link(node)
    if not Path(NETNS_FOLDER, netns).exists():
        run("ip", "netns", "add", netns)
    if link not in links:
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", netns)
    run("ip", "link", "set", link, "master", lab.bridge, "up")
    commands = (
        "link set lo up",
        f"address replace {lab.subnets.node(lab.nodes[node])}/24 dev eth0",
        "link set eth0 up",
        f"route replace default via {lab.subnets.gateway}",
    )
    run("ip", "-netns", netns, "-batch", "-", stdin="\n".join(commands) + "\n")


def remove_node(lab: LabNetwork, node: str) -> None:
    """Remove a node's namespace and link, as far as they are there."""
    if Path(NETNS_FOLDER, lab.netns(node)).exists():
        run("ip", "netns", "delete", lab.netns(node))
    _delete_link(lab.link(node))


def remove(lab: LabNetwork) -> None:
    """Remove everything, whatever of it is there, and restore the machine's forwarding."""
    for node in lab.nodes:
        remove_node(lab, node)
    for path in Path(NETNS_FOLDER).glob(f"pw-{lab.cluster}-*"):  # pods' namespaces of agents that are gone
        run("ip", "netns", "delete", path.name)
    _delete_link(lab.bridge)  # its addresses and routes go with it
    tables = {line.split()[-1] for line in run("nft", "list", "tables", "ip").splitlines()}
    if lab.table in tables:
        run("nft", "delete", "table", "ip", lab.table)
    forwarding.release(lab.cluster)
    release_netns_folder()


def _delete_link(name: str) -> None:
    try:
        run("ip", "link", "delete", name)
    except HostCommandError:
        if any(link["ifname"] == name for link in ask("ip", "-json", "link", "show")):
            raise


def sync_routes(lab: LabNetwork, pod_cidrs: Mapping[str, str]) -> None:
    """Make this machine reach each node's pods through the node: `pod_cidrs` is node address -> CIDR."""
    present = {
        str(r["dst"]): str(r.get("gateway", ""))
        for r in ask("ip", "-json", "-4", "route", "show", "dev", lab.bridge, "proto", ROUTE_PROTOCOL)
    }
    wanted = {cidr: address for address, cidr in pod_cidrs.items()}
    for cidr in present.keys() - wanted.keys():
        run("ip", "route", "delete", cidr, "dev", lab.bridge, "proto", ROUTE_PROTOCOL)
    for cidr, address in wanted.items():
        if present.get(cidr) != address:
            run("ip", "route", "replace", cidr, "via", address, "dev", lab.bridge, "proto", ROUTE_PROTOCOL)
