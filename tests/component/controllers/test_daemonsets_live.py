"""DaemonSets against the real API server and scheduler; pods are pretended to run."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from control_plane import NODES, PODS, ControlPlane, eventually, inside, ready

from podwright.api.resources import find

pytestmark = pytest.mark.looptime
DAEMON_SETS, REVISIONS = find("daemonsets", "apps"), find("controllerrevisions", "apps")


@asynccontextmanager
async def three_nodes():
    """Three nodes whose pods start at once and end when they are asked to."""
    async with ControlPlane() as plane:
        plane.controllers()
        plane.scheduler()
        plane.run(plane.pretend())
        for name in ("a", "b", "c"):
            await plane.node(name)
            plane.run(plane.heartbeat(name))
        yield plane


def body(image="i:1", **spec):
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    selector = {"matchLabels": {"app": "d"}}
    return {"metadata": {"name": "d"}, "spec": {"selector": selector, "template": template, **spec}}


async def running_on(plane, image="i:1"):
    pods = [p for p in await plane.list(PODS) if ready(p) and p["spec"]["containers"][0]["image"] == image]
    return sorted(p["spec"]["nodeName"] for p in pods)


async def status(plane):
    return (await plane.get(DAEMON_SETS, "d"))["status"]


@inside(three_nodes)
async def test_each_node_has_its_pod_a_new_one_too(plane):
    await plane.client.create(DAEMON_SETS, body(), namespace="default")

    async def everywhere(*names):
        return await running_on(plane) == list(names)

    await eventually(lambda: everywhere("a", "b", "c"), 30)
    await plane.node("d")
    plane.run(plane.heartbeat("d"))
    await eventually(lambda: everywhere("a", "b", "c", "d"), 30)

    async def counted():
        found = await status(plane)
        return found["numberAvailable"] == found["desiredNumberScheduled"] == found["updatedNumberScheduled"] == 4

    assert await eventually(counted)
    taint = {"key": "k", "effect": "NoExecute"}
    await plane.client.patch(NODES, "b", {"spec": {"taints": [taint]}})
    await eventually(lambda: everywhere("a", "c", "d"), 30)


@inside(three_nodes)
async def test_a_new_template_is_rolled_out_and_back(plane):
    await plane.client.create(DAEMON_SETS, body(), namespace="default")

    async def all_run(image):
        return await running_on(plane, image) == ["a", "b", "c"]

    await eventually(lambda: all_run("i:1"), 30)
    await plane.client.patch(DAEMON_SETS, "d", body("i:2"), namespace="default")
    await eventually(lambda: all_run("i:2"), 60)
    await plane.client.patch(DAEMON_SETS, "d", body("i:1"), namespace="default")
    await eventually(lambda: all_run("i:1"), 60)

    async def history():
        return sorted(r["revision"] for r in await plane.list(REVISIONS)) == [2, 3]

    assert await eventually(history)


@inside(three_nodes)
async def test_a_pod_that_is_deleted_is_replaced_on_its_node(plane):
    await plane.client.create(DAEMON_SETS, body(), namespace="default")

    async def three():
        pods = [p for p in await plane.list(PODS) if ready(p)]
        return pods if len(pods) == 3 else None

    gone = (await eventually(three, 30))[0]
    await plane.client.delete(PODS, gone["metadata"]["name"], namespace="default")

    async def replaced():
        pods = [p for p in await plane.list(PODS) if ready(p) and p["metadata"]["uid"] != gone["metadata"]["uid"]]
        return sorted(p["spec"]["nodeName"] for p in pods) == ["a", "b", "c"]

    assert await eventually(replaced, 60)
