"""Deployments and ReplicaSets against the real API server."""

from __future__ import annotations

import pytest
from control_plane import ACCOUNTS, DEPLOYMENTS, PODS, REPLICA_SETS, condition, eventually, ready

REVISION = "deployment.kubernetes.io/revision"


@pytest.fixture
async def running(plane):
    plane.controllers()
    plane.scheduler()
    plane.run(plane.pretend())
    for name in ("a", "b", "c"):
        await plane.node(name)
    return plane


async def complete(plane, replicas, name="web"):
    async def check():
        found = await plane.get(DEPLOYMENTS, name)
        status = found["status"]
        counts = [status.get(k, 0) for k in ("replicas", "updatedReplicas", "availableReplicas")]
        observed = status.get("observedGeneration") == found["metadata"]["generation"]
        return found if observed and counts == [replicas] * 3 else None

    return await eventually(check)


async def test_a_deployment_comes_up(running):
    await running.deployment(replicas=3)
    found = await complete(running, 3)
    assert found["metadata"]["generation"] == 1
    assert found["metadata"]["annotations"][REVISION] == "1"
    assert condition(found, "Available")["reason"] == "MinimumReplicasAvailable"

    async def done():
        return condition(await running.get(DEPLOYMENTS, "web"), "Progressing").get("reason") == "NewReplicaSetAvailable"

    await eventually(done)
    (rs,) = await running.list(REPLICA_SETS)
    assert rs["status"] == {
        "replicas": 3, "fullyLabeledReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
        "observedGeneration": 1, "terminatingReplicas": 0,
    }  # fmt: skip

    async def told():
        events = await running.events()
        wanted = ("Deployment", "ScalingReplicaSet", f"Scaled up replica set {rs['metadata']['name']} from 0 to 3")
        return wanted in events and sum(reason == "SuccessfulCreate" for _, reason, _ in events) == 3

    await eventually(told)


async def test_a_deleted_pod_is_replaced_while_it_still_ends(running):
    await running.deployment(replicas=2)
    await complete(running, 2)
    victim = (await running.list(PODS))[0]
    uid = victim["metadata"]["uid"]
    await running.client.delete(PODS, victim["metadata"]["name"], namespace="default")

    async def healed():
        pods = await running.list(PODS)
        return len([p for p in pods if ready(p)]) == 2 and all(p["metadata"]["uid"] != uid for p in pods)

    await eventually(healed)
    await complete(running, 2)


