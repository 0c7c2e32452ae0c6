"""StatefulSets against the real API server and scheduler; pods are pretended to run."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from control_plane import PODS, ControlPlane, eventually, inside, ready

from podwright.api.resources import find

pytestmark = pytest.mark.looptime
STATEFUL_SETS, REVISIONS = find("statefulsets", "apps"), find("controllerrevisions", "apps")
CLAIMS = find("persistentvolumeclaims")


@asynccontextmanager
async def one_node():
    """A node whose pods start at once and end when they are asked to."""
    async with ControlPlane() as plane:
        plane.controllers()
        plane.scheduler()
        plane.run(plane.pretend())
        await plane.node("a")
        plane.run(plane.heartbeat("a"))
        yield plane


def body(replicas=3, image="i:1", **spec):
    template = {"metadata": {"labels": {"app": "s"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    base = {"replicas": replicas, "selector": {"matchLabels": {"app": "s"}}, "template": template, "serviceName": "s"}
    return {"metadata": {"name": "s"}, "spec": {**base, **spec}}


async def running(plane, image="i:1"):
    pods = [p for p in await plane.list(PODS) if ready(p) and p["spec"]["containers"][0]["image"] == image]
    return sorted(p["metadata"]["name"] for p in pods)


def runs(plane, *names, image="i:1"):
    async def all_run():
        return await running(plane, image) == list(names)

    return eventually(all_run, 60)


@inside(one_node)
async def test_pods_in_order_and_their_names_come_back(plane):
    await plane.client.create(STATEFUL_SETS, body(), namespace="default")
    assert await runs(plane, "s-0", "s-1", "s-2")
    created = [
        p["metadata"]["resourceVersion"] for p in sorted(await plane.list(PODS), key=lambda p: p["metadata"]["name"])
    ]
    assert created == sorted(created, key=int)
    first = (await plane.get(PODS, "s-1"))["metadata"]["uid"]
    await plane.client.delete(PODS, "s-1", namespace="default")
    assert await runs(plane, "s-0", "s-1", "s-2")
    assert (await plane.get(PODS, "s-1"))["metadata"]["uid"] != first
    await plane.client.patch(STATEFUL_SETS, "s", {"spec": {"replicas": 1}}, namespace="default")
    assert await runs(plane, "s-0")


@inside(one_node)
async def test_a_new_template_and_back_again(plane):
    await plane.client.create(STATEFUL_SETS, body(), namespace="default")
    assert await runs(plane, "s-0", "s-1", "s-2")
    first = (await plane.get(STATEFUL_SETS, "s"))["status"]["currentRevision"]
    await plane.client.patch(STATEFUL_SETS, "s", {"spec": body(image="i:2")["spec"]}, namespace="default")
    assert await runs(plane, "s-0", "s-1", "s-2", image="i:2")

    async def complete():
        status = (await plane.get(STATEFUL_SETS, "s"))["status"]
        return status["currentRevision"] == status["updateRevision"] != first and status["availableReplicas"] == 3

    assert await eventually(complete, 30)
    await plane.client.patch(STATEFUL_SETS, "s", {"spec": body()["spec"]}, namespace="default")
    assert await runs(plane, "s-0", "s-1", "s-2")
    assert (await plane.get(STATEFUL_SETS, "s"))["status"]["updateRevision"] == first
    assert sorted(r["revision"] for r in await plane.list(REVISIONS)) == [2, 3]


@inside(one_node)
async def test_claims_outlive_their_pods_unless_the_policy_says_otherwise(plane):
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    policy = {"whenDeleted": "Delete", "whenScaled": "Retain"}
    made = body(1, volumeClaimTemplates=[claim], persistentVolumeClaimRetentionPolicy=policy)
    await plane.client.create(STATEFUL_SETS, made, namespace="default")

    async def claims():
        return [c["metadata"]["name"] for c in await plane.list(CLAIMS)] == ["data-s-0"]

    assert await eventually(claims, 30)
    await plane.client.delete(PODS, "s-0", namespace="default")

    async def pod():
        return [p["metadata"]["name"] for p in await plane.list(PODS)] == ["s-0"]

    assert await eventually(pod, 30)
    assert await claims()
    await plane.client.delete(STATEFUL_SETS, "s", namespace="default")

    async def nothing():
        return not await plane.list(PODS) and not await plane.list(CLAIMS)

    assert await eventually(nothing, 60)
