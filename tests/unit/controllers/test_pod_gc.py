"""Pods that nobody will ever finish."""

from __future__ import annotations

import pytest
from ctl_builders import NOW, actions, condition, deletes, patches, pod

from podwright.controllers import pod_gc


def test_a_pod_on_a_node_that_is_gone_fails_and_goes():
    plan = pod_gc.orphaned(pod("a"), 10.0, 10.0, NOW)
    body = patches(plan, "pods", "status")["a"]["status"]
    assert body["phase"] == "Failed"
    found = condition(body, "DisruptionTarget")
    assert (found["reason"], found["message"]) == ("DeletionByPodGC", "PodGC: node no longer exists")
    assert deletes(plan) == ["a"]
    assert actions(plan)[-1].grace == 0


def test_not_before_the_node_is_surely_gone():
    plan = pod_gc.orphaned(pod("a"), 3.0, 10.0, NOW)
    assert plan.steps == ()
    assert plan.again == pytest.approx(7.0)


def test_a_finished_pod_keeps_its_phase():
    plan = pod_gc.orphaned(pod("a", phase="Succeeded", ready=False), 10.0, 10.0, NOW)
    assert patches(plan, "pods", "status") == {}
    assert deletes(plan) == ["a"]


def test_deleted_before_it_got_a_node():
    assert deletes(pod_gc.unscheduled(pod("a", node="", deleted=True))) == ["a"]
    assert pod_gc.unscheduled(pod("a", node="")).steps == ()


def test_the_oldest_finished_pods_are_surplus():
    pods = [pod(f"p{i}", phase="Failed", ready=False, created=-i) for i in range(5)]
    assert [p.meta.name for p in pod_gc.surplus([*pods, pod("running")], 3)] == ["p4", "p3"]
    assert pod_gc.surplus(pods, 5) == ()
    assert pod_gc.surplus(pods, 0) == ()