async def test_a_rollout_keeps_its_bounds_and_can_be_undone(running):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    await running.deployment(replicas=4, strategy=strategy)
    await complete(running, 4)
    seen = []

    async def observe():
        async for _, __ in running.client.watch(PODS, namespace="default", initial=True):
            pods = [p for p in await running.list(PODS) if "deletionTimestamp" not in p["metadata"]]
            seen.append((len(pods), sum(map(ready, pods))))

    watcher = running.run(observe())
    first = (await running.list(REPLICA_SETS))[0]["metadata"]["name"]
    image = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i:2"}]}}}}
    await running.client.patch(DEPLOYMENTS, "web", image, type="strategic", namespace="default")
    await complete(running, 4)
    await running.cancel(watcher)
    assert max(total for total, _ in seen) <= 5
    assert min(available for _, available in seen) >= 4
    sets = {rs["metadata"]["name"]: rs for rs in await running.list(REPLICA_SETS)}
    assert len(sets) == 2
    assert sets[first]["spec"]["replicas"] == 0

    image["spec"]["template"]["spec"]["containers"][0]["image"] = "i:1"
    await running.client.patch(DEPLOYMENTS, "web", image, type="strategic", namespace="default")
    undone = await complete(running, 4)
    assert undone["metadata"]["annotations"][REVISION] == "3"
    sets = {rs["metadata"]["name"]: rs for rs in await running.list(REPLICA_SETS)}
    assert len(sets) == 2
    assert sets[first]["spec"]["replicas"] == 4
    assert sets[first]["metadata"]["annotations"][REVISION] == "3"
    assert sets[first]["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"


async def test_recreate_never_mixes_versions(running):
    await running.deployment(replicas=3, strategy={"type": "Recreate"})
    await complete(running, 3)
    mixed = []

    async def observe():
        async for _, __ in running.client.watch(PODS, namespace="default", initial=True):
            images = {p["spec"]["containers"][0]["image"] for p in await running.list(PODS)}
            mixed.append(len(images) > 1)

    watcher = running.run(observe())
    image = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i:2"}]}}}}
    await running.client.patch(DEPLOYMENTS, "web", image, type="strategic", namespace="default")
    await complete(running, 3)
    await running.cancel(watcher)
    assert mixed
    assert not any(mixed)


async def test_scale_to_nothing_and_back(running):
    await running.deployment(replicas=5)
    await complete(running, 5)
    for replicas in (0, 7):
        await running.client.patch(
            DEPLOYMENTS, "web", {"spec": {"replicas": replicas}}, namespace="default", subresource="scale"
        )
        await complete(running, replicas)

        async def settled(count=replicas):
            return len(await running.list(PODS)) == count

        await eventually(settled)


async def test_a_paused_deployment_waits(running):
    await running.deployment(replicas=2)
    await complete(running, 2)
    change = {"spec": {"paused": True, "template": {"spec": {"containers": [{"name": "c", "image": "i:2"}]}}}}
    await running.client.patch(DEPLOYMENTS, "web", change, type="strategic", namespace="default")

    async def paused():
        return condition(await running.get(DEPLOYMENTS, "web"), "Progressing").get("reason") == "DeploymentPaused"

    await eventually(paused)
    assert len(await running.list(REPLICA_SETS)) == 1
    await running.client.patch(DEPLOYMENTS, "web", {"spec": {"paused": False}}, namespace="default")
    await complete(running, 2)
    assert len(await running.list(REPLICA_SETS)) == 2


async def test_a_pod_that_loses_its_label_is_released_and_replaced(running):
    await running.replica_set("rs", 2)

    async def up(count):
        return [p for p in await running.list(PODS) if ready(p)] if len(await running.list(PODS)) == count else None

    pods = await eventually(lambda: up(2))
    name = pods[0]["metadata"]["name"]
    await running.client.patch(PODS, name, {"metadata": {"labels": {"app": None}}}, namespace="default")
    await eventually(lambda: up(3))
    assert "ownerReferences" not in (await running.get(PODS, name))["metadata"]


async def test_a_matching_pod_is_adopted(running):
    await running.pod("orphan", labels={"app": "rs"})
    rs = await running.replica_set("rs", 1)

    async def adopted():
        owners = (await running.get(PODS, "orphan"))["metadata"].get("ownerReferences") or []
        return [o["uid"] for o in owners] == [rs["metadata"]["uid"]]

    await eventually(adopted)

    async def counted():
        return (await running.get(REPLICA_SETS, "rs"))["status"].get("readyReplicas") == 1

    await eventually(counted)
    assert len(await running.list(PODS)) == 1


async def test_pods_that_cannot_be_made_are_reported(running):
    body = {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "bad", "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "bad"}}, "template": {
            "metadata": {"labels": {"app": "bad"}},
            "spec": {"serviceAccountName": "missing", "containers": [{"name": "c", "image": "i"}]}}},
    }  # fmt: skip
    await running.client.create(REPLICA_SETS, body)

    async def reported():
        return condition(await running.get(REPLICA_SETS, "bad"), "ReplicaFailure")

    found = await eventually(reported)
    assert (found["status"], found["reason"]) == ("True", "FailedCreate")
    assert "missing" in found["message"]

    async def told():
        return any(
            reason == "FailedCreate" and "Error creating: " in text for _, reason, text in await running.events()
        )

    await eventually(told)
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "missing", "namespace": "default"}}
    await running.client.create(ACCOUNTS, account)

    async def mended():
        found = await running.get(REPLICA_SETS, "bad")
        return found["status"].get("readyReplicas") == 1 and not condition(found, "ReplicaFailure")

    await eventually(mended)
    assert len(await running.list(PODS)) == 1
