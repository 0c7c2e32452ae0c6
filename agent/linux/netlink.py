"""Routing netlink with nothing in between: messages as values, sent in batches over one socket.

A full-grown netlink library costs 25 MB of resident memory and a quarter of a second of start-up, half of what this
agent may use; the dozen message shapes that a routed veth needs fit here. Layouts are those of linux/rtnetlink.h.

A socket belongs for life to the network namespace of the thread that opened it, so the agent keeps one for the node's
namespace and uses it from any thread, also from one that has moved into a pod's namespace.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

_HEADER: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ERROR: Final = struct.Struct("=i")
_LINK: Final = struct.Struct("=BxHiII")  # family, type, index, flags, change mask
_ADDRESS: Final = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, index
_ROUTE: Final = struct.Struct("=BBBBBBBBI")  # family, dst len, src len, tos, table, protocol, scope, type, flags
_NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")  # family, index, state, flags, type
_ATTRIBUTE: Final = struct.Struct("=HH")

NLMSG_ERROR, NLMSG_DONE = 2, 3
F_REQUEST, F_ACK, F_DUMP, F_REPLACE, F_EXCL, F_CREATE = 0x1, 0x4, 0x300, 0x100, 0x200, 0x400
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK, RTM_NEWADDR = 16, 17, 18, 19, 20
RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE, RTM_NEWNEIGH = 24, 25, 26, 28
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_GROUP, IFLA_NET_NS_FD = 1, 3, 4, 18, 27, 28
IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 1, 2, 1
IFA_ADDRESS, IFA_LOCAL = 1, 2
RTA_DST, RTA_OIF, RTA_GATEWAY = 1, 4, 5
NDA_DST, NDA_LLADDR = 1, 2
IFF_UP: Final = 1
NUD_PERMANENT: Final = 0x80
RT_TABLE_MAIN, RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RTN_UNICAST = 254, 0, 253, 1
RTNH_F_ONLINK: Final = 4
ROUTE_PROTOCOL: Final = 112  # marks our routes, so that they are found again; free in iproute2's rt_protos


@dataclass(frozen=True, slots=True)
class Message:
    """One request; `text` is the ip(8) command that does the same, for errors and logs."""

    kind: int
    flags: int
    body: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Route:
    """One IPv4 route of the main table. `via` None: directly on the link."""

    destination: IPv4Network
    via: IPv4Address | None
    link: int
    protocol: int


def attribute(kind: int, *parts: bytes) -> bytes:
    """One attribute, padded; several parts make a nest."""
    data = b"".join(parts)
    return _ATTRIBUTE.pack(4 + len(data), kind) + data + bytes(-len(data) % 4)


def attributes(data: bytes) -> dict[int, bytes]:
    """Attributes of a reply by kind."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        length, kind = _ATTRIBUTE.unpack_from(data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def _name(name: str) -> bytes:
    return attribute(IFLA_IFNAME, name.encode() + b"\0")


