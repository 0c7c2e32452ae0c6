"""A controller whose caches lag, or whose answers get lost, must not do anything twice. Time is virtual."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from bad_transport import BadTransport
from control_plane import DEPLOYMENTS, PODS, REPLICA_SETS, SERVICES, SLICES, ControlPlane, eventually, inside

from podwright.apiserver.user import LOOPBACK

pytestmark = pytest.mark.looptime


async def count_created(plane, resource, seen):
    watch = plane.client.watch(resource, initial=True)
    async with aclosing(watch):
        async for kind, obj in watch:
            if kind == "ADDED":
                seen.append(obj["metadata"]["name"])


@pytest.mark.parametrize("lag", [0.05, 0.7, 3.0])
@inside(ControlPlane)
async def test_slow_watches_make_no_duplicates(plane, lag):
    pods, sets = [], []
    plane.run(count_created(plane, PODS, pods))
    plane.run(count_created(plane, REPLICA_SETS, sets))
    plane.controllers(BadTransport(plane.server.transport(LOOPBACK), lag=lag))
    await plane.deployment(replicas=7)

    async def counted():
        return (await plane.get(DEPLOYMENTS, "web")).get("status", {}).get("replicas") == 7

    await eventually(counted, 60)
    await asyncio.sleep(30)
    assert len(pods) == 7
    assert len(sets) == 1

    await plane.client.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 2}}, namespace="default")
    await eventually(lambda: only(plane, 2), 60)
    await asyncio.sleep(30)
    assert len(await plane.list(PODS)) == 2
    assert len(pods) == 7


async def only(plane, count):
    return len(await plane.list(PODS)) == count


@pytest.mark.parametrize("lag", [0.0, 1.5])
@inside(ControlPlane)
async def test_lost_answers_make_no_duplicates(plane, lag):
    pods = []
    plane.run(count_created(plane, PODS, pods))
    transport = BadTransport(plane.server.transport(LOOPBACK), lag=lag, lossy="/pods")
    plane.controllers(transport)
    await plane.deployment(replicas=6)
    await eventually(lambda: only(plane, 6), 120)
    await asyncio.sleep(60)
    assert transport.lost > 1
    assert len(pods) == 6


@inside(ControlPlane)
async def test_slow_watches_make_no_second_slice(plane):
    slices = []
    plane.run(count_created(plane, SLICES, slices))
    plane.controllers(BadTransport(plane.server.transport(LOOPBACK), lag=2.0))
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"}}
    await plane.client.create(SERVICES, {**service, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
    await asyncio.sleep(3)
    await plane.client.patch(SERVICES, "web", {"metadata": {"labels": {"a": "b"}}}, namespace="default")
    await asyncio.sleep(30)
    assert [name.rpartition("-")[0] for name in slices if name.startswith("web-")] == ["web"]
