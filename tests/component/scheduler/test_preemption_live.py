"""More important pods displace others, against the real API server; nodes pretend to end pods."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from control_plane import ACCOUNTS, EVENTS, NODES, PODS, REPLICA_SETS, ControlPlane, condition, eventually, inside

from podwright.api.resources import find

pytestmark = pytest.mark.looptime
CLASSES, BUDGETS = find("priorityclasses", "scheduling.k8s.io"), find("poddisruptionbudgets", "policy")


@asynccontextmanager
async def cluster():
    """Priority classes low, mid and high; no nodes, no scheduler, no controllers."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        for name, value in (("low", 1), ("mid", 10), ("high", 100)):
            body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}}
            await plane.client.create(CLASSES, {**body, "value": value})
        yield plane


async def node_of(lab, name):
    found = await lab.get(PODS, name)
    return found and found["spec"].get("nodeName")


async def bound(lab, *names):
    async def check():
        return all([await node_of(lab, name) for name in names])

    await eventually(check, 60)


async def refused(lab, name, part):
    async def check():
        found = condition(await lab.get(PODS, name), "PodScheduled")
        return found.get("status") == "False" and part in found["message"] and found["message"]

    return await eventually(check, 60)


async def leaving(lab, name):
    async def check():
        found = await lab.get(PODS, name)
        return found if found and "deletionTimestamp" in found["metadata"] else None

    return await eventually(check, 60)


async def told(lab, name, reason):
    async def check():
        found = [e for e in await lab.list(EVENTS) if e["involvedObject"]["name"] == name and e["reason"] == reason]
        return found and found[0]

    return await eventually(check, 60)


@inside(cluster)
async def test_a_more_important_pod_takes_the_place(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    await lab.pod("high", cpu="1", priorityClassName="high")
    victim = await leaving(lab, "low")
    assert victim["metadata"]["deletionGracePeriodSeconds"] == 30
    found = condition(victim, "DisruptionTarget")
    assert (found["status"], found["reason"]) == ("True", "PreemptionByScheduler")
    assert found["message"] == "default-scheduler: preempting to accommodate a higher priority pod"
    assert await refused(lab, "high", "Insufficient cpu")
    waiting = await lab.get(PODS, "high")
    assert waiting["status"]["nominatedNodeName"] == "a"
    event = await told(lab, "low", "Preempted")
    assert event["message"] == f"Preempted by pod {waiting['metadata']['uid']} on node a"
    await asyncio.sleep(15)
    assert not await node_of(lab, "high")
    await lab.client.delete(PODS, "low", namespace="default", grace_period=0)
    await bound(lab, "high")
    assert "nominatedNodeName" not in (await lab.get(PODS, "high"))["status"]


@inside(cluster)
async def test_what_is_said_when_it_happens_and_while_it_waits(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    await lab.pod("high", cpu="1", priorityClassName="high")
    event = await told(lab, "high", "FailedScheduling")
    assert event["message"] == "0/1 nodes are available: 1 Insufficient cpu."
    assert "displaces default/low (priority 1) on node a" in event["metadata"]["annotations"].popitem()[1]
    await lab.client.patch(PODS, "high", {"metadata": {"labels": {"a": "b"}}}, namespace="default")  # tried again
    await refused(lab, "high", "preemption: not eligible due to a terminating pod on the nominated node.")
    assert (await lab.get(PODS, "high"))["status"]["nominatedNodeName"] == "a"


@inside(cluster)
async def test_nobody_else_takes_the_room_that_was_made(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    await lab.pod("high", cpu="1", priorityClassName="high")
    await leaving(lab, "low")
    await lab.pod("mid", cpu="1", priorityClassName="mid")
    await refused(lab, "mid", "Insufficient cpu")
    await lab.client.delete(PODS, "low", namespace="default", grace_period=0)
    await bound(lab, "high")
    await asyncio.sleep(20)
    assert not await node_of(lab, "mid")


@inside(cluster)
async def test_a_more_important_one_takes_the_room_that_is_held(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    await lab.pod("mid", cpu="1", priorityClassName="mid")
    await leaving(lab, "low")
    await lab.pod("high", cpu="1", priorityClassName="high")

    async def handed_over():
        mid, high = await lab.get(PODS, "mid"), await lab.get(PODS, "high")
        return not mid["status"].get("nominatedNodeName") and high["status"].get("nominatedNodeName")

    await eventually(handed_over, 60)
    await lab.client.delete(PODS, "low", namespace="default", grace_period=0)
    await bound(lab, "high")
    assert not await node_of(lab, "mid")


@inside(cluster)
async def test_whoever_never_preempts_waits(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "patient"}}
    await lab.client.create(CLASSES, {**body, "value": 1000, "preemptionPolicy": "Never"})
    await lab.pod("patient", cpu="1", priorityClassName="patient")
    await refused(lab, "patient", "preemption: not eligible due to preemptionPolicy=Never.")
    assert "deletionTimestamp" not in (await lab.get(PODS, "low"))["metadata"]


@inside(cluster)
async def test_budgets_steer_and_do_not_stop(lab):
    lab.scheduler()
    for name in ("a", "b"):
        await lab.node(name, cpu="1")
    await lab.pod("kept", cpu="1", labels={"app": "kept"}, priorityClassName="low")
    await lab.pod("loose", cpu="1", priorityClassName="mid")
    await bound(lab, "kept", "loose")
    body = {
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "kept"}}},
    }  # fmt: skip
    await lab.client.create(BUDGETS, body)
    await lab.pod("first", cpu="1", priorityClassName="high")
    await leaving(lab, "loose")
    await asyncio.sleep(5)
    assert "deletionTimestamp" not in (await lab.get(PODS, "kept"))["metadata"]
    await lab.pod("second", cpu="1", priorityClassName="high")
    await leaving(lab, "kept")


