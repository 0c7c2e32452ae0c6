"""The sentence about nodes, and the annotation with each node's own answer."""

from __future__ import annotations

import json

from sched_builders import node, pod

from podwright.scheduler.explain import explain
from podwright.scheduler.question import Question

HELPLESS = (
    "no new claims to deallocate, preemption: 0/{n} nodes are available: {n} Preemption is not helpful for scheduling."
)


def ask(*args, **spec):
    return Question(pod(*args, **spec))


def test_no_nodes():
    assert explain(ask(), {}).message == "no nodes available to schedule pods"


def test_reasons_are_counted_over_nodes_and_sorted():
    nodes = {
        "a": node("a", cpu="1"),
        "b": node("b", cpu="1", memory="1Mi"),
        "c": node("c", taints=({"key": "k", "effect": "NoSchedule"},)),
    }
    found = explain(ask("p", {"cpu": "100", "memory": "900Gi"}), nodes)
    assert found.message == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. "
        + HELPLESS.format(n=3)
    )


def test_preemption_is_told_apart():
    full = node("a", cpu="2")
    full.take(pod("x", {"cpu": "2"}))
    found = explain(ask("p", {"cpu": "1"}), {"a": full, "b": node("b", unschedulable=True)})
    assert found.message == (
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
        "1 Preemption is not helpful for scheduling."
    )


def test_a_pod_that_never_preempts():
    found = explain(ask("p", {"cpu": "9"}, preemptionPolicy="Never"), {"a": node("a")})
    assert found.message.endswith("preemption: not eligible due to preemptionPolicy=Never.")


def test_the_annotation_is_bounded_json():
    nodes = {f"n{i}": node(f"n{i}", cpu="1") for i in range(130)}
    body = json.loads(explain(ask("p", {"cpu": "2"}), nodes).annotation())
    assert len(body["nodes"]) == 100
    assert body["omitted"] == 30
    assert body["nodes"]["n0"] == ["cpu: requests 2, free 1 of 1, 1 short"]