def _mac(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def add_veth(name: str, mac: str, peer: str, peer_mac: str, peer_index: int, peer_namespace: int, mtu: int) -> Message:
    """A veth pair: `name` here and up, `peer` still down in the network namespace open as fd `peer_namespace`."""
    size = attribute(IFLA_MTU, struct.pack("=I", mtu))
    other = (
        # The peer stays down: it is configured before the kernel ties the two together, when it cannot come up yet.
        _LINK.pack(0, 0, peer_index, 0, 0)
        + _name(peer)
        + attribute(IFLA_ADDRESS, _mac(peer_mac))
        + attribute(IFLA_NET_NS_FD, struct.pack("=I", peer_namespace))
        + size
    )
    info = attribute(IFLA_INFO_KIND, b"veth") + attribute(IFLA_INFO_DATA, attribute(VETH_INFO_PEER, other))
    body = _LINK.pack(0, 0, 0, IFF_UP, IFF_UP) + _name(name) + attribute(IFLA_ADDRESS, _mac(mac)) + size
    text = f"ip link add {name} type veth peer {peer} netns ..."
    return Message(RTM_NEWLINK, F_CREATE | F_EXCL, body + attribute(IFLA_LINKINFO, info), text)


def delete_link(name: str) -> Message:
    """Remove a link; of a veth pair both ends."""
    return Message(RTM_DELLINK, 0, _LINK.pack(0, 0, 0, 0, 0) + _name(name), f"ip link del {name}")


def set_group(name: str, group: int) -> Message:
    """Put a link into a group."""
    body = _LINK.pack(0, 0, 0, 0, 0) + _name(name) + attribute(IFLA_GROUP, struct.pack("=I", group))
    return Message(RTM_SETLINK, 0, body, f"ip link set {name} group {group}")


def delete_group(group: int) -> Message:
    """Remove all links of a group at once."""
    body = _LINK.pack(0, 0, 0, 0, 0) + attribute(IFLA_GROUP, struct.pack("=I", group))
    return Message(RTM_DELLINK, 0, body, f"ip link del group {group}")


def get_link(name: str) -> Message:
    """Ask for one link by name."""
    return Message(RTM_GETLINK, 0, _LINK.pack(0, 0, 0, 0, 0) + _name(name), f"ip link show {name}")


def set_up(index: int) -> Message:
    """Bring a link up."""
    return Message(RTM_NEWLINK, 0, _LINK.pack(0, 0, index, IFF_UP, IFF_UP), f"ip link set {index} up")


def add_address(index: int, address: IPv4Address, prefix: int) -> Message:
    """Give a link an address."""
    raw = address.packed
    body = _ADDRESS.pack(socket.AF_INET, prefix, 0, 0, index) + attribute(IFA_LOCAL, raw) + attribute(IFA_ADDRESS, raw)
    return Message(RTM_NEWADDR, F_CREATE | F_REPLACE, body, f"ip address add {address}/{prefix} dev {index}")


def _route(destination: IPv4Network, via: IPv4Address | None, index: int, flags: int) -> bytes:
    scope = RT_SCOPE_UNIVERSE if via else RT_SCOPE_LINK
    size = destination.prefixlen
    body = _ROUTE.pack(
        socket.AF_INET, size, 0, 0, RT_TABLE_MAIN, ROUTE_PROTOCOL, scope, RTN_UNICAST, flags if via else 0
    )
    body += attribute(RTA_DST, destination.network_address.packed) if size else b""
    body += attribute(RTA_GATEWAY, via.packed) if via else b""
    return body + (attribute(RTA_OIF, struct.pack("=i", index)) if index else b"")


def put_route(destination: IPv4Network, via: IPv4Address | None, index: int = 0, *, onlink: bool = False) -> Message:
    """Add or replace a route. `onlink`: take the gateway to be on that link, whatever the addresses say."""
    body = _route(destination, via, index, RTNH_F_ONLINK if onlink else 0)
    gateway = f" via {via}" if via else ""
    return Message(RTM_NEWROUTE, F_CREATE | F_REPLACE, body, f"ip route replace {destination}{gateway} dev {index}")


def delete_route(route: Route) -> Message:
    """Remove exactly this route."""
    body = _route(route.destination, route.via, route.link, 0)
    return Message(RTM_DELROUTE, 0, body, f"ip route del {route.destination}")


def add_neighbour(index: int, address: IPv4Address, mac: str) -> Message:
    """A permanent neighbour: no ARP is ever sent for it."""
    body = _NEIGHBOUR.pack(socket.AF_INET, index, NUD_PERMANENT, 0, RTN_UNICAST)
    body += attribute(NDA_DST, address.packed) + attribute(NDA_LLADDR, _mac(mac))
    return Message(RTM_NEWNEIGH, F_CREATE | F_REPLACE, body, f"ip neighbour replace {address} lladdr {mac} dev {index}")


def parse_route(body: bytes) -> Route | None:
    """The route in an RTM_NEWROUTE reply, if it is one of IPv4's main table."""
    family, size, _, _, table, protocol, _, kind, _ = _ROUTE.unpack_from(body)
    if family != socket.AF_INET or table != RT_TABLE_MAIN or kind != RTN_UNICAST:
        return None
    found = attributes(body[_ROUTE.size :])
    gateway, link = found.get(RTA_GATEWAY), found.get(RTA_OIF)
    return Route(
        destination=IPv4Network((found.get(RTA_DST, bytes(4)), size)),
        via=IPv4Address(gateway) if gateway else None,
        link=struct.unpack("=i", link)[0] if link else 0,
        protocol=protocol,
    )


class RouteSocket:
    """A connection to the network namespace of the thread that opens it; safe to use from several threads."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self._lock = threading.Lock()
        self._sequence = 0

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()

    def send(self, messages: Sequence[Message], *, ignore: Sequence[int] = ()) -> None:
        """Carry out a batch in order, in one system call; every message is tried.

        Raises OSError for the first that failed with an errno not in `ignore`.
        """
        if not messages:
            return
        with self._lock:
            failures = self._exchange(messages)
        for message, number in zip(messages, failures, strict=True):
            if number and number not in ignore:
                raise OSError(number, f"cannot {message.text}: {os.strerror(number)}")

    def index(self, name: str) -> int | None:
        """A link's index, or None."""
        with self._lock:
            try:
                replies = self._ask(get_link(name), F_ACK)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return None
                raise
        return next((_LINK.unpack_from(body)[2] for body in replies), None)

    def routes(self) -> list[Route]:
        """All IPv4 unicast routes of the main table."""
        request = Message(RTM_GETROUTE, 0, _ROUTE.pack(socket.AF_INET, *[0] * 8), "ip route")
        with self._lock:
            replies = self._ask(request, F_DUMP)
        return [route for body in replies if (route := parse_route(body)) is not None]

    def uplink_mtu(self) -> int | None:
        """Largest packet of the link that the default route leaves by, in bytes; None without a default route."""
        link = next((route.link for route in self.routes() if route.destination.prefixlen == 0), None)
        if not link:
            return None
        request = Message(RTM_GETLINK, 0, _LINK.pack(0, 0, link, 0, 0), f"ip link show {link}")
        with self._lock:
            replies = self._ask(request, F_ACK)
        return struct.unpack("=I", attributes(replies[0][_LINK.size :])[IFLA_MTU])[0] if replies else None

    def links(self) -> dict[str, int]:
        """Names and indices of all links."""
        request = Message(RTM_GETLINK, 0, _LINK.pack(0, 0, 0, 0, 0), "ip link")
        with self._lock:
            replies = self._ask(request, F_DUMP)
        found: dict[str, int] = {}
        for body in replies:
            name = attributes(body[_LINK.size :])[IFLA_IFNAME].rstrip(b"\0").decode()
            found[name] = _LINK.unpack_from(body)[2]
        return found

    def _pack(self, message: Message, flags: int) -> bytes:
        self._sequence += 1
        length = _HEADER.size + len(message.body)
        return _HEADER.pack(length, message.kind, message.flags | F_REQUEST | flags, self._sequence, 0) + message.body

    def _exchange(self, messages: Sequence[Message]) -> list[int]:
        first = self._sequence + 1
        self._socket.send(b"".join(self._pack(message, F_ACK) for message in messages))
        errors = [0] * len(messages)
        waiting = len(messages)
        while waiting:
            for kind, sequence, body in self._receive():
                if kind == NLMSG_ERROR and first <= sequence < first + len(messages):
                    errors[sequence - first] = -_ERROR.unpack_from(body)[0]
                    waiting -= 1
        return errors

    def _ask(self, request: Message, flags: int) -> list[bytes]:
        self._socket.send(self._pack(request, flags))
        replies: list[bytes] = []
        while True:
            for kind, sequence, body in self._receive():
                if sequence != self._sequence:
                    continue
                if kind == NLMSG_DONE:
                    return replies
                if kind == NLMSG_ERROR:
                    number = -_ERROR.unpack_from(body)[0]
                    if number:
                        raise OSError(number, f"cannot {request.text}: {os.strerror(number)}")
                    return replies
                replies.append(body)

    def _receive(self) -> list[tuple[int, int, bytes]]:
        data = self._socket.recv(1 << 16)
        found: list[tuple[int, int, bytes]] = []
        while len(data) >= _HEADER.size:
            length, kind, _, sequence, _ = _HEADER.unpack_from(data)
            found.append((kind, sequence, data[_HEADER.size : length]))
            data = data[(length + 3) & ~3 :]
        return found
