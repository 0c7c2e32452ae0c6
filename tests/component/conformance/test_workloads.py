"""ReplicationControllers, disruption budgets, and pods on their way to a node."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import PODS, Api, pod
from steps import NS, good, seen

JSON = dict[str, Any]
RCS = f"{NS}/replicationcontrollers"
CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"
BUDGETS = "/apis/policy/v1/namespaces/ns/poddisruptionbudgets"
TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": pod("p")["spec"]}


async def test_a_controller_is_scaled_through_its_window(whole: Api) -> None:
    await whole.create(RCS, {"metadata": {"name": "rc"}, "spec": {"replicas": 1, "template": TEMPLATE}})
    scale = good(await whole.get(f"{RCS}/rc/scale"))
    assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 1})
    scale["spec"]["replicas"] = 2
    good(await whole.put(f"{RCS}/rc/scale", scale))
    await seen(whole, f"{RCS}/rc", lambda body: body["status"].get("replicas") == body["spec"]["replicas"] == 2)
    good(await whole.patch(f"{RCS}/rc/scale", {"spec": {"replicas": 3}}))
    await seen(whole, PODS, lambda body: len(body["items"]) == 3)


async def test_pods_that_do_not_fit_a_quota_are_a_condition(whole: Api) -> None:
    await whole.create(f"{NS}/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "2"}}})
    await whole.create(RCS, {"metadata": {"name": "rc"}, "spec": {"replicas": 3, "template": TEMPLATE}})

    def failing(body: JSON) -> bool:
        found = [c for c in body["status"].get("conditions") or [] if c["type"] == "ReplicaFailure"]
        return bool(found) and found[0]["status"] == "True" and "exceeded quota: q" in found[0]["message"]

    await seen(whole, f"{RCS}/rc", failing)
    good(await whole.patch(f"{RCS}/rc/scale", {"spec": {"replicas": 2}}))
    await seen(whole, f"{RCS}/rc", lambda body: not body["status"].get("conditions"))


async def test_a_budget_is_worked_on(whole: Api) -> None:
    spec = {"selector": {"matchLabels": {"app": "a"}}, "minAvailable": 1}
    await whole.create(BUDGETS, {"metadata": {"name": "b"}, "spec": spec})
    await seen(whole, f"{BUDGETS}/b", lambda body: body["status"].get("observedGeneration") == 1)
    good(await whole.patch(f"{BUDGETS}/b", {"spec": {"minAvailable": "50%"}}))
    await seen(whole, f"{BUDGETS}/b", lambda body: body["status"].get("observedGeneration") == 2)


@pytest.mark.parametrize("overhead", [None, {"podFixed": {"cpu": "10m", "memory": "1Mi"}}], ids=["none", "some"])
async def test_a_pod_of_a_runtime_class_is_scheduled(scheduled: Api, overhead: JSON | None) -> None:
    body = {"metadata": {"name": "rc"}, "handler": "runc"}
    await scheduled.create(CLASSES, body | ({"overhead": overhead} if overhead else {}))
    made = await scheduled.create(PODS, pod("p", runtimeClassName="rc"))
    assert made["spec"].get("overhead") == (overhead["podFixed"] if overhead else None)
    await seen(scheduled, f"{PODS}/p", lambda found: found["status"]["phase"] == "Running")


async def test_a_pod_that_no_node_suits_is_not_scheduled(scheduled: Api) -> None:
    await scheduled.create(PODS, pod("p", nodeSelector={"label": "nowhere"}))

    def refused(body: JSON) -> bool:
        found = [c for c in body["status"].get("conditions") or [] if c["type"] == "PodScheduled"]
        return [(c["status"], c["reason"]) for c in found] == [("False", "Unschedulable")]

    found = await seen(scheduled, f"{PODS}/p", refused)
    assert "nodeName" not in found["spec"]
