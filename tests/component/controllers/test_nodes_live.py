"""A node dies, comes back, or its object is deleted; what becomes of its pods. Time is virtual."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from control_plane import ACCOUNTS, DEPLOYMENTS, NODES, PODS, ControlPlane, condition, eventually, inside, ready

pytestmark = pytest.mark.looptime

UNREACHABLE = "node.kubernetes.io/unreachable"


@asynccontextmanager
async def two_nodes():
    """Two nodes that renew their Leases; `beats` are their hearts, `dead` do nothing for their pods."""
    async with ControlPlane() as plane:
        plane.controllers(node_grace=6.0, max_default_toleration=2.0, orphan_grace=10.0)
        plane.scheduler()
        plane.beats, plane.dead = {}, set()
        plane.run(plane.pretend(lambda pod: pod["spec"]["nodeName"] not in plane.dead))
        for name in ("a", "b"):
            await plane.node(name)
            plane.beats[name] = plane.run(plane.heartbeat(name))
        await eventually(lambda: plane.get(ACCOUNTS, "default"))
        await asyncio.sleep(3)
        yield plane


async def up(lab, count, *, nodes=("a", "b")):
    async def check():
        pods = [p for p in await lab.list(PODS) if ready(p) and p["spec"]["nodeName"] in nodes]
        return pods if len(pods) == count else None

    return await eventually(check, 30)


async def kill(lab, name):
    lab.dead.add(name)
    await lab.cancel(lab.beats.pop(name))


def taints(node):
    return {(t["key"], t["effect"]) for t in node["spec"].get("taints") or ()}


@inside(two_nodes)
async def test_pods_of_a_killed_node_are_ready_elsewhere_within_fifteen_seconds(lab):
    await lab.deployment(replicas=3)
    victim = (await up(lab, 3))[0]["spec"]["nodeName"]
    other = ({"a", "b"} - {victim}).pop()
    began = asyncio.get_running_loop().time()
    await kill(lab, victim)
    await up(lab, 3, nodes=(other,))
    assert asyncio.get_running_loop().time() - began < 15

    node = await lab.get(NODES, victim)
    found = condition(node, "Ready")
    assert (found["status"], found["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert taints(node) == {(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")}
    left = [p for p in await lab.list(PODS) if p["spec"]["nodeName"] == victim]
    assert len(left) == 3
    for pod in left:
        assert "deletionTimestamp" in pod["metadata"]
        assert condition(pod, "Ready")["status"] == "False"
        assert condition(pod, "DisruptionTarget")["reason"] == "DeletionByTaintManager"
    reasons = {reason for _, reason, _ in await lab.events()}
    assert {"NodeNotReady", "TaintManagerEviction"} <= reasons
    status = (await lab.get(DEPLOYMENTS, "web"))["status"]
    assert (status["replicas"], status["availableReplicas"]) == (3, 3)


@inside(two_nodes)
async def test_a_node_that_comes_back_loses_its_taints(lab):
    await kill(lab, "a")

    async def tainted():
        return taints(await lab.get(NODES, "a"))

    await eventually(tainted, 30)
    lab.beats["a"] = lab.run(lab.heartbeat("a"))
    ready_again = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    await lab.client.patch(NODES, "a", ready_again, type="strategic", subresource="status")

    async def clean():
        return not taints(await lab.get(NODES, "a"))

    await eventually(clean, 30)


@inside(two_nodes)
async def test_nobody_is_evicted_while_every_node_is_silent(lab):
    await lab.deployment(replicas=3)
    await up(lab, 3)
    await kill(lab, "a")
    await kill(lab, "b")
    await asyncio.sleep(120)
    pods = await lab.list(PODS)
    assert len(pods) == 3
    assert not any("deletionTimestamp" in p["metadata"] for p in pods)


@inside(two_nodes)
async def test_a_users_toleration_is_kept(lab):
    staying = [{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 100}]
    await lab.pod("stays", tolerations=staying, nodeName="a")
    await up(lab, 1)
    await kill(lab, "a")
    await asyncio.sleep(90)
    assert "deletionTimestamp" not in (await lab.get(PODS, "stays"))["metadata"]
    await asyncio.sleep(30)
    assert "deletionTimestamp" in (await lab.get(PODS, "stays"))["metadata"]


@inside(two_nodes)
async def test_heartbeats_keep_a_node_alive(lab):
    await asyncio.sleep(300)
    for name in ("a", "b"):
        node = await lab.get(NODES, name)
        assert condition(node, "Ready")["status"] == "True"
        assert taints(node) == set()


@inside(two_nodes)
async def test_pods_of_a_node_that_is_deleted_go_and_are_replaced(lab):
    await lab.deployment(replicas=3)
    victim = (await up(lab, 3))[0]["spec"]["nodeName"]
    other = ({"a", "b"} - {victim}).pop()
    lab.dead.add(victim)
    await lab.client.delete(NODES, victim)
    await up(lab, 3, nodes=(other,))

    async def gone():
        return all(p["spec"]["nodeName"] == other for p in await lab.list(PODS))

    await eventually(gone, 60)


@inside(two_nodes)
async def test_a_pod_bound_to_a_node_that_never_was(lab):
    await lab.pod("lost", nodeName="nowhere")
    await asyncio.sleep(5)
    assert await lab.get(PODS, "lost")

    async def gone():
        return await lab.get(PODS, "lost") is None

    await eventually(gone, 60)


@inside(two_nodes)
async def test_cordoning_taints_and_keeps_new_pods_away(lab):
    await lab.client.patch(NODES, "a", {"spec": {"unschedulable": True}})

    async def tainted():
        return taints(await lab.get(NODES, "a")) == {("node.kubernetes.io/unschedulable", "NoSchedule")}

    await eventually(tainted)
    await lab.deployment(replicas=4)
    await up(lab, 4, nodes=("b",))


@inside(two_nodes)
async def test_every_node_has_its_own_range(lab):
    async def given():
        ranges = [n["spec"].get("podCIDR") for n in await lab.list(NODES)]
        return ranges if all(ranges) else None

    assert sorted(await eventually(given)) == ["10.244.0.0/24", "10.244.1.0/24"]


@inside(two_nodes)
async def test_a_node_that_reports_before_its_lease_is_renewed_is_believed(lab):
    await kill(lab, "a")
    await eventually(lambda: tainted(lab, "a"), 30)
    ready_again = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    await lab.client.patch(NODES, "a", ready_again, type="strategic", subresource="status")
    await asyncio.sleep(3)
    assert not await tainted(lab, "a")
    lab.beats["a"] = lab.run(lab.heartbeat("a"))
    await asyncio.sleep(60)
    assert not await tainted(lab, "a")


@inside(two_nodes)
async def test_a_node_that_was_only_slow_is_as_it_was(lab):
    staying = [{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute"}]
    await lab.pod("stays", tolerations=staying, nodeName="a")
    await up(lab, 1)
    await kill(lab, "a")
    await eventually(lambda: tainted(lab, "a"), 30)
    assert condition(await lab.get(PODS, "stays"), "Ready")["reason"] == "NodeNotReady"
    lab.beats["a"] = lab.run(lab.heartbeat("a"))
    await up(lab, 1)
    node = await lab.get(NODES, "a")
    assert condition(node, "Ready")["status"] == "True"
    assert "reason" not in condition(await lab.get(PODS, "stays"), "Ready")
    await asyncio.sleep(60)
    assert not await tainted(lab, "a")


async def tainted(lab, name):
    return taints(await lab.get(NODES, name))
