"""Pod networks between real namespaces: addresses, reachability, settings, and what stays when it is cut short."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from podwright.agent.linux import namespaces
from podwright.agent.network import pod_link
from podwright.agent.pods.ports import HostError, Limits, PodRef

pytestmark = [pytest.mark.node, pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")]


def answers(address: str) -> bool:
    """Whether the node reaches a pod."""
    return subprocess.run(["busybox", "ping", "-c1", "-W2", address], check=False, capture_output=True).returncode == 0


async def test_pods_send_no_larger_packets_than_their_node(node: Any) -> None:
    sandbox = await node.pod()
    default = Path("/proc/net/route").read_text().splitlines()[1:]
    uplink = next(line.split()[0] for line in default if line.split()[1] == "00000000")
    container = await node.run(sandbox, "/bin/sleep", "1000")
    expected = Path(f"/sys/class/net/{uplink}/mtu").read_text().strip()
    assert await node.said(container, "cat /sys/class/net/eth0/mtu") == expected


async def test_sandbox_has_name_loopback_and_settings_of_its_own(node: Any) -> None:
    settings = {"net.ipv4.tcp_syncookies": "0", "kernel.shm_rmid_forced": "1"}
    sandbox = await node.pod(hostname="a-name", sysctls=settings)
    before = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()
    container = await node.run(sandbox, "/bin/sleep", "1000")
    files = "net/ipv4/tcp_syncookies kernel/shm_rmid_forced"
    files += " net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range"
    shown = await node.said(container, f"hostname; cd /proc/sys; cat {files}; ping -c1 -W1 127.0.0.1 >/dev/null")
    assert shown.split("\n") == ["a-name", "0", "1", "0", "0\t2147483647"]
    assert Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text() == before
    assert Path("/proc/sys/kernel/hostname").read_text().strip() != "a-name"


async def test_refused_setting_is_named_and_leaves_no_namespace(node: Any) -> None:
    uid = "0f8b0c7e-6c2f-4a51-9d5e-2c0c9be6d001"
    with pytest.raises(HostError, match=r"cannot set net\.nope\.x=1") as caught:
        await node.sandboxes.ensure(
            PodRef("default", "p", uid), hostname="p", host_network=False, limits=Limits(), sysctls={"net.nope.x": "1"}
        )
    assert caught.value.reason == "FailedCreatePodSandBox"
    (left,) = await node.sandboxes.list()
    assert not namespaces.is_pinned(left.netns)
    again = await node.sandboxes.ensure(left.pod, hostname="p", host_network=False, limits=Limits(), sysctls={})
    assert again.ips == left.ips


async def test_host_network_shares_the_nodes_network_and_name(node: Any) -> None:
    sandbox = await node.pod(host_network=True)
    container = await node.run(sandbox, "/bin/sleep", "1000")
    assert (sandbox.netns, sandbox.utsns, sandbox.ips) == ("", "", ())
    for kind, same in (("net", True), ("uts", True), ("ipc", False)):
        own = str(Path(f"/proc/self/ns/{kind}").readlink())
        assert (await node.said(container, f"readlink /proc/self/ns/{kind}") == own) is same


async def test_addresses_are_kept_and_not_handed_out_twice(node: Any) -> None:
    one = await node.pod()
    assert await node.sandboxes.ensure(
        one.pod, hostname="web", host_network=False, limits=Limits(), sysctls={}
    ) == one  # fmt: skip
    await node.reopen()
    two = await node.pod()
    assert two.ips != one.ips
    await node.sandboxes.remove(two.pod.uid)
    assert (await node.pod()).ips != two.ips, "a released address must rest"
    assert (await node.pod(ip=two.ips[0])).ips == two.ips
    assert (await node.pod(ip=one.ips[0])).ips != one.ips


async def test_many_at_once_get_distinct_addresses_and_all_work(node: Any) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(node.pod()) for _ in range(12)]
    sandboxes = [task.result() for task in tasks]
    assert len({sandbox.ips for sandbox in sandboxes}) == 12
    for sandbox in sandboxes:
        assert answers(sandbox.ips[0])
    async with asyncio.TaskGroup() as group:
        for sandbox in sandboxes:
            group.create_task(node.sandboxes.remove(sandbox.pod.uid))
    assert await node.sandboxes.list() == []


@pytest.mark.parametrize("step", ["pair", "inside", "on_node"])
async def test_creation_cut_off_anywhere_is_listed_completed_and_removed(
    node: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class AgentDiedError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise AgentDiedError

    monkeypatch.setattr(pod_link, step, die)
    with pytest.raises(AgentDiedError):
        await node.pod()
    monkeypatch.undo()
    await node.reopen()
    (left,) = await node.sandboxes.list()
    whole = await node.sandboxes.ensure(left.pod, hostname="web", host_network=False, limits=Limits(), sysctls={})
    assert whole == left
    assert answers(whole.ips[0])
    await node.sandboxes.remove(whole.pod.uid)
    await node.sandboxes.remove(whole.pod.uid)
    assert await node.sandboxes.list() == []


async def test_namespaces_lost_in_a_reboot_are_made_anew_with_the_same_address(node: Any) -> None:
    sandbox = await node.pod()
    namespaces.unpin(sandbox.netns)
    namespaces.unpin(sandbox.ipcns)
    await node.reopen()
    again = await node.sandboxes.ensure(sandbox.pod, hostname="web", host_network=False, limits=Limits(), sysctls={})
    assert again == sandbox
    assert namespaces.is_pinned(again.netns)
    assert namespaces.is_pinned(again.ipcns)
