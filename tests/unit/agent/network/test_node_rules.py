"""Routes to other nodes and the node's packet rules, as values and texts."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from podwright.agent.linux.netlink import ROUTE_PROTOCOL, Route
from podwright.agent.network import firewall
from podwright.agent.network.firewall import HostPort
from podwright.agent.network.routes import changes


def route(destination: str, via: str | None, protocol: int = ROUTE_PROTOCOL) -> Route:
    return Route(IPv4Network(destination), IPv4Address(via) if via else None, 3, protocol)


def test_only_what_differs_changes() -> None:
    stale, moved, kept = (route(f"10.1.{i}.0/24", "192.0.2.1") for i in range(3))
    wanted = [("10.1.1.0/24", "192.0.2.9"), ("10.1.2.0/24", "192.0.2.1"), ("10.1.3.0/24", "192.0.2.3")]
    found = changes(wanted, [stale, moved, kept], ["10.1.0.0/16"])
    assert [(str(cidr), str(via)) for cidr, via in found.put] == [wanted[0], wanted[2]]
    assert found.remove == (stale,)


def test_routes_of_others_are_left_alone() -> None:
    others = [
        route("0.0.0.0/0", "192.0.2.1", 3),  # the administrator's
        route("10.1.9.0/24", "192.0.2.1", 4),
        route("10.1.0.7/32", None),  # to one of our own pods
        route("10.7.0.0/24", "192.0.2.1"),  # another cluster's on the same host
    ]
    assert changes([], others, ["10.1.0.0/16"]).remove == ()


def test_host_ports_are_one_transaction_that_replaces_all() -> None:
    ports = [
        HostPort("TCP", 80, "", "10.1.0.5", 8080),
        HostPort("UDP", 80, "0.0.0.0", "10.1.0.6", 53),
        HostPort("TCP", 80, "192.0.2.7", "10.1.0.5", 9090),
    ]
    lines = firewall.host_ports("ab", ports).splitlines()
    assert [line for line in lines if line.startswith("add")] == [
        "add element ip podwright-ab tcp-any { 80 : 10.1.0.5 . 8080 }",
        "add element ip podwright-ab tcp-one { 192.0.2.7 . 80 : 10.1.0.5 . 9090 }",
        "add element ip podwright-ab udp-any { 80 : 10.1.0.6 . 53 }",
        "add element ip podwright-ab own { 10.1.0.5 . 10.1.0.5, 10.1.0.6 . 10.1.0.6 }",
    ]
    assert sum(line.startswith("flush") for line in lines) == 5
    assert not [line for line in firewall.host_ports("ab", []).splitlines() if line.startswith("add")]


def test_rules_touch_nothing_but_their_own_table() -> None:
    for text in (firewall.setup("ab", ["10.1.0.0/16"]), firewall.teardown("ab"), firewall.host_ports("ab", [])):
        for line in text.splitlines():
            if line.split(" ")[0] in ("add", "flush", "delete", "table"):
                assert "ip podwright-ab" in line
        assert "flush ruleset" not in text
