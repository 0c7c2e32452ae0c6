"""What resource quotas count through the life of each kind, and the life of a quota itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from api_client import PODS, Api, pod, running
from minimal_manifests import manifest
from steps import NS, good, names, seen

from podwright.api.resources import RESOURCES

JSON = dict[str, Any]
QUOTAS = f"{NS}/resourcequotas"
ROWS = {row.versioned: row for row in RESOURCES}


async def quota(api: Api, hard: JSON, name: str = "q", **spec: Any) -> JSON:
    await api.create(QUOTAS, {"metadata": {"name": name}, "spec": {"hard": hard, **spec}})
    return await used(api, dict.fromkeys(hard, "0"), name)


async def used(api: Api, expected: JSON, name: str = "q") -> JSON:
    return await seen(api, f"{QUOTAS}/{name}", lambda body: body["status"].get("used") == expected)


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("configmaps", "configmaps.v1"),
        ("secrets", "secrets.v1"),
        ("services", "services.v1"),
        ("replicationcontrollers", "replicationcontrollers.v1"),
        ("count/replicasets.apps", "replicasets.v1.apps"),
    ],
)
async def test_the_life_of_an_object_is_counted(api: Api, key: str, row: str) -> None:
    await quota(api, {key: "1"})
    path = ROWS[row].path("ns")
    await api.create(path, manifest(ROWS[row], "x"))
    await used(api, {key: "1"})
    assert (await api.post(path, manifest(ROWS[row], "y"))).status == 403
    good(await api.delete(f"{path}/x", propagationPolicy="Background"))
    await used(api, {key: "0"})


async def test_services_are_counted_by_what_they_take(api: Api) -> None:
    hard = {"services": "10", "services.nodeports": "1", "services.loadbalancers": "1"}
    await quota(api, hard)
    path, ports = f"{NS}/services", [{"port": 80}]
    await api.create(path, {"metadata": {"name": "c"}, "spec": {"ports": ports}})
    await api.create(path, {"metadata": {"name": "n"}, "spec": {"ports": ports, "type": "NodePort"}})
    await used(api, {"services": "2", "services.nodeports": "1", "services.loadbalancers": "0"})
    refused = await api.post(path, {"metadata": {"name": "l"}, "spec": {"ports": ports, "type": "LoadBalancer"}})
    assert refused.status == 403
    good(await api.delete(f"{path}/c"))
    good(await api.delete(f"{path}/n"))
    await used(api, dict.fromkeys(hard, "0"))


def sized(name: str, cpu: str, memory: str, **spec: Any) -> JSON:
    body = pod(name, **spec)
    amounts = {"cpu": cpu, "memory": memory, "ephemeral-storage": "30Gi"}
    body["spec"]["containers"][0]["resources"] = {"requests": amounts, "limits": amounts}
    return body


async def test_the_life_of_a_pod_is_counted(api: Api) -> None:
    hard = {"pods": "5", "cpu": "1", "memory": "500Mi", "ephemeral-storage": "50Gi"}
    await quota(api, hard)
    await api.create(PODS, sized("a", "500m", "252Mi"))
    taken = {"pods": "1", "cpu": "500m", "memory": "252Mi", "ephemeral-storage": "30Gi"}
    await used(api, taken)
    assert (await api.post(PODS, sized("b", "600m", "100Mi"))).status == 403
    good(await api.patch(f"{PODS}/a", {"metadata": {"labels": {"changed": "yes"}}}))
    await used(api, taken)
    good(await api.delete(f"{PODS}/a", gracePeriodSeconds=0))
    await used(api, dict.fromkeys(hard, "0"))


@pytest.mark.parametrize(
    ("scopes", "matching", "other"),
    [
        (("BestEffort", "NotBestEffort"), pod("m"), sized("o", "100m", "1Mi")),
        (("Terminating", "NotTerminating"), sized("m", "1m", "1Mi", activeDeadlineSeconds=3600), sized("o", "1m", "1Mi")),
    ],
    ids=["best effort", "terminating"],
)  # fmt: skip
async def test_a_scope_and_its_opposite_share_the_pods(
    api: Api, scopes: tuple[str, str], matching: JSON, other: JSON
) -> None:
    for name, scope in zip(("in", "out"), scopes, strict=True):
        await quota(api, {"pods": "5"}, name, scopes=[scope])
    for body, counted in ((matching, "in"), (other, "out")):
        await api.create(PODS, body)
        for name in ("in", "out"):
            await used(api, {"pods": "1" if name == counted else "0"}, name)
        good(await api.delete(f"{PODS}/{body['metadata']['name']}", gracePeriodSeconds=0))
        for name in ("in", "out"):
            await used(api, {"pods": "0"}, name)


async def test_a_quota_is_changed_and_removed(api: Api) -> None:
    made = await quota(api, {"cpu": "1", "memory": "500Mi"})
    made["spec"]["hard"] = {"cpu": "2", "memory": "1Gi"}
    updated = good(await api.put(f"{QUOTAS}/q", made))
    assert updated["spec"]["hard"] == {"cpu": "2", "memory": "1Gi"}
    await seen(api, f"{QUOTAS}/q", lambda body: body["status"].get("hard") == {"cpu": "2", "memory": "1Gi"})
    gone = good(await api.delete(f"{QUOTAS}/q"))
    assert gone["kind"] == "ResourceQuota"
    assert (await api.get(f"{QUOTAS}/q")).status == 404


async def test_a_quota_lives(api: Api) -> None:
    body = {"metadata": {"name": "q", "labels": {"walk": "on"}}, "spec": {"hard": {"pods": "5"}}}
    await api.create(QUOTAS, body)
    assert names(good(await api.get("/api/v1/resourcequotas", labelSelector="walk=on"))) == ["q"]
    change = {"metadata": {"labels": {"walk": "patched"}}, "spec": {"hard": {"memory": "750Mi"}}}
    patched = good(await api.patch(f"{QUOTAS}/q", change, "strategic"))
    assert patched["spec"]["hard"] == {"pods": "5", "memory": "750Mi"}
    good(await api.delete(QUOTAS, labelSelector="walk=patched"))
    assert names(good(await api.get("/api/v1/resourcequotas", labelSelector="walk"))) == []


async def test_the_status_of_a_quota_is_written(api: Api) -> None:
    await quota(api, {"cpu": "500m", "memory": "500Mi"})
    path = f"{QUOTAS}/q/status"
    watch = await api.watch(QUOTAS, resourceVersion=good(await api.get(path))["metadata"]["resourceVersion"])
    found = good(await api.get(path))
    found["status"]["hard"] = {"cpu": "1", "memory": "1Gi"}
    assert good(await api.put(path, found))["status"]["hard"] == {"cpu": "1", "memory": "1Gi"}
    assert (await watch.next())[1]["status"]["hard"] == {"cpu": "1", "memory": "1Gi"}
    patched = good(await api.patch(path, {"status": {"hard": {"cpu": "2", "memory": "2Gi"}}}))
    assert patched["status"]["hard"] == {"cpu": "2", "memory": "2Gi"}
    assert (await watch.next())[1]["status"]["hard"] == {"cpu": "2", "memory": "2Gi"}
    assert patched["spec"]["hard"] == {"cpu": "500m", "memory": "500Mi"}


@pytest.mark.looptime
async def test_a_written_status_is_put_right_in_time_whatever_else_goes_on() -> None:
    async with running() as server:  # in here: a fixture's time is not virtual
        await put_right(Api(server))


async def put_right(api: Api) -> None:
    await api.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
    await quota(api, {"cpu": "1"})
    await api.create("/api/v1/namespaces", {"metadata": {"name": "busy"}})
    busy = "/api/v1/namespaces/busy"
    await api.create(f"{busy}/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"configmaps": "99"}}})
    good(await api.patch(f"{QUOTAS}/q/status", {"status": {"hard": {"cpu": "2"}}}))
    for number in range(12):
        await api.create(f"{busy}/configmaps", {"metadata": {"name": f"c{number}"}})
        await asyncio.sleep(10)
    assert good(await api.get(f"{QUOTAS}/q"))["status"] == {"hard": {"cpu": "1"}, "used": {"cpu": "0"}}


async def test_bounds_of_containers_follow_their_range(api: Api) -> None:
    ranges = f"{NS}/limitranges"
    limit = {
        "type": "Container", "min": {"cpu": "50m", "memory": "100Mi"}, "max": {"cpu": "500m", "memory": "500Mi"},
        "defaultRequest": {"cpu": "100m", "memory": "200Mi"}, "default": {"cpu": "500m", "memory": "500Mi"},
    }  # fmt: skip
    made = await api.create(ranges, {"metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    defaulted = {"requests": limit["defaultRequest"], "limits": limit["default"]}
    assert (await api.create(PODS, pod("a")))["spec"]["containers"][0]["resources"] == defaulted
    partly = pod("b")
    partly["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "300m"}, "limits": {"memory": "400Mi"}}
    assert (await api.create(PODS, partly))["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "300m", "memory": "400Mi"}, "limits": {"cpu": "500m", "memory": "400Mi"},
    }  # fmt: skip
    small = pod("c")
    small["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "10m", "memory": "50Mi"}}
    assert (await api.post(PODS, small)).status == 403
    made["spec"]["limits"][0]["min"] = {"cpu": "9m", "memory": "49Mi"}
    good(await api.put(f"{ranges}/l", made))
    assert (await api.post(PODS, small)).status == 201
    large = pod("d")
    large["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "600m"}, "limits": {"cpu": "600m"}}
    assert (await api.post(PODS, large)).status == 403
    good(await api.delete(f"{ranges}/l"))
    assert (await api.post(PODS, large)).status == 201
