"""Each filter: what it refuses, the reason users know, and by how much."""

from __future__ import annotations

import pytest
from sched_builders import node, pod

from podwright.scheduler.filters import host_ports, node_name, node_selector, resources, taints, unschedulable
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.question import Question

TAINT = {"key": "k", "value": "v", "effect": "NoSchedule"}
AFFINITY_REASON = "node(s) didn't match Pod's node affinity/selector"


def required(*terms):
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}


def expr(key, operator, *values):
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def both(one, two):
    return {"matchExpressions": [*one["matchExpressions"], *two["matchExpressions"]]}


def named(name):
    return {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}


TOLERATIONS = {
    "same": ({"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"}, True),
    "operator left out": ({"key": "k", "value": "v"}, True),
    "other value": ({"key": "k", "value": "w"}, False),
    "other effect": ({"key": "k", "value": "v", "effect": "NoExecute"}, False),
    "exists": ({"key": "k", "operator": "Exists"}, True),
    "exists, other key": ({"key": "x", "operator": "Exists"}, False),
    "everything": ({"operator": "Exists"}, True),
    "everything of one effect": ({"operator": "Exists", "effect": "NoExecute"}, False),
}


@pytest.mark.parametrize(("toleration", "passes"), TOLERATIONS.values(), ids=TOLERATIONS)
def test_taints(toleration, passes):
    found = taints.refuse(pod(tolerations=[toleration]), node(taints=(TAINT,)))
    assert (not found) == passes
    if not passes:
        assert found[0].reason == "node(s) had untolerated taint(s)"
        assert found[0].detail == "untolerated taint k=v:NoSchedule"


def test_a_soft_taint_does_not_refuse():
    assert not taints.refuse(pod(), node(taints=({"key": "k", "effect": "PreferNoSchedule"},)))


def test_no_execute_refuses_too():
    assert taints.refuse(pod(), node(taints=({"key": "k", "effect": "NoExecute"},)))


def test_unschedulable():
    cordoned = node(unschedulable=True)
    assert unschedulable.refuse(pod(), cordoned)[0].reason == "node(s) were unschedulable"
    tolerant = pod(tolerations=[{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}])
    assert not unschedulable.refuse(tolerant, cordoned)
    assert not unschedulable.refuse(pod(), node())


def test_node_name():
    assert not node_name.refuse(pod(nodeName="n"), node("n"))
    assert node_name.refuse(pod(nodeName="m"), node("n"))[0].reason == "node(s) didn't match the requested node name"


SELECTIONS = {
    "nothing asked": ({}, True),
    "selector": ({"nodeSelector": {"disk": "ssd"}}, True),
    "selector, other value": ({"nodeSelector": {"disk": "hdd"}}, False),
    "selector, absent": ({"nodeSelector": {"gpu": "yes"}}, False),
    "in": ({"affinity": required(expr("disk", "In", "ssd", "nvme"))}, True),
    "not in": ({"affinity": required(expr("disk", "NotIn", "ssd"))}, False),
    "not in, absent": ({"affinity": required(expr("gpu", "NotIn", "x"))}, True),
    "exists": ({"affinity": required(expr("disk", "Exists"))}, True),
    "does not exist": ({"affinity": required(expr("disk", "DoesNotExist"))}, False),
    "gt": ({"affinity": required(expr("cores", "Gt", "7"))}, True),
    "gt, equal": ({"affinity": required(expr("cores", "Gt", "8"))}, False),
    "lt": ({"affinity": required(expr("cores", "Lt", "9"))}, True),
    "gt, no number": ({"affinity": required(expr("disk", "Gt", "1"))}, False),
    "terms are alternatives": ({"affinity": required(expr("gpu", "Exists"), expr("disk", "Exists"))}, True),
    "an empty term matches nothing": ({"affinity": required({})}, False),
    "expressions all hold": ({"affinity": required(both(expr("disk", "Exists"), expr("gpu", "Exists")))}, False),
    "by field": ({"affinity": required(named("n"))}, True),
    "by field, other": ({"affinity": required(named("m"))}, False),
    "selector and affinity": ({"nodeSelector": {"disk": "ssd"}, "affinity": required(expr("gpu", "Exists"))}, False),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "passes"), SELECTIONS.values(), ids=SELECTIONS)
def test_node_selector(spec, passes):
    found = node_selector.refuse(pod(**spec), node("n", labels={"disk": "ssd", "cores": "8"}))
    assert (not found) == passes
    assert all(r.reason == AFFINITY_REASON and not r.curable for r in found)


def test_node_selector_says_what_is_there():
    (found,) = node_selector.refuse(pod(nodeSelector={"disk": "hdd"}), node(labels={"disk": "ssd"}))
    assert found.detail == "nodeSelector wants disk=hdd, the node has disk=ssd"


PORTS = {
    "same": ({"hostPort": 80}, True),
    "other port": ({"hostPort": 81}, False),
    "other protocol": ({"hostPort": 80, "protocol": "UDP"}, False),
    "one address of all": ({"hostPort": 80, "hostIP": "10.0.0.1"}, True),
    "not a host port": ({"containerPort": 80}, False),
}


@pytest.mark.parametrize(("port", "clashes"), PORTS.values(), ids=PORTS)
def test_host_ports(port, clashes):
    there = node()
    there.take(pod("a", ports=[{"hostPort": 80, "protocol": "TCP"}]))
    found = host_ports.refuse(pod("b", ports=[port]), there)
    assert bool(found) == clashes


def test_different_addresses_share_a_port():
    there = node()
    there.take(pod("a", ports=[{"hostPort": 80, "hostIP": "10.0.0.1"}]))
    assert not host_ports.refuse(pod("b", ports=[{"hostPort": 80, "hostIP": "10.0.0.2"}]), there)
    assert host_ports.refuse(pod("b", ports=[{"hostPort": 80}]), there)


def test_resources_name_every_shortage_with_numbers():
    there = node(cpu="2", memory="1Gi", pods="1")
    there.take(pod("a", {"cpu": "1500m", "memory": "512Mi"}))
    found = resources.refuse(pod("b", {"cpu": "1", "memory": "2Gi", "x.io/gpu": 1}), there)
    assert [(r.reason, r.detail, r.curable) for r in found] == [
        ("Too many pods", "1 of 1 pods are there", True),
        ("Insufficient cpu", "cpu: requests 1, free 500m of 2, 500m short", True),
        ("Insufficient memory", "memory: requests 2Gi, free 512Mi of 1Gi, 1536Mi short", False),
        ("Insufficient x.io/gpu", "x.io/gpu: requests 1, free 0 of 0, 1 short", False),
    ]


def test_what_is_not_requested_is_not_looked_at():
    there = node(cpu="1")
    there.take(pod("a", {"cpu": "3"}))  # more than there is: allocatable shrank
    assert not resources.refuse(pod("b", {"memory": "1Mi"}), there)


def test_only_the_first_filter_that_refuses_counts():
    there = node(unschedulable=True, taints=(TAINT,), cpu="1")
    assert [r.reason for r in refusals(Question(pod("p", {"cpu": "2"})), there)] == ["node(s) were unschedulable"]
