"""How a pod gets its node, and how long its deletion waits for that node."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from strategy_writes import JSON, NOW, NOW_TEXT, context, created, edit

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.strategies.pod.binding import bind
from podwright.apiserver.strategies.table import strategy_for

C = "spec.containers.0"
POD: JSON = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
STRATEGY = strategy_for(find("pods"))


@pytest.mark.parametrize(
    ("edits", "options", "seconds"),
    [
        pytest.param({"spec.nodeName": "n"}, {}, 30, id="the-pods-own"),
        pytest.param({"spec.nodeName": "n"}, {"gracePeriodSeconds": 5}, 5, id="the-callers"),
        pytest.param({"spec.nodeName": "n"}, {"gracePeriodSeconds": 0}, 0, id="at-once"),
        pytest.param({"spec.nodeName": "n"}, {"gracePeriodSeconds": -1}, 1, id="negative"),
        pytest.param({}, {"gracePeriodSeconds": 60}, 0, id="never-scheduled"),
        pytest.param({"spec.nodeName": "n", "status.phase": "Succeeded"}, {}, 0, id="succeeded"),
        pytest.param({"spec.nodeName": "n", "status.phase": "Failed"}, {"gracePeriodSeconds": 9}, 0, id="failed"),
    ],
)
def test_how_long_a_deletion_waits(edits: JSON, options: JSON, seconds: int) -> None:
    body = created("pods", POD)
    assert STRATEGY.graceful_delete(edit(body, edits), options, context("pods")) == seconds


def binding(node: str = "n", **metadata: Any) -> JSON:
    return {"metadata": {"name": "p", **metadata}, "target": {"kind": "Node", "name": node}}


def test_binding_assigns_the_node_and_says_so() -> None:
    pod = created("pods", edit(POD, {"metadata.annotations": {"a": "b"}}))
    before = copy.deepcopy(pod)
    bound = bind(pod, binding(annotations={"c": "d"}), NOW)
    assert pod == before
    assert bound["spec"]["nodeName"] == "n"
    assert bound["metadata"]["annotations"] == {"a": "b", "c": "d"}
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": NOW_TEXT}
    assert bound["status"]["conditions"] == [scheduled]


def test_binding_replaces_the_reason_for_not_being_scheduled() -> None:
    pod = created("pods", POD)
    pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    conditions = bind(pod, binding(), datetime(2027, 1, 1, tzinfo=UTC))["status"]["conditions"]
    assert [(c["status"], c.get("reason"), c["lastTransitionTime"]) for c in conditions] == [
        ("True", None, "2027-01-01T00:00:00Z")
    ]


@pytest.mark.parametrize(
    ("edits", "wanted", "code", "message"),
    [
        pytest.param({"spec.nodeName": "m"}, binding(), 409, 'pod p is already assigned to node "m"', id="bound"),
        pytest.param(
            {"metadata.deletionTimestamp": NOW_TEXT},
            binding(),
            409,
            "pod p is being deleted, cannot be assigned to a host",
            id="going",
        ),
        pytest.param(
            {"spec.schedulingGates": [{"name": "g"}]},
            binding(),
            409,
            "pod p has non-empty .spec.schedulingGates",
            id="gated",
        ),
        pytest.param({}, binding(uid="other"), 409, "UID in precondition: other", id="another-pod"),
        pytest.param({}, binding(node=""), 422, "target.name: Required value", id="no-node"),
        pytest.param(
            {},
            {"metadata": {"name": "p"}, "target": {"kind": "Pod", "name": "x"}},
            422,
            'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
            id="no-node-kind",
        ),
    ],
)
def test_bindings_that_are_refused(edits: JSON, wanted: JSON, code: int, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        bind(edit(created("pods", POD), edits), wanted, NOW)
    assert refused.value.code == code
    assert message in refused.value.message
