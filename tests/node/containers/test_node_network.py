"""Two nodes, each a network namespace of its own as in a lab, and a machine outside: who reaches whom, and as whom."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from podwright.agent.linux import namespaces
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.mounts import mounts_under
from podwright.agent.network.firewall import HostPort
from podwright.agent.network.node_network import NodeNetwork
from podwright.agent.network.sandboxes import HostSandboxes
from podwright.agent.pods.ports import HostError, Limits, PodRef, Sandbox

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")]
CLUSTER = f"u{os.getpid():x}"
PODS = "10.214.0.0/16"
A, B = "172.31.214.2", "172.31.214.3"  # the nodes' addresses, on one wire


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def inside(netns: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", "netns", "exec", Path(netns).name, *argv], capture_output=True, text=True, check=False)


def reaches(netns: str, address: str, seconds: int = 2) -> bool:
    return inside(netns, "busybox", "ping", "-c1", f"-W{seconds}", address).returncode == 0


@pytest.fixture
def wire() -> Iterator[tuple[str, str]]:
    """Two namespaces tied together; gone afterwards, with all pods' that were made."""
    namespaces.share_netns_folder()
    names = (f"{CLUSTER}-a", f"{CLUSTER}-b")
    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", "wire", "netns", names[0], "type", "veth", "peer", "wire", "netns", names[1])
        for name, address in zip(names, (A, B), strict=True):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "wire")
            ip("-n", name, "link", "set", "wire", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        left = [name for name in os.listdir(namespaces.NETNS_FOLDER) if CLUSTER in name]
        assert left == []
        namespaces.release_netns_folder()


class Machine:
    """One node's network parts, used from a thread that lives in the node's namespace."""

    def __init__(self, netns: str, state: Path, cidr: str) -> None:
        self.netns, self.state, self.cidr = netns, state, cidr

    def do(self, work: Callable[[HostSandboxes, NodeNetwork], Awaitable[None]]) -> None:
        async def run() -> None:
            cgroups = Cgroups.of_host()
            root = f"podwright-{CLUSTER}/{self.netns}"
            sandboxes = HostSandboxes(
                state_dir=self.state, cluster_id=CLUSTER, cgroup_root=root, cgroups=cgroups
            )  # fmt: skip
            network = NodeNetwork(CLUSTER, [PODS])
            try:
                sandboxes.set_pod_cidr(self.cidr)
                await work(sandboxes, network)
            finally:
                sandboxes.close()
                await network.close()
                cgroups.remove(root)
                cgroups.remove(f"podwright-{CLUSTER}")

        path = f"{namespaces.NETNS_FOLDER}/{self.netns}"
        namespaces.run_inside(path, "net", lambda: asyncio.run(run()))


async def pod(sandboxes: HostSandboxes, name: str, uid: str) -> Sandbox:
    ref = PodRef("default", name, uid)
    return await sandboxes.ensure(ref, hostname=name, host_network=False, limits=Limits(), sysctls={})


def serve(netns: str, port: int) -> subprocess.Popen[bytes]:
    """A server that answers each connection with the address it came from."""
    code = (
        "import socket,sys\n"
        f"s=socket.create_server(('0.0.0.0',{port}))\n"
        "print('ready',flush=True)\n"
        "while True:\n c,a=s.accept();c.sendall(a[0].encode());c.close()\n"
    )
    server = subprocess.Popen(
        ["ip", "netns", "exec", Path(netns).name, "/usr/bin/python3", "-ISc", code], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return server


def seen_as(netns: str, address: str, port: int) -> str:
    """As whom a server sees a client in `netns`; "" when it is not reached."""
    code = f"import socket\nc=socket.create_connection(({address!r},{port}),timeout=2)\nprint(c.recv(99).decode())\n"
    return inside(netns, "/usr/bin/python3", "-ISc", code).stdout.strip()


def test_pods_of_two_nodes(wire: tuple[str, str], tmp_path: Path) -> None:
    a = Machine(wire[0], tmp_path / "a", "10.214.1.0/24")
    b = Machine(wire[1], tmp_path / "b", "10.214.2.0/24")
    uids = [f"0f8b0c7{i}-6c2f-4a51-9d5e-2c0c9be6d001" for i in range(3)]
    made: list[Sandbox] = []
    servers: list[subprocess.Popen[bytes]] = []

    async def on_b(sandboxes: HostSandboxes, network: NodeNetwork) -> None:
        await network.open()
        await network.set_routes([("10.214.1.0/24", A)])
        made.append(await pod(sandboxes, "far", uids[2]))

    async def on_a(sandboxes: HostSandboxes, network: NodeNetwork) -> None:
        await network.open()
        await network.open()  # again changes nothing
        made.extend([await pod(sandboxes, "one", uids[0]), await pod(sandboxes, "two", uids[1])])
        far, one, two = made
        assert reaches(one.netns, two.ips[0]), "a pod of the same node"
        assert reaches(one.netns, A), "the own node"
        assert not reaches(one.netns, far.ips[0], 1), "no route to the other node's pods yet"
        await network.set_routes([("10.214.2.0/24", B)])
        await network.set_routes([("10.214.2.0/24", B)])
        for target in (far.ips[0], B):
            assert reaches(one.netns, target), target
        assert reaches(far.netns, two.ips[0])

        servers.extend([serve(one.netns, 8080), serve(far.netns, 8080), serve(wire[1], 8080)])
        assert seen_as(two.netns, one.ips[0], 8080) == two.ips[0], "pods see each other's own address"
        assert seen_as(one.netns, far.ips[0], 8080) == one.ips[0], "also across nodes"
        assert seen_as(one.netns, B, 8080) == A, "outside the pod ranges a pod is its node"

        await network.set_host_ports(
            [HostPort("TCP", 80, "", one.ips[0], 8080), HostPort("TCP", 81, A, one.ips[0], 8080),
             HostPort("TCP", 82, "172.31.214.9", one.ips[0], 8080)]
        )  # fmt: skip
        assert seen_as(wire[1], A, 80) == B
        assert seen_as(wire[1], A, 81) == B
        assert seen_as(wire[1], A, 82) == "", "bound to another address"
        assert seen_as(two.netns, A, 80) == two.ips[0]
        assert seen_as(one.netns, A, 80) != "", "a pod through its own host port"
        assert seen_as(wire[0], A, 80) != "", "the node itself"
        await network.open()
        assert seen_as(wire[1], A, 80) == B, "a new start keeps host ports"
        await network.set_host_ports([])
        assert seen_as(wire[1], A, 80) == ""

        await network.set_routes([])
        assert not reaches(one.netns, far.ips[0], 1)
        with pytest.raises(HostError, match="cannot set routes"):
            await network.set_routes([("10.214.3.0/24", "192.0.2.77")])
        for uid in uids[:2]:
            await sandboxes.remove(uid)
        assert not reaches(wire[0], one.ips[0], 1)
        await NodeNetwork(CLUSTER, [PODS]).close(remove=True)
        assert "podwright" not in inside(wire[0], "nft", "list", "ruleset").stdout
        routes = ip("-n", wire[0], "route").splitlines()
        assert [line for line in routes if "10.214." in line] == []

    async def remove_all(sandboxes: HostSandboxes, network: NodeNetwork) -> None:
        for sandbox in await sandboxes.list():
            await sandboxes.remove(sandbox.pod.uid)

    try:
        b.do(on_b)
        a.do(on_a)
    finally:
        for server in servers:
            server.kill()
            server.communicate()
        for machine in (a, b):
            machine.do(remove_all)
            assert mounts_under(str(machine.state)) == []
