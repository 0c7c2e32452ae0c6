"""The sentence about nodes, and the annotation with each node's own answer."""

from __future__ import annotations

import json

from sched_builders import node, pod

from podwright.scheduler.explain import Preemption, ask_all
from podwright.scheduler.explain import explain as put_together
from podwright.scheduler.filters.refusal import Refusal
from podwright.scheduler.question import Question

HELPLESS = (
    "no new claims to deallocate, preemption: 0/{n} nodes are available: {n} Preemption is not helpful for scheduling."
)


def explain(question, nodes, **preemption):
    return put_together(question, len(nodes), ask_all(question, nodes), Preemption(**preemption))


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


def test_what_is_in_the_way_without_lower_pods():
    full = node("a", cpu="2")
    full.take(pod("x", {"cpu": "2"}))
    reasons = tuple(Refusal(f"Insufficient {name}", "") for name in ("cpu", "memory"))
    found = explain(ask("p", {"cpu": "1"}), {"a": full}, failures={"a": reasons})
    assert found.message.endswith("preemption: 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.")


def test_a_plan_is_no_excuse():
    full = node("a", cpu="2")
    full.take(pod("x", {"cpu": "2"}))
    found = explain(ask("p", {"cpu": "1"}), {"a": full}, plan="displaces ns/x on node a")
    assert found.message == "0/1 nodes are available: 1 Insufficient cpu."
    assert json.loads(found.annotation())["plan"] == "displaces ns/x on node a"


def test_waiting_for_pods_that_end():
    full = node("a", cpu="2")
    full.take(pod("x", {"cpu": "2"}))
    found = explain(ask("p", {"cpu": "1"}), {"a": full}, waits=True)
    assert found.message.endswith("preemption: not eligible due to a terminating pod on the nominated node.")


def test_a_pod_that_never_preempts():
    found = explain(ask("p", {"cpu": "9"}, preemptionPolicy="Never"), {"a": node("a")})
    assert found.message.endswith("preemption: not eligible due to preemptionPolicy=Never.")


def test_the_annotation_is_bounded_json():
    nodes = {f"n{i}": node(f"n{i}", cpu="1") for i in range(130)}
    body = json.loads(explain(ask("p", {"cpu": "2"}), nodes).annotation())
    assert len(body["nodes"]) == 100
    assert body["omitted"] == 30
    assert body["nodes"]["n0"] == ["cpu: requests 2, free 1 of 1, 1 short"]
