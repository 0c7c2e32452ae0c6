"""Disruption budgets and evictions against the real API server, its controllers and pods that come up again."""

from __future__ import annotations

import pytest
from control_plane import DEPLOYMENTS, PODS, condition, eventually, ready

from podwright.api.errors import ApiError
from podwright.api.resources import find

BUDGETS = find("poddisruptionbudgets", "policy")


@pytest.fixture
async def running(plane):
    plane.controllers()
    plane.scheduler()
    plane.run(plane.pretend())
    await plane.node("a")
    await plane.deployment(replicas=4)

    async def up():
        return sum(ready(p) for p in await plane.list(PODS)) == 4

    await eventually(up)
    return plane


async def budget(plane, **spec):
    meta = {"name": "b", "namespace": "default"}
    body = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta}
    await plane.client.create(
        BUDGETS, {**body, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}, namespace="default"
    )


async def counted(plane, **wanted):
    async def check():
        status = (await plane.get(BUDGETS, "b"))["status"]
        return status if all(status[name] == value for name, value in wanted.items()) else None

    return await eventually(check)


async def evict(plane, name):
    meta = {"name": name, "namespace": "default"}
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
    return await plane.client.create(PODS, body, namespace="default", name=name, subresource="eviction")


@pytest.mark.parametrize(
    ("spec", "desired"), [({"minAvailable": 3}, 3), ({"minAvailable": "60%"}, 3), ({"maxUnavailable": "20%"}, 3)]
)
async def test_evictions_go_on_as_pods_are_replaced_and_never_too_far(running, spec, desired):
    await budget(running, **spec)
    status = await counted(running, disruptionsAllowed=1, currentHealthy=4, desiredHealthy=desired, expectedPods=4)
    assert condition({"status": status}, "DisruptionAllowed")["reason"] == "SufficientPods"
    old = [p["metadata"]["name"] for p in await running.list(PODS)]
    refused = 0
    for name in old:

        async def gone(name=name):
            nonlocal refused
            try:
                await evict(running, name)
            except ApiError as error:
                if error.code != 429:
                    raise
                refused += 1
                alive = sum(ready(p) for p in await running.list(PODS))
                assert alive >= desired
                return False
            return True

        await eventually(gone)
    assert refused
    await counted(running, disruptionsAllowed=1, currentHealthy=4)
    assert not {p["metadata"]["name"] for p in await running.list(PODS)} & set(old)


async def test_the_budget_follows_the_scale(running):
    await budget(running, maxUnavailable=0)
    await counted(running, desiredHealthy=4, disruptionsAllowed=0)
    await running.client.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 2}}, namespace="default")
    await counted(running, desiredHealthy=2, currentHealthy=2, expectedPods=2, disruptionsAllowed=0)
    await running.client.patch(BUDGETS, "b", {"spec": {"maxUnavailable": 1}}, namespace="default")
    await counted(running, desiredHealthy=1, disruptionsAllowed=1, observedGeneration=2)
