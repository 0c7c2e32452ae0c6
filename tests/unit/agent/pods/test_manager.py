"""All pods of a node: admission, adoption, removal of what nobody wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fake_node import FakeNode, container, deleted, pod

from podwright.agent.pods.admission import NodeFacts
from podwright.agent.pods.manager import PodManager

pytestmark = pytest.mark.looptime
JSON = dict[str, Any]
FACTS = NodeFacts("node-1", {"cpu": "2", "memory": "1Gi", "pods": "3"}, {"disk": "ssd", "size": "3"})


@asynccontextmanager
async def managing(node: FakeNode) -> AsyncIterator[PodManager]:
    made = PodManager(node.host, lambda: FACTS)
    task = await started(made)
    yield made
    await stopped(task)
    await node.stop()


async def started(manager: PodManager) -> asyncio.Task[None]:
    ready = asyncio.Event()
    task = asyncio.create_task(manager.run(ready))
    await ready.wait()
    return task


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def sized(uid: str, cpu: str = "1", **spec: Any) -> JSON:
    resources = {"requests": {"cpu": cpu}, "limits": {"cpu": cpu}}
    made = pod(container("c", resources=resources), uid=uid, **spec)
    made["metadata"]["name"] = uid
    return made


async def test_pods_run_side_by_side(node: FakeNode) -> None:
    async with managing(node) as manager:
        manager.set_all([sized(f"u{i}", "100m") for i in range(3)], complete=True)
        await asyncio.sleep(1)
        assert sorted(node.runtime.infos) == ["u0_c_0", "u1_c_0", "u2_c_0"]
        manager.remove("u1")
        await asyncio.sleep(3)
        assert sorted(node.runtime.infos) == ["u0_c_0", "u2_c_0"]
        assert manager.worker("ns", "u1") is None


WITH_PORT = pod(container("c", ports=[{"containerPort": 80, "hostPort": 8080}]), uid="new")
CPU = "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000"
AFFINITY = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
PORTS = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
SYSTEM = "Failed to admit pod as the OS field doesn't match node OS"
NOT_SAFE = 'forbidden sysctl: "kernel.msgmax" not allowlisted'
NOT_ITS_OWN = 'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled'
NO_APPARMOR = "Cannot enforce AppArmor: AppArmor is not enabled on the host"


def with_sysctl(name: str, **spec: Any) -> JSON:
    return sized("new", securityContext={"sysctls": [{"name": name, "value": "1"}]}, **spec)


REJECTED = [
    ("sysctl", with_sysctl("kernel.msgmax"), "SysctlForbidden", NOT_SAFE),
    ("host-net-sysctl", with_sysctl("net.ipv4.tcp_syncookies", hostNetwork=True), "SysctlForbidden", NOT_ITS_OWN),
    (
        "apparmor",
        sized("new", securityContext={"appArmorProfile": {"type": "RuntimeDefault"}}),
        "AppArmor",
        NO_APPARMOR,
    ),
    ("cpu", sized("new", "1500m"), "OutOfcpu", CPU),
    ("selector", sized("new", nodeSelector={"disk": "hdd"}), "NodeAffinity", AFFINITY),
    ("port", WITH_PORT, "NodePorts", PORTS),
    ("os", sized("new", os={"name": "windows"}), "PodOSNotSupported", SYSTEM),
]


@pytest.mark.parametrize(("made", "reason", "message"), [r[1:] for r in REJECTED], ids=[r[0] for r in REJECTED])
async def test_rejection(node: FakeNode, made: JSON, reason: str, message: str) -> None:
    async with managing(node) as manager:
        holder = sized("holder")
        holder["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 8080}]
        manager.set_all([holder], complete=True)
        await asyncio.sleep(1)
        manager.put(made)
        await asyncio.sleep(1)
        assert node.last() == {
            "observedGeneration": 1, "phase": "Failed", "message": f"Pod was rejected: {message}", "reason": reason,
            "startTime": node.last()["startTime"], "qosClass": "BestEffort",
        }  # fmt: skip
        assert f"{reason}: {message}" in [text for _, text in node.events]
        assert [cid for cid in node.runtime.infos if cid.startswith("new")] == []


@pytest.mark.parametrize(
    "context",
    [
        {"sysctls": [{"name": "net/ipv4/ip_unprivileged_port_start", "value": "80"}]},
        {"appArmorProfile": {"type": "Unconfined"}},
    ],
    ids=["safe-sysctl", "unconfined"],
)
async def test_what_the_kernel_gives_is_not_refused(node: FakeNode, context: JSON) -> None:
    async with managing(node) as manager:
        manager.set_all([sized("u1", securityContext=context)], complete=True)
        await asyncio.sleep(1)
        assert sorted(node.runtime.infos) == ["u1_c_0"]


async def test_the_same_port_of_another_protocol_or_address_fits(node: FakeNode) -> None:
    async with managing(node) as manager:

        def with_port(uid: str, **port: Any) -> JSON:
            return pod(container("c", ports=[{"containerPort": 80, "hostPort": 8080, **port}]), uid=uid)

        manager.set_all([with_port("u1", hostIP="127.0.0.1")], complete=True)
        manager.put(with_port("u2", protocol="UDP"))
        manager.put(with_port("u3", hostIP="127.0.0.2"))
        await asyncio.sleep(1)
        assert sorted(node.runtime.infos) == ["u1_c_0", "u2_c_0", "u3_c_0"]


async def test_too_many_pods(node: FakeNode) -> None:
    async with managing(node) as manager:
        manager.set_all([pod(uid=f"u{i}") for i in range(4)], complete=True)
        await asyncio.sleep(1)
        refused = [s for _, s in node.statuses if s["phase"] == "Failed"]
        assert [(s["reason"], s["message"]) for s in refused] == [
            (
                "OutOfpods",
                "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
            )
        ]


async def test_a_pod_whose_object_is_gone_takes_no_room(node: FakeNode) -> None:
    async with managing(node) as manager:
        manager.set_all([pod(uid=f"u{i}") for i in range(3)], complete=True)
        await asyncio.sleep(1)
        manager.remove("u0")  # it still ends here, but whoever scheduled the next one has given its room away
        manager.put(pod(uid="next"))
        await asyncio.sleep(1)
        assert not [s for _, s in node.statuses if s["phase"] == "Failed"]
        assert "next_c_0" in node.runtime.infos


async def test_node_affinity_expressions(node: FakeNode) -> None:
    async with managing(node) as manager:

        def wants(uid: str, *expressions: JSON) -> JSON:
            terms = {"nodeSelectorTerms": [{"matchExpressions": list(expressions)}]}
            return pod(uid=uid, affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}})

        gt = {"key": "size", "operator": "Gt", "values": ["2"]}
        manager.put(wants("yes", {"key": "disk", "operator": "In", "values": ["ssd"]}, gt))
        manager.put(wants("no", {"key": "disk", "operator": "DoesNotExist"}))
        await asyncio.sleep(1)
        assert list(node.runtime.infos) == ["yes_c_0"]


async def test_agent_restart_adopts_and_removes_unknown_only_when_told(node: FakeNode) -> None:
    first = PodManager(node.host, lambda: FACTS)
    task = await started(first)
    keep, drop = pod(uid="keep"), pod(uid="drop")
    first.set_all([keep, drop], complete=True)
    await asyncio.sleep(1)
    recorded = {w["metadata"]["uid"]: w for w in first.pods()}
    await stopped(task)
    assert len(node.runtime.infos) == 2

    second = PodManager(node.host, lambda: FACTS)
    task = await started(second)
    second.set_all([recorded["keep"]], complete=False)  # what was on disk; the control plane is away
    await asyncio.sleep(5)
    assert sorted(node.runtime.infos) == ["drop_c_0", "keep_c_0"]
    second.set_all([recorded["keep"]], complete=True)
    await asyncio.sleep(5)
    assert sorted(node.runtime.infos) == ["keep_c_0"]
    assert sorted(node.sandboxes.found) == ["keep"]
    assert node.reasons().count("Started") == 2
    await stopped(task)
    await node.stop()


async def test_half_made_containers_are_removed_at_start(node: FakeNode) -> None:
    first = PodManager(node.host, lambda: FACTS)
    task = await started(first)
    first.set_all([pod(uid="u1")], complete=True)
    await asyncio.sleep(0.017)
    await stopped(task)
    second = PodManager(node.host, lambda: FACTS)
    task = await started(second)
    second.set_all([pod(uid="u1")], complete=True)
    await asyncio.sleep(2)
    assert list(node.runtime.infos) == ["u1_c_0"]
    assert node.last()["phase"] == "Running"
    await stopped(task)
    await node.stop()


async def test_lost_callback_is_made_up_for(node: FakeNode) -> None:
    async with managing(node) as manager:
        manager.set_all([pod(uid="u1")], complete=True)
        await asyncio.sleep(1)
        node.runtime.callbacks.clear()
        node.runtime.exit("u1_c_0", 1)
        await asyncio.sleep(31)
        assert node.states("c")[-1] == "running #1"


async def test_pod_held_by_a_finalizer_is_not_started_again(node: FakeNode) -> None:
    async with managing(node) as manager:
        made = pod(uid="u1")
        manager.set_all([made], complete=True)
        await asyncio.sleep(1)
        manager.put(deleted(made, 2))
        await asyncio.sleep(3)
        assert len(node.gone_at) == 1
        manager.put(deleted(made, 0))
        await asyncio.sleep(3)
        assert len(node.gone_at) == 1
        assert node.runtime.infos == {}
        manager.remove("u1")


async def test_a_worker_that_breaks_starts_over(
    node: FakeNode, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with managing(node) as manager:
        manager.set_all([pod(uid="u1")], complete=True)
        await asyncio.sleep(1)
        worker = manager.worker("ns", "p")
        assert worker is not None
        monkeypatch.setattr(worker, "_step", lambda: 1 / 0)
        worker.poke()
        await asyncio.sleep(10)
        assert manager.worker("ns", "p") is not worker
        node.runtime.exit("u1_c_0", 1)
        await asyncio.sleep(1)
        assert node.states("c")[-1] == "running #1"
        assert "its worker starts over" in caplog.text
