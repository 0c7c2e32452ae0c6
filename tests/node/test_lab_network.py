"""A lab's network on a real host: nodes reach each other and the machine; afterwards the host is as before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from podwright.deploy.lab import network
from podwright.deploy.lab.host import run
from podwright.deploy.lab.network import LabNetwork
from podwright.deploy.lab.subnets import choose

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="making network namespaces needs root")]


def host() -> tuple[str, ...]:
    return (
        run("ip", "netns", "list"),
        run("ip", "-brief", "link"),
        run("ip", "-4", "route"),
        run("nft", "list", "ruleset"),
        Path("/proc/self/mounts").read_text(),
        Path("/proc/sys/net/ipv4/ip_forward").read_text(),
    )


def ping(netns: str, address: str) -> None:
    subprocess.run(
        ["ip", "netns", "exec", netns, "busybox", "ping", "-c1", "-W2", address], check=True, capture_output=True
    )


def test_nodes_reach_each_other_and_leave_nothing() -> None:
    before = host()
    lab = LabNetwork("t35700", choose(network.networks_in_use()), {"node-1": 0, "node-2": 1})
    try:
        network.ensure(lab)
        network.ensure(lab)
        ping(lab.netns("node-1"), lab.subnets.node(1))
        ping(lab.netns("node-2"), lab.subnets.gateway)
        network.sync_routes(lab, {lab.subnets.node(0): lab.subnets.pods.replace("0.0/16", "1.0/24")})
        network.sync_routes(lab, {lab.subnets.node(1): lab.subnets.pods.replace("0.0/16", "2.0/24")})
        routes = run("ip", "-4", "route", "show", "dev", lab.bridge, "proto", network.ROUTE_PROTOCOL).split("\n")
        assert [r.split()[2] for r in routes if r] == [lab.subnets.node(1)]
        network.remove_node(lab, "node-1")
        network.ensure(lab)
        ping(lab.netns("node-1"), lab.subnets.node(1))
    finally:
        network.remove(lab)
        network.remove(lab)
    assert host() == before
