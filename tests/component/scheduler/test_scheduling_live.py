"""The scheduler against the real API server: bindings, refusals, wake-ups. Time is virtual."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager

import pytest
from bad_transport import BadTransport
from control_plane import ACCOUNTS, EVENTS, NODES, PODS, ControlPlane, condition, eventually, inside

from podwright.apiserver.user import LOOPBACK

pytestmark = pytest.mark.looptime


@asynccontextmanager
async def empty():
    """No controllers; only what pods need to be admitted."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        yield plane


async def node_of(lab, name):
    return (await lab.get(PODS, name))["spec"].get("nodeName")


async def bound(lab, *names):
    async def check():
        return all([await node_of(lab, name) for name in names])

    await eventually(check, 60)


async def refusal(lab, name):
    async def check():
        found = condition(await lab.get(PODS, name), "PodScheduled")
        return found if found.get("status") == "False" else None

    return await eventually(check, 60)


@inside(empty)
async def test_pods_are_packed(lab):
    lab.scheduler()
    for name in ("a", "b", "c"):
        await lab.node(name, cpu="1")
    names = [f"p{i}" for i in range(12)]
    for name in names:
        await lab.pod(name, cpu="250m")
    await bound(lab, *names)
    assert sorted(Counter([await node_of(lab, name) for name in names]).values()) == [4, 4, 4]
    first = [await node_of(lab, name) for name in names[:4]]
    assert len(set(first)) == 1
    scheduled = condition(await lab.get(PODS, "p0"), "PodScheduled")
    assert scheduled["status"] == "True"

    async def told():
        return ("Pod", "Scheduled", f"Successfully assigned default/p0 to {first[0]}") in await lab.events()

    await eventually(told)


@inside(empty)
async def test_a_refusal_explains_itself(lab):
    lab.scheduler()
    await lab.node("small", cpu="1")
    await lab.node("off", cpu="9", unschedulable=True)
    await lab.pod("big", cpu="2")
    found = await refusal(lab, "big")
    assert found["reason"] == "Unschedulable"
    assert found["message"] == (
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    assert found["observedGeneration"] == 1

    async def told():
        return [e for e in await lab.list(EVENTS) if e["reason"] == "FailedScheduling"]

    (event,) = await eventually(told)
    assert event["message"] == found["message"]
    assert (event["type"], event["reportingComponent"]) == ("Warning", "default-scheduler")
    detail = json.loads(event["metadata"]["annotations"]["scheduler.podwright.dev/explain"])
    assert detail["nodes"] == {
        "small": ["cpu: requests 2, free 1 of 1, 1 short"],
        "off": ["cordoned (spec.unschedulable)"],
    }
    assert "scheduler.podwright.dev/explain" not in ((await lab.get(PODS, "big"))["metadata"].get("annotations") or {})


@inside(empty)
async def test_no_nodes_at_all(lab):
    lab.scheduler()
    await lab.pod("p")
    assert (await refusal(lab, "p"))["message"] == "no nodes available to schedule pods"
    await lab.node("a")
    await bound(lab, "p")


@inside(empty)
async def test_a_pod_that_leaves_makes_room(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("first", cpu="1")
    await bound(lab, "first")
    await lab.pod("second", cpu="1")
    found = await refusal(lab, "second")
    assert "1 No preemption victims found for incoming pod." in found["message"]
    await asyncio.sleep(30)
    assert not await node_of(lab, "second")
    await lab.client.delete(PODS, "first", namespace="default", grace_period=0)
    await bound(lab, "second")


@inside(empty)
async def test_a_pod_that_finishes_makes_room(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("first", cpu="1")
    await bound(lab, "first")
    await lab.pod("second", cpu="1")
    await refusal(lab, "second")
    done = {"status": {"phase": "Succeeded"}}
    await lab.client.patch(PODS, "first", done, subresource="status", namespace="default")
    await bound(lab, "second")


@inside(empty)
async def test_node_changes_wake(lab):
    lab.scheduler()
    await lab.node("a", unschedulable=True)
    await lab.pod("p")
    await lab.pod("q", nodeSelector={"disk": "ssd"})
    await refusal(lab, "p")
    await refusal(lab, "q")
    await lab.client.patch(NODES, "a", {"spec": {"unschedulable": None}})
    await bound(lab, "p")
    assert not await node_of(lab, "q")
    await lab.client.patch(NODES, "a", {"metadata": {"labels": {"disk": "ssd"}}})
    await bound(lab, "q")


@inside(empty)
async def test_higher_priority_first(lab):
    lab.scheduler()
    await lab.pod("low", cpu="1")
    await lab.pod("high", cpu="1", priorityClassName="system-cluster-critical")
    await refusal(lab, "low")
    await refusal(lab, "high")
    await lab.node("a", cpu="1")
    await bound(lab, "high")
    assert not await node_of(lab, "low")


@inside(empty)
async def test_pods_of_others_are_left_alone(lab):
    lab.scheduler()
    await lab.node("a")
    await lab.pod("other", schedulerName="mine")
    await lab.pod("gated", schedulingGates=[{"name": "example.com/wait"}])
    await asyncio.sleep(20)
    assert not await node_of(lab, "other")
    assert not await node_of(lab, "gated")
    await lab.client.patch(PODS, "gated", {"spec": {"schedulingGates": None}}, namespace="default")
    await bound(lab, "gated")


@inside(empty)
async def test_what_is_there_already_is_counted(lab):
    await lab.node("a", cpu="1")
    await lab.pod("there", cpu="600m", nodeName="a")
    await lab.pod("waiting", cpu="600m")
    lab.scheduler()
    assert "1 Insufficient cpu" in (await refusal(lab, "waiting"))["message"]


@pytest.mark.parametrize("lag", [0.0, 2.0])
@inside(empty)
async def test_a_slow_watch_or_lost_answers_never_overcommit(lab, lag):
    for name in ("a", "b"):
        await lab.node(name, cpu="1")
    transport = BadTransport(lab.server.transport(LOOPBACK), lag=lag, lossy="/binding")
    lab.scheduler(transport)
    for index in range(12):
        await lab.pod(f"p{index}", cpu="200m")
    await asyncio.sleep(60)
    counts = Counter([await node_of(lab, f"p{i}") for i in range(12)])
    assert (counts["a"], counts["b"], counts[None]) == (5, 5, 2)
    assert transport.lost > 0


@inside(empty)
async def test_the_same_refusal_is_one_event_that_counts(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    await lab.pod("big", cpu="2")
    await refusal(lab, "big")
    await asyncio.sleep(700)

    async def failed():
        return [e for e in await lab.list(EVENTS) if e["reason"] == "FailedScheduling"]

    (event,) = await failed()
    assert event["series"]["count"] >= 2


@inside(empty)
async def test_a_pod_of_the_same_name_is_scheduled_anew(lab):
    lab.scheduler()
    await lab.node("a", cpu="1")
    for _ in range(3):
        await lab.pod("again", cpu="1")
        await bound(lab, "again")
        await lab.client.delete(PODS, "again", namespace="default", grace_period=0)
