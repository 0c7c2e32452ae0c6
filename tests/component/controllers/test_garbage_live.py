"""Deletion with the three propagations, and the end of namespaces, against the real API server."""

from __future__ import annotations

import asyncio

import pytest
from control_plane import (
    ACCOUNTS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    ENDPOINTS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SERVICES,
    SLICES,
    condition,
    eventually,
)


@pytest.fixture
async def running(plane):
    plane.controllers()
    plane.scheduler()
    plane.run(plane.pretend())
    await plane.node("a")
    return plane


async def started(plane, replicas=3):
    await plane.deployment(replicas=replicas)

    async def up():
        return (await plane.get(DEPLOYMENTS, "web"))["status"].get("availableReplicas") == replicas

    await eventually(up)


async def empty(plane, *resources, namespace="default"):
    for resource in resources:
        if await plane.list(resource, namespace):
            return False
    return True


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
async def test_everything_goes_with_its_deployment(running, propagation):
    await started(running)
    await running.client.delete(DEPLOYMENTS, "web", namespace="default", propagation=propagation)
    await eventually(lambda: empty(running, DEPLOYMENTS, REPLICA_SETS, PODS))


async def test_in_the_foreground_the_deployment_goes_last(running):
    await started(running, 1)
    name = (await running.list(PODS))[0]["metadata"]["name"]
    hold = {"metadata": {"finalizers": ["example.com/hold"]}}
    await running.client.patch(PODS, name, hold, namespace="default")
    await running.client.delete(DEPLOYMENTS, "web", namespace="default", propagation="Foreground")

    async def ending():
        pod = await running.get(PODS, name)
        return "deletionTimestamp" in pod["metadata"]

    await eventually(ending)
    await asyncio.sleep(0.2)
    assert (await running.get(DEPLOYMENTS, "web"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert len(await running.list(REPLICA_SETS)) == 1
    await running.client.patch(PODS, name, {"metadata": {"finalizers": None}}, namespace="default")
    await eventually(lambda: empty(running, DEPLOYMENTS, REPLICA_SETS, PODS))


async def test_orphans_stay_and_are_adopted_again(running):
    await started(running)
    before = {p["metadata"]["uid"] for p in await running.list(PODS)}
    await running.client.delete(DEPLOYMENTS, "web", namespace="default", propagation="Orphan")
    await eventually(lambda: empty(running, DEPLOYMENTS))
    (rs,) = await running.list(REPLICA_SETS)
    assert "ownerReferences" not in rs["metadata"]
    await started(running)
    (rs,) = await running.list(REPLICA_SETS)
    assert rs["metadata"]["ownerReferences"][0]["name"] == "web"
    assert {p["metadata"]["uid"] for p in await running.list(PODS)} == before


async def test_an_owner_that_never_was_takes_its_dependents_along(running):
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "ghost", "uid": "no-such-uid"}
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "default", "ownerReferences": [owner]},
    }
    await running.client.create(CONFIG_MAPS, body)

    async def gone():
        return await running.get(CONFIG_MAPS, "c") is None

    await eventually(gone)


async def test_every_namespace_has_its_defaults(running):
    await running.client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})

    async def there():
        account, published = (
            await running.get(ACCOUNTS, "default", "x"),
            await running.get(CONFIG_MAPS, "kube-root-ca.crt", "x"),
        )
        return account and published and published["data"] == {"ca.crt": "PEM"}

    await eventually(there)
    await running.client.delete(ACCOUNTS, "default", namespace="x")
    await running.client.patch(CONFIG_MAPS, "kube-root-ca.crt", {"data": {"ca.crt": "bad"}}, namespace="x")
    await eventually(there)


async def test_the_end_of_a_namespace(running):
    await running.client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})

    async def accounted():
        return await running.get(ACCOUNTS, "default", "x")

    await eventually(accounted)
    await running.pod("p", namespace="x")
    held = {"name": "held", "namespace": "x", "finalizers": ["example.com/hold"]}
    await running.client.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    await running.client.delete(NAMESPACES, "x")

    async def waiting():
        found = await running.get(NAMESPACES, "x")
        return found if condition(found, "NamespaceFinalizersRemaining").get("status") == "True" else None

    found = await eventually(waiting)
    assert found["status"]["phase"] == "Terminating"

    async def only_held():
        left = [cm["metadata"]["name"] for cm in await running.list(CONFIG_MAPS, "x")]
        return left == ["held"] and await empty(running, PODS, ACCOUNTS, namespace="x")

    await eventually(only_held)
    await running.client.patch(CONFIG_MAPS, "held", {"metadata": {"finalizers": None}}, namespace="x")

    async def gone():
        return await running.get(NAMESPACES, "x") is None

    await eventually(gone)


async def test_a_service_reaches_ready_pods_only(running):
    body = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }  # fmt: skip
    await running.client.create(SERVICES, body)
    await started(running, 2)

    async def reached(count):
        slices = [
            s for s in await running.list(SLICES) if s["metadata"]["labels"].get("kubernetes.io/service-name") == "web"
        ]
        ready = [e for s in slices for e in s.get("endpoints") or () if e["conditions"]["ready"]]
        older = await running.get(ENDPOINTS, "web") or {}
        addresses = [a for subset in older.get("subsets") or () for a in subset.get("addresses") or ()]
        return len(ready) == len(addresses) == count

    await eventually(lambda: reached(2))
    pod = (await running.list(PODS))[0]
    await running.set_ready(pod, ready=False, ip=pod["status"]["podIP"])
    await eventually(lambda: reached(1))
    await running.client.delete(SERVICES, "web", namespace="default")

    async def gone():
        left = [s for s in await running.list(SLICES) if s["metadata"]["name"].startswith("web-")]
        return not left and await running.get(ENDPOINTS, "web") is None

    await eventually(gone)
