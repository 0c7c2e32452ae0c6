"""Netlink messages hold what the kernel's layouts say; replies are read back."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from podwright.agent.linux import netlink
from podwright.agent.linux.netlink import Route, attribute, attributes, parse_route, put_route


@given(st.dictionaries(st.integers(1, 60), st.binary(max_size=40), max_size=6))
def test_attributes_survive(parts: dict[int, bytes]) -> None:
    packed = b"".join(attribute(kind, data) for kind, data in parts.items())
    assert len(packed) % 4 == 0
    assert attributes(packed) == parts


def test_veth_carries_its_peer_in_one_request() -> None:
    message = netlink.add_veth("pwx", "ee:ee:ee:ee:ee:ee", "eth0", "0a:58:00:00:00:01", 2, 77, 1400)
    outer = attributes(message.body[16:])
    assert outer[netlink.IFLA_IFNAME] == b"pwx\0"
    info = attributes(outer[netlink.IFLA_LINKINFO])
    assert info[netlink.IFLA_INFO_KIND] == b"veth"
    peer = attributes(info[netlink.IFLA_INFO_DATA])[netlink.VETH_INFO_PEER]
    assert struct.unpack_from("=BxHiII", peer) == (0, 0, 2, 0, 0), "the peer stays down"
    inner = attributes(peer[16:])
    assert inner[netlink.IFLA_IFNAME] == b"eth0\0"
    assert inner[netlink.IFLA_NET_NS_FD] == struct.pack("=I", 77)
    assert inner[netlink.IFLA_MTU] == outer[netlink.IFLA_MTU] == struct.pack("=I", 1400)


def test_routes_are_read_back_as_they_were_written() -> None:
    for destination, via, link in (
        (IPv4Network("10.1.2.0/24"), IPv4Address("192.0.2.1"), 0),
        (IPv4Network("10.1.2.3/32"), None, 9),
        (IPv4Network("0.0.0.0/0"), IPv4Address("169.254.1.1"), 2),
    ):
        body = put_route(destination, via, link).body
        assert parse_route(body) == Route(destination, via, link, netlink.ROUTE_PROTOCOL)
        assert parse_route(b"\x0a" + body[1:]) is None, "not IPv4"
        assert parse_route(body[:4] + b"\xff" + body[5:]) is None, "the local table"


def test_messages_say_what_they_do() -> None:
    texts = [
        netlink.put_route(IPv4Network("10.1.0.0/16"), IPv4Address("192.0.2.1")).text,
        netlink.add_neighbour(2, IPv4Address("169.254.1.1"), "ee:ee:ee:ee:ee:ee").text,
        netlink.delete_link("pw1").text,
    ]
    assert texts == [
        "ip route replace 10.1.0.0/16 via 192.0.2.1 dev 0",
        "ip neighbour replace 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev 2",
        "ip link del pw1",
    ]