@inside(cluster)
async def test_a_scheduler_that_comes_back_remembers_whom_it_made_room_for(lab):
    task = lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("low", cpu="1", priorityClassName="low")
    await bound(lab, "low")
    await lab.pod("high", cpu="1", priorityClassName="high")
    await leaving(lab, "low")

    async def nominated():
        return (await lab.get(PODS, "high"))["status"].get("nominatedNodeName")

    await eventually(nominated, 60)
    await lab.cancel(task)
    await lab.pod("mid", cpu="1", priorityClassName="mid")
    lab.scheduler()
    await refused(lab, "mid", "Insufficient cpu")
    await lab.client.delete(PODS, "low", namespace="default", grace_period=0)
    await bound(lab, "high")
    assert not await node_of(lab, "mid")


@inside(cluster)
async def test_many_displace_many_without_excess(lab):
    lab.scheduler()
    for name in ("a", "b", "c"):
        await lab.node(name, cpu="1")
    lows = [f"low{i}" for i in range(12)]
    for name in lows:
        await lab.pod(name, cpu="250m", priorityClassName="low")
    await bound(lab, *lows)
    lab.run(lab.pretend())
    highs = [f"high{i}" for i in range(6)]
    for name in highs:
        await lab.pod(name, cpu="500m", priorityClassName="high")
    await bound(lab, *highs)
    await asyncio.sleep(30)
    assert [name for name in lows if await lab.get(PODS, name)] == []
    assert all([await node_of(lab, name) for name in highs])
    more = [f"mid{i}" for i in range(2)]
    for name in more:
        await lab.pod(name, cpu="250m", priorityClassName="mid")
    await refused(lab, "mid0", "No preemption victims found for incoming pod")


@inside(cluster)
async def test_replica_sets_replace_what_was_displaced_and_wait(lab):
    lab.controllers()
    lab.scheduler()
    await lab.node("a")
    status = {"capacity": {"example.com/fakecpu": "1000"}, "allocatable": {"example.com/fakecpu": "1000"}}
    await lab.client.patch(NODES, "a", {"status": status}, type="strategic", subresource="status")
    lab.run(lab.heartbeat("a"))
    lab.run(lab.pretend())

    def template(name, amount, priority):
        resources = {"requests": {"example.com/fakecpu": amount}, "limits": {"example.com/fakecpu": amount}}
        container = {"name": "c", "image": "i:1", "resources": resources}
        return {
            "metadata": {"labels": {"app": name}},
            "spec": {"priorityClassName": priority, "containers": [container]},
        }

    for name, amount, priority in (("one", "200", "low"), ("two", "300", "mid"), ("three", "450", "high")):
        body = {
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "default"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template(name, amount, priority)},
        }  # fmt: skip
        await lab.client.create(REPLICA_SETS, body)

    async def placed():
        return sorted(p["metadata"]["labels"]["app"] for p in await lab.list(PODS) if p["spec"].get("nodeName"))

    async def all_placed():
        return await placed() == ["one", "three", "two"]

    await eventually(all_placed, 60)
    await lab.client.create(
        CLASSES,
        {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "top"}, "value": 1000},
    )
    pod = template("top", "500", "top")
    await lab.client.create(
        PODS,
        {
            "apiVersion": "v1",
            "kind": "Pod",
            **pod,
            "metadata": {**pod["metadata"], "name": "top", "namespace": "default"},
        },
    )
    await bound(lab, "top")
    await asyncio.sleep(30)
    assert await placed() == ["three", "top"]
    assert sorted(p["metadata"]["labels"]["app"] for p in await lab.list(PODS)) == ["one", "three", "top", "two"]
