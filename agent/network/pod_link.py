"""What to tell the kernel to connect a pod: netlink messages for its namespace and for the node's. Pure.

Each pod has one routed veth, no bridge: its own end carries a /32 and sends everything to a link-local gateway that
exists nowhere but as a permanent neighbour; the node's end has a /32 route and a permanent neighbour back. So nothing
is ever broadcast, pods of one node reach each other through the node's routing, and no bridge filter interferes.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Final

from podwright.agent.linux import netlink
from podwright.agent.linux.netlink import Message

GATEWAY: Final = IPv4Address("169.254.1.1")
# Every node end may have the same address: each is alone on its wire. Locally administered.
NODE_MAC: Final = "ee:ee:ee:ee:ee:ee"
LOOPBACK_INDEX: Final = 1
POD_INDEX: Final = 2  # asked for when the pair is made, so that the pod's side needs no look-up
DEFAULT: Final = IPv4Network("0.0.0.0/0")


def pod_mac(address: str) -> str:
    """A locally administered hardware address that follows from the pod's address."""
    return "0a:58:" + ":".join(f"{byte:02x}" for byte in IPv4Address(address).packed)


def pair(name: str, address: str, namespace: int, mtu: int) -> Message:
    """The pair itself, sent in the node's namespace; `namespace`: an open descriptor of the pod's."""
    return netlink.add_veth(name, NODE_MAC, "eth0", pod_mac(address), POD_INDEX, namespace, mtu)


def inside(address: str) -> list[Message]:
    """Sent in the pod's namespace once the pair exists."""
    return [
        netlink.set_up(LOOPBACK_INDEX),
        netlink.set_up(POD_INDEX),
        netlink.add_address(POD_INDEX, IPv4Address(address), 32),
        netlink.add_neighbour(POD_INDEX, GATEWAY, NODE_MAC),
        netlink.put_route(DEFAULT, GATEWAY, POD_INDEX, onlink=True),
    ]


def on_node(address: str, index: int) -> list[Message]:
    """Sent in the node's namespace; `index` is that of the node's end."""
    return [
        netlink.put_route(IPv4Network(address), None, index),
        netlink.add_neighbour(index, IPv4Address(address), pod_mac(address)),
    ]
