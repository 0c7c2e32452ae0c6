"""Affinity, anti-affinity and spread against the real API server: refusals explain themselves, changes wake."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from control_plane import ACCOUNTS, EVENTS, NAMESPACES, NODES, PODS, ControlPlane, condition, eventually, inside

pytestmark = pytest.mark.looptime
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
HELPLESS = (
    "no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)


@asynccontextmanager
async def zones():
    """Nodes a1, a2 in zone a and b1 in zone b; no controllers."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        for name in ("a1", "a2", "b1"):
            await plane.node(name)
            labels = {ZONE: name[0], HOST: name}
            await plane.client.patch(NODES, name, {"metadata": {"labels": labels}})
        plane.scheduler()
        yield plane


@asynccontextmanager
async def one():
    """A single node."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        plane.scheduler()
        await plane.node("a")
        await plane.client.patch(NODES, "a", {"metadata": {"labels": {HOST: "a"}}})
        yield plane


def term(key, space=None, **more):
    selector = {"matchLabels": {"app": more.pop("app", "web")}}
    return {"topologyKey": key, "labelSelector": selector, **({"namespaceSelector": space} if space else {}), **more}


def near(*terms):
    return {"affinity": {"podAffinity": {REQUIRED: list(terms)}}}


def apart(*terms):
    return {"affinity": {"podAntiAffinity": {REQUIRED: list(terms)}}}


def even(key, skew=1, **more):
    found = {"topologyKey": key, "maxSkew": skew, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
    return {"topologySpreadConstraints": [{**found, **more}]}


WEB = {"app": "web"}


async def node_of(lab, name, namespace="default"):
    return (await lab.get(PODS, name, namespace))["spec"].get("nodeName")


async def bound(lab, name):
    async def check():
        return await node_of(lab, name)

    return await eventually(check, 60)


async def refused(lab, name):
    async def check():
        found = condition(await lab.get(PODS, name), "PodScheduled")
        return found["message"] if found.get("status") == "False" else None

    return await eventually(check, 60)


async def details(lab, name):
    async def check():
        told = [e for e in await lab.list(EVENTS) if e["involvedObject"]["name"] == name]
        return [e for e in told if e["reason"] == "FailedScheduling"]

    event = (await eventually(check))[-1]
    return json.loads(event["metadata"]["annotations"]["scheduler.podwright.dev/explain"])["nodes"]


@inside(zones)
async def test_apart_then_full_then_free(lab):
    for name in ("p1", "p2", "p3"):
        await lab.pod(name, labels=WEB, **apart(term(HOST)))
    assert {await bound(lab, name) for name in ("p1", "p2", "p3")} == {"a1", "a2", "b1"}
    await lab.pod("p4", labels=WEB, **apart(term(HOST)))
    assert await refused(lab, "p4") == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    )
    first = await node_of(lab, "p1")
    assert (await details(lab, "p4"))[first] == [
        f"pod anti-affinity: default/p1 where {HOST}={first}, but no pod [app=web] in default may be there"
    ]
    await asyncio.sleep(20)
    assert not await node_of(lab, "p4")
    second = await node_of(lab, "p2")
    await lab.client.delete(PODS, "p2", namespace="default", grace_period=0)
    assert await bound(lab, "p4") == second


@inside(zones)
async def test_a_pod_that_is_relabelled_makes_room(lab):
    for name in ("a1", "a2", "b1"):
        await lab.pod(name, labels=WEB, nodeSelector={HOST: name})
        await bound(lab, name)
    await lab.pod("alone", **apart(term(HOST)))
    await refused(lab, "alone")
    await lab.client.patch(PODS, "a2", {"metadata": {"labels": {"app": "other"}}}, namespace="default")
    assert await bound(lab, "alone") == "a2"


@inside(zones)
async def test_those_who_are_there_want_to_be_alone(lab):
    await lab.pod("loner", **apart(term(ZONE)))
    zone = (await bound(lab, "loner"))[0]
    await lab.pod("web", labels=WEB)
    assert (await bound(lab, "web"))[0] != zone
    other = await node_of(lab, "web")
    await lab.client.patch(NODES, other, {"spec": {"unschedulable": True}})
    for name in {"a1", "a2", "b1"} - {other}:
        if name[0] == other[0]:
            await lab.client.patch(NODES, name, {"spec": {"unschedulable": True}})
    await lab.pod("second", labels=WEB)
    assert "node(s) didn't satisfy existing pods anti-affinity rules" in await refused(lab, "second")
    await lab.client.delete(PODS, "loner", namespace="default", grace_period=0)
    await bound(lab, "second")


@inside(zones)
async def test_a_pod_follows_one_that_comes_later(lab):
    await lab.pod("friend", **near(term(ZONE)))
    assert "3 node(s) didn't match pod affinity rules" in await refused(lab, "friend")
    await lab.pod("web", labels=WEB, nodeSelector={HOST: "b1"})
    assert await bound(lab, "friend") == "b1"


@inside(zones)
async def test_a_group_begins_with_one(lab):
    await lab.pod("w1", labels=WEB, **near(term(ZONE)))
    await lab.pod("w2", labels=WEB, **near(term(ZONE)))
    assert (await bound(lab, "w1"))[0] == (await bound(lab, "w2"))[0]


@inside(zones)
async def test_evenly_over_zones(lab):
    for index in range(4):
        await lab.pod(f"p{index}", labels=WEB, **even(ZONE))
    placed = [(await bound(lab, f"p{index}"))[0] for index in range(4)]
    assert sorted(placed) == ["a", "a", "b", "b"]
    await lab.client.patch(NODES, "b1", {"spec": {"unschedulable": True}})
    await lab.pod("p4", labels=WEB, **even(ZONE))
    await bound(lab, "p4")  # three in a, two in b
    await lab.pod("p5", labels=WEB, **even(ZONE))
    message = await refused(lab, "p5")
    assert "1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints." in message
    assert (await details(lab, "p5"))["a1"] == [
        f"spread over {ZONE}: 4 with this pod where {ZONE}=a, the fewest is 2, maxSkew 1"
    ]
    await lab.client.patch(NODES, "b1", {"spec": {"unschedulable": None}})
    assert await bound(lab, "p5") == "b1"


@inside(zones)
async def test_the_emptiest_domain_disappears(lab):
    await lab.pod("p0", labels=WEB, nodeSelector={HOST: "a1"}, **even(ZONE))
    await bound(lab, "p0")
    await lab.client.patch(NODES, "b1", {"spec": {"unschedulable": True}})
    await lab.pod("p1", labels=WEB, **even(ZONE))
    await refused(lab, "p1")
    await lab.client.delete(NODES, "b1")
    await bound(lab, "p1")


@inside(zones)
async def test_revisions_are_spread_by_their_own_label(lab):
    for index in range(4):
        labels = {**WEB, "pod-template-hash": str(index // 2)}
        await lab.pod(f"p{index}", labels=labels, **even(ZONE, matchLabelKeys=["pod-template-hash"]))
    placed = [(await bound(lab, f"p{index}"))[0] for index in range(4)]
    assert set(placed[:2]) == set(placed[2:]) == {"a", "b"}


@inside(zones)
async def test_namespaces_are_selected_by_their_labels(lab):
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "far", "labels": {"team": "x"}}}
    await lab.client.create(NAMESPACES, body)
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "far"}}
    await lab.client.create(ACCOUNTS, account)
    await lab.pod("web", namespace="far", labels=WEB, nodeSelector={HOST: "a2"})
    await lab.pod("friend", **near(term(HOST, space={"matchLabels": {"team": "y"}})))
    await refused(lab, "friend")
    await lab.client.patch(NAMESPACES, "far", {"metadata": {"labels": {"team": "y"}}})
    assert await bound(lab, "friend") == "a2"


def asks(**requests):
    return {"containers": [{"name": "c", "image": "i:1", "resources": {"requests": requests, "limits": requests}}]}


def elsewhere(node):
    expression = {"key": HOST, "operator": "NotIn", "values": [node]}
    return {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}}}


UNSATISFIABLE = {
    "cpu": ({"cpu": "100"}, "1 Insufficient cpu"),
    "cpumem": (asks(cpu="100", memory="900Gi"), "1 Insufficient cpu, 1 Insufficient memory"),
    "ext": (asks(**{"example.com/foo": "1"}), "1 Insufficient example.com/foo"),
    "affinity": (elsewhere("a"), "1 node(s) didn't match Pod's node affinity/selector"),
    "selector": ({"nodeSelector": {"nope": "x"}}, "1 node(s) didn't match Pod's node affinity/selector"),
    "spread": (even("nokey"), "1 node(s) didn't match pod topology spread constraints (missing required label)"),
    "podaff": (near(term(HOST, app="b")), "1 node(s) didn't match pod affinity rules"),
}  # fmt: skip


@inside(one)
async def test_what_nothing_satisfies_stays_pending(lab):
    for name, (spec, _) in UNSATISFIABLE.items():
        await lab.pod(name, **spec)
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "nope"}}
    await lab.pod("pvc", volumes=[volume])
    await lab.pod("gated", schedulingGates=[{"name": "example.com/g"}])
    await lab.pod("sched", schedulerName="nope")
    for name, (_, reason) in UNSATISFIABLE.items():
        assert await refused(lab, name) == f"0/1 nodes are available: {reason}. {HELPLESS}"
    assert await refused(lab, "pvc") == ('0/1 nodes are available: persistentvolumeclaim "nope" not found. not found')
    await lab.client.patch(PODS, "gated", {"spec": {"schedulingGates": None}}, namespace="default")
    await bound(lab, "gated")
    await asyncio.sleep(400)
    assert [n for n in (*UNSATISFIABLE, "pvc", "sched") if await node_of(lab, n)] == []
