"""Pods and their claims: Pending until the claim is bound, woken by what happens to claim, volume and other users."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from control_plane import ACCOUNTS, PODS, ControlPlane, condition, eventually, inside

from podwright.api.resources import find

pytestmark = pytest.mark.looptime
CLAIMS, VOLUMES = find("persistentvolumeclaims"), find("persistentvolumes")


@asynccontextmanager
async def empty():
    """A node, no controllers."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        plane.scheduler()
        await plane.node("a")
        yield plane


async def node_of(lab, name):
    return (await lab.get(PODS, name))["spec"].get("nodeName")


async def refused(lab, name, *parts):
    async def check():
        found = condition(await lab.get(PODS, name), "PodScheduled")
        return found.get("status") == "False" and all(part in found["message"] for part in parts) and found

    return await eventually(check, 60)


async def bound(lab, name):
    async def check():
        return await node_of(lab, name)

    return await eventually(check, 60)


def mounts(*claims):
    return {"volumes": [{"name": f"v{i}", "persistentVolumeClaim": {"claimName": c}} for i, c in enumerate(claims)]}


async def claim(lab, name, mode="ReadWriteOnce", **spec):
    body = {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "default"},
        "spec": {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}, **spec},
    }  # fmt: skip
    await lab.client.create(CLAIMS, body)


async def volume(lab, name, node):
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    body = {
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "local": {"path": "/x"},
                 "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}},
    }  # fmt: skip
    await lab.client.create(VOLUMES, body)


async def bind(lab, name):
    await lab.client.patch(CLAIMS, name, {"status": {"phase": "Bound"}}, subresource="status", namespace="default")


@inside(empty)
async def test_from_no_claim_to_a_node(lab):
    await lab.pod("p", **mounts("c"))
    await lab.pod("plain")
    found = await refused(lab, "p")
    assert found["message"] == '0/1 nodes are available: persistentvolumeclaim "c" not found. not found'
    assert (found["reason"], found["observedGeneration"]) == ("Unschedulable", 1)
    await bound(lab, "plain")
    await claim(lab, "c", volumeName="v")
    await refused(lab, "p", "pod has unbound immediate PersistentVolumeClaims. not found")
    await bind(lab, "c")
    await refused(lab, "p", "1 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
    await volume(lab, "v", "b")
    await refused(lab, "p", "1 node(s) didn't match PersistentVolume's node affinity")
    await lab.node("b")
    assert await bound(lab, "p") == "b"


@inside(empty)
async def test_a_claim_for_one_pod_goes_to_the_next_when_it_is_free(lab):
    await volume(lab, "v", "a")
    await claim(lab, "c", mode="ReadWriteOncePod", volumeName="v")
    await bind(lab, "c")
    await lab.pod("first", **mounts("c"))
    await bound(lab, "first")
    await lab.pod("second", **mounts("c"))
    await refused(lab, "second", "1 node has pod using PersistentVolumeClaim with the same name")
    await asyncio.sleep(20)
    assert not await node_of(lab, "second")
    await lab.client.delete(PODS, "first", namespace="default", grace_period=0)
    await bound(lab, "second")
