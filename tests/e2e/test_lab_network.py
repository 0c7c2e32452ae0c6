"""The lab's network on this machine: made, repaired, shared by several labs, removed without a trace."""

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from podwright.deploy.lab import network
from podwright.deploy.lab.network import LabNetwork
from podwright.deploy.lab.subnets import choose

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.geteuid() != 0, reason="needs root")]


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def host() -> dict[str, str]:
    """What a lab may change of the machine, without what changes by itself."""
    return {
        "links": "\n".join(sorted(line.split()[1] for line in run("ip", "-o", "link", "show").splitlines())),
        "addresses": run("ip", "-o", "-4", "address", "show"),
        "routes": run("ip", "route", "show", "table", "all"),
        "namespaces": run("ip", "netns", "list"),
        "rules": run("nft", "list", "ruleset"),
        "mounts": "\n".join(line.split(" - ")[0].split(" ", 4)[4] for line in mountinfo()),
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
    }


def mountinfo() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()


def reaches(lab: LabNetwork, node: str, address: str) -> bool:
    """Whether a datagram sent from a node to an address arrives there or is refused there, instead of being lost."""
    script = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_STREAM); s.settimeout(3)\n"
        "try: s.connect((sys.argv[1], 9))\n"
        "except ConnectionRefusedError: sys.exit(0)\n"
        "except OSError: sys.exit(1)\n"
    )
    command = ["ip", "netns", "exec", lab.netns(node), "python3", "-S", "-c", script, address]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def make_lab() -> Iterator:
    made: list[LabNetwork] = []

    def make(nodes: int) -> LabNetwork:
        subnets = choose(network.networks_in_use())
        lab = LabNetwork(uuid.uuid4().hex[:6], subnets, {f"node-{i + 1}": i for i in range(nodes)})
        made.append(lab)
        network.ensure(lab)
        return lab

    yield make
    for lab in made:
        network.remove(lab)


def test_nodes_reach_each_other_and_the_machine(make_lab):
    lab = make_lab(2)
    for node in lab.nodes:
        for address in (lab.subnets.gateway, *(lab.subnets.node(index) for index in lab.nodes.values())):
            assert reaches(lab, node, address), f"{node} cannot reach {address}"


def test_doing_it_again_changes_nothing_and_repairs_what_is_missing(make_lab):
    lab = make_lab(2)
    before = host()
    network.ensure(lab)
    assert host() == before
    run("ip", "netns", "delete", lab.netns("node-1"))
    run("nft", "delete", "table", "ip", lab.table)
    network.ensure(lab)
    assert reaches(lab, "node-1", lab.subnets.node(1))
    assert f"table ip {lab.table}" in run("nft", "list", "tables")
    network.remove_node(lab, "node-2")
    network.remove_node(lab, "node-2")
    network.ensure(lab)
    assert reaches(lab, "node-2", lab.subnets.node(0))


def test_pods_are_reached_through_their_node(make_lab):
    """A pod's address beyond node-1 is reached from the machine and from node-2; a stale route goes away."""
    lab = make_lab(2)
    base = lab.subnets.pods.split(".")[:2]
    pod, cidr = ".".join([*base, "0", "7"]), ".".join([*base, "0", "0/24"])
    run("ip", "-netns", lab.netns("node-1"), "address", "add", f"{pod}/32", "dev", "lo")
    network.sync_routes(lab, {lab.subnets.node(0): cidr})
    network.sync_routes(lab, {lab.subnets.node(0): cidr})
    assert reaches(lab, "node-2", pod)
    network.sync_routes(lab, {})
    assert cidr not in run("ip", "route")
    assert not reaches(lab, "node-2", pod)


def test_two_labs_side_by_side_leave_the_machine_as_it_was():
    before = host()
    labs = []
    with contextlib.ExitStack() as cleanup:
        for _ in range(2):
            subnets = choose(network.networks_in_use())
            lab = LabNetwork(uuid.uuid4().hex[:6], subnets, {"node-1": 0, "node-2": 1})
            cleanup.callback(network.remove, lab)
            network.ensure(lab)
            labs.append(lab)
        assert labs[0].subnets.underlay != labs[1].subnets.underlay
        assert labs[0].subnets.pods != labs[1].subnets.pods
        network.remove(labs[0])
        assert Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1", "the other one still needs it"
        assert reaches(labs[1], "node-1", labs[1].subnets.node(1))
        network.remove(labs[1])
        network.remove(labs[1])
        assert host() == before
