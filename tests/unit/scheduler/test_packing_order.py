"""Which node wins: cases a person can check by hand."""

from __future__ import annotations

import pytest
from sched_builders import node_json, pod

from podwright.scheduler.decide import Decider
from podwright.scheduler.node_info import node_facts
from podwright.scheduler.snapshot import Snapshot


def snapshot_of(*nodes):
    snapshot = Snapshot()
    for body, *pods in nodes:
        snapshot.set_node(node_facts(body))
        for index, requests in enumerate(pods):
            snapshot.assume(pod(f"{body['metadata']['name']}-{index}", requests), body["metadata"]["name"])
    return snapshot


PREFER_A = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
    {"weight": 1, "preference": {"matchExpressions": [{"key": "z", "operator": "In", "values": ["a"]}]}}]}}  # fmt: skip
SOFT = ({"key": "k", "effect": "PreferNoSchedule"},)

CASES = {
    "the fuller node": ([(node_json("a"),), (node_json("b"), {"cpu": "1"})], {"cpu": "1"}, {}, "b"),
    "the fuller node that still fits": (
        [(node_json("a"), {"cpu": "1"}), (node_json("b"), {"cpu": "3500m"})], {"cpu": "1"}, {}, "a"),
    "cpu before memory": (
        [(node_json("a"), {"memory": "7Gi"}), (node_json("b"), {"cpu": "100m"})], {"cpu": "1"}, {}, "b"),
    "memory among equals": (
        [(node_json("a"), {"cpu": "1", "memory": "1Gi"}), (node_json("b"), {"cpu": "1", "memory": "2Gi"})],
        {"cpu": "1"}, {}, "b"),
    "the share counts, not the amount": (
        [(node_json("a", cpu="8"), {"cpu": "2"}), (node_json("b", cpu="2"), {"cpu": "1"})], {"cpu": "500m"}, {}, "b"),
    "a preference decides between empty nodes": (
        [(node_json("a", labels={"z": "a"}),), (node_json("b"),)], {"cpu": "1"}, {"affinity": PREFER_A}, "a"),
    "a much fuller node outweighs a preference": (
        [(node_json("a", labels={"z": "a"}),), (node_json("b"), {"cpu": "3"})],
        {"cpu": "1"}, {"affinity": PREFER_A}, "b"),
    "an unwelcoming node is avoided": (
        [(node_json("a", taints=SOFT), {"cpu": "500m"}), (node_json("b"),)], {"cpu": "1"}, {}, "b"),
    "but taken when it is the only one": ([(node_json("a", taints=SOFT),)], {"cpu": "1"}, {}, "a"),
    "none": ([(node_json("a"), {"cpu": "4"})], {"cpu": "1"}, {}, None),
    "a pod without requests fits a full node": ([(node_json("a"), {"cpu": "4"})], {}, {}, "a"),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "requests", "spec", "expected"), CASES.values(), ids=CASES)
def test_order(nodes, requests, spec, expected):
    assert Decider(snapshot_of(*nodes)).place(pod("p", requests, **spec)) == expected


def test_pods_of_one_template_share_their_constraints():
    one, two = pod("a", {"cpu": "1"}, nodeSelector={"x": "y"}), pod("b", {"cpu": "2"}, nodeSelector={"x": "y"})
    assert one.constraints is two.constraints
    assert one.constraints is not pod("c", nodeSelector={"x": "z"}).constraints
