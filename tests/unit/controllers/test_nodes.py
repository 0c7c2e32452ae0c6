"""Dead nodes, their taints, and the pods that have to leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ctl_builders import NOW, actions, at, condition, deletes, node, notes, patches, pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers import eviction, node_cidr, node_health, node_taints
from podwright.controllers.node_health import Signs
from podwright.controllers.pod_view import Toleration

UNREACHABLE, NOT_READY = "node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"


def health(obj, heard_at, *pods, leased=True, monotonic=100.0):
    return node_health.reconcile(
        obj, Signs(heard_at, leased), pods, grace=6.0, startup_grace=60.0, monotonic=monotonic, now=NOW
    )


def test_a_node_that_is_heard_of_is_left_alone():
    plan = health(node(), 97.0)
    assert plan.steps == ()
    assert plan.again == pytest.approx(3.0)


def test_a_silent_node_becomes_unknown():
    conditions = [
        {"type": kind, "status": "False" if kind != "Ready" else "True", "lastHeartbeatTime": at(-9)}
        for kind in ("MemoryPressure", "DiskPressure", "Ready")
    ]
    plan = health(node(status={"conditions": conditions}), 93.0, pod("a"), pod("b", ready=False))
    changed = patches(plan, "nodes", "status")["n"]["status"]
    assert {c["type"]: (c["status"], c["reason"]) for c in changed["conditions"]} == {
        "Ready": ("Unknown", "NodeStatusUnknown"),
        "MemoryPressure": ("Unknown", "NodeStatusUnknown"),
        "DiskPressure": ("Unknown", "NodeStatusUnknown"),
        "PIDPressure": ("Unknown", "NodeStatusNeverUpdated"),
    }
    assert condition(changed, "Ready")["lastHeartbeatTime"] == at(-9)
    assert condition(changed, "Ready")["message"] == "Kubelet stopped posting node status."
    assert notes(plan) == [
        ("NodeNotReady", "Node n status is now: NodeNotReady"),
        ("NodeNotReady", "Node is not ready"),
    ]
    assert list(patches(plan, "pods", "status")) == ["a"]
    assert plan.again is None


def test_said_once():
    assert health(node(ready="Unknown"), 10.0, pod("a", ready=False)).steps == ()


def test_a_pod_that_turns_up_ready_on_a_dead_node_is_not():
    assert list(patches(health(node(ready="Unknown"), 10.0, pod("a")), "pods", "status")) == ["a"]


SAID = [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastTransitionTime": at(-90)}]


def test_what_a_slow_node_last_said_stands_again():
    silent = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}
    signs = Signs(99.0, leased=True, said=SAID)
    obj = node(status={"conditions": [silent, {"type": "Other", "status": "Unknown"}]})
    plan = node_health.reconcile(obj, signs, [pod("a")], grace=6.0, startup_grace=60.0, monotonic=100.0, now=NOW)
    assert patches(plan, "nodes", "status")["n"]["status"] == {
        "conditions": [{**SAID[0], "lastTransitionTime": at(0)}]
    }  # fmt: skip
    assert patches(plan, "pods", "status") == {}


def silenced(name="a", **more):
    why = {"type": "Ready", "status": "False", "reason": "NodeNotReady"}
    return pod(name, ready=False, status={"conditions": [why]}, **more)


def test_pods_of_a_node_that_is_ready_again_are_as_they_were():
    since = {"conditions": [{**SAID[0], "lastTransitionTime": at(-2)}]}
    plan = health(node(status=since), 99.0, silenced("a"), pod("b", ready=False), silenced("c", deleted=True))
    found = patches(plan, "pods", "status")
    assert list(found) == ["a"]
    assert condition(found["a"]["status"], "Ready")["status"] == "True"


def test_but_not_before_their_agent_had_time_to_speak():
    since = {"conditions": [{**SAID[0], "lastTransitionTime": at(-1)}]}
    plan = health(node(status=since), 99.0, silenced("a"))
    assert plan.steps == ()
    assert plan.again == pytest.approx(1.0)


def test_a_node_that_says_it_is_not_ready_speaks_for_its_pods():
    assert health(node(ready="False"), 99.0, pod("a")).steps == ()


def test_a_node_without_a_lease_gets_longer():
    assert health(node(), 50.0, leased=False).again == pytest.approx(10.0)
    assert health(node(), 40.0, leased=False).steps


TAINTS = {
    "ready": (node(), None),
    "not ready": (node(ready="False"), {(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")}),
    "unknown": (node(ready="Unknown"), {(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")}),
    "cordoned": (node(unschedulable=True), {("node.kubernetes.io/unschedulable", "NoSchedule")}),
    "memory": (
        node(status={"conditions": [{"type": t, "status": "True"} for t in ("Ready", "MemoryPressure")]}),
        {("node.kubernetes.io/memory-pressure", "NoSchedule")},
    ),
    "users' taints stay": (
        node(unschedulable=True, taints=[{"key": "mine", "effect": "NoSchedule"}]),
        {("mine", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule")},
    ),
    "ready again": (node(taints=[{"key": UNREACHABLE, "effect": "NoExecute", "timeAdded": at(-9)}]), set()),
    "already right": (
        node(unschedulable=True, taints=[{"key": node_taints.UNSCHEDULABLE, "effect": "NoSchedule"}]),
        None,
    ),
    "new, never said anything": (node(ready=None, taints=[{"key": NOT_READY, "effect": "NoSchedule"}]), None),
    "new, then ready": (node(taints=[{"key": NOT_READY, "effect": "NoSchedule"}]), set()),
}  # fmt: skip


@pytest.mark.parametrize(("obj", "expected"), TAINTS.values(), ids=TAINTS)
def test_taints(obj, expected):
    found = patches(node_taints.reconcile(obj, NOW), "nodes")
    if expected is None:
        assert found == {}
        return
    taints = found["n"]["spec"]["taints"]
    assert {(t["key"], t["effect"]) for t in taints} == expected
    assert found["n"]["metadata"]["resourceVersion"] == "7"


def toleration(key=UNREACHABLE, seconds=300, operator="Exists", effect="NoExecute", value=""):
    return Toleration(key, operator, value, effect, seconds)


def taint(key=UNREACHABLE, value="", ago=0.0):
    return eviction.Taint(key, value, NOW - timedelta(seconds=ago))


DEFAULTS = [toleration(NOT_READY), toleration(UNREACHABLE)]
LEFT = {
    "not tolerated": ([], [taint()], None, 0.0),
    "for good": ([toleration(seconds=None)], [taint()], 2.0, None),
    "for a while": (DEFAULTS, [taint(ago=100)], None, 200.0),
    "default ones are shortened": (DEFAULTS, [taint(ago=1)], 2.0, 1.0),
    "and run out": (DEFAULTS, [taint(ago=5)], 2.0, -3.0),
    "a user's is not": ([toleration(seconds=60)], [taint(ago=5)], 2.0, 55.0),
    "nor one with another operator": ([toleration(operator="Equal")], [taint()], 2.0, 300.0),
    "nor one for everything": ([Toleration("", "Exists", "", "", 300)], [taint()], 2.0, 300.0),
    "the shortest counts": ([toleration(seconds=10), toleration(seconds=60)], [taint()], None, 10.0),
    "every taint must be tolerated": (DEFAULTS, [taint(), taint("mine")], None, 0.0),
    "another value": ([toleration("k", None, "Equal", "NoExecute", "a")], [taint("k", "b")], None, 0.0),
    "another effect": ([toleration(effect="NoSchedule")], [taint()], None, 0.0),
}


@pytest.mark.parametrize(("tolerations", "taints", "bound", "expected"), LEFT.values(), ids=LEFT)
def test_time_left(tolerations, taints, bound, expected):
    assert eviction.time_left(tolerations, taints, bound, NOW) == expected


def evictions(*pods, anywhere=True, taints=None):
    return eviction.reconcile(taints or [taint(ago=5)], pods, anywhere=anywhere, max_default=2.0, now=NOW)


def test_eviction_says_why_then_deletes():
    plan = evictions(pod("a"), pod("b", deleted=True), pod("c", phase="Succeeded", ready=False))
    assert deletes(plan) == ["a"]
    found = condition(patches(plan, "pods", "status")["a"]["status"], "DisruptionTarget")
    assert found["reason"] == "DeletionByTaintManager"
    assert notes(plan) == [("TaintManagerEviction", "Marking for deletion Pod ns/a")]


def test_waits_until_the_first_has_to_go():
    tolerating = [
        {"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": s} for s in (30, 20)
    ]
    plan = evictions(*(pod(tolerations=[t]) for t in tolerating))
    assert plan.steps == ()
    assert plan.again == pytest.approx(15)


def test_nobody_is_evicted_when_there_is_nowhere_to_go():
    assert evictions(pod("a"), anywhere=False).steps == ()


def test_each_node_gets_the_lowest_free_range():
    ranges = node_cidr.Ranges("10.0.0.0/22", 24)
    given = [patches(node_cidr.reconcile(node(name), ranges), "nodes")[name]["spec"]["podCIDR"] for name in "abc"]
    assert given == ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]
    ranges.release("b")
    assert patches(node_cidr.reconcile(node("d"), ranges), "nodes")["d"]["spec"] == {
        "podCIDR": "10.0.1.0/24", "podCIDRs": ["10.0.1.0/24"]}  # fmt: skip


def test_what_a_node_has_is_kept():
    ranges = node_cidr.Ranges("10.0.0.0/22", 24)
    assert node_cidr.reconcile(node("a", podCIDR="192.168.0.0/24"), ranges).steps == ()
    again = [node_cidr.reconcile(node("b"), ranges) for _ in range(2)]
    assert again[0] == again[1]  # a write that failed is repeated, not replaced


def test_when_all_ranges_are_given():
    ranges = node_cidr.Ranges("10.0.0.0/24", 24)
    ranges.hold("a", "10.0.0.0/24")
    plan = node_cidr.reconcile(node("b"), ranges)
    assert [reason for reason, _ in notes(plan)] == ["CIDRNotAvailable"]
    assert plan.again
    assert [a for a in actions(plan) if getattr(a, "resource", None)] == []


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40))
def test_ranges_never_overlap(steps):
    ranges = node_cidr.Ranges("10.0.0.0/22", 24)
    held = {}
    for index, arrives in steps:
        name = f"n{index}"
        if not arrives:
            ranges.release(name)
            held.pop(name, None)
        elif name not in held and (cidr := ranges.lowest_free()) is not None:
            ranges.hold(name, cidr)
            held[name] = cidr
    assert len(set(held.values())) == len(held) <= 4
