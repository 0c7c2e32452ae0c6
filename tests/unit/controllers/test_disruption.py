"""What a disruption budget allows: the arithmetic, and the status that comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import NOW, at, condition, notes, patches, pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers import disruption_target
from podwright.controllers.actions import NOTHING, Plan, Update
from podwright.controllers.disruption import Expectation, Scales, expectation, reconcile
from podwright.controllers.meta import Whole, whole

JSON = dict[str, Any]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"minAvailable": 2}, (4, 2), id="least-number"),
        pytest.param({"minAvailable": 9}, (4, 9), id="more-than-there-are"),
        pytest.param({"minAvailable": "50%"}, (10, 5), id="least-share"),
        pytest.param({"minAvailable": "51%"}, (10, 6), id="least-share-rounds-up"),
        pytest.param({"maxUnavailable": 3}, (10, 7), id="most-missing"),
        pytest.param({"maxUnavailable": "25%"}, (10, 7), id="most-missing-rounds-up"),
        pytest.param({"maxUnavailable": 20}, (10, 0), id="all-may-miss"),
        pytest.param({}, (0, 0), id="no-bound"),
    ],
)
def test_how_many_pods_must_be_healthy(spec: JSON, expected: tuple[int, int]) -> None:
    assert expectation(spec, 4, 10) == Expectation(*expected)


@given(share=st.integers(0, 100), scale=st.integers(0, 500))
def test_a_share_is_never_rounded_against_availability(share: int, scale: int) -> None:
    least = expectation({"minAvailable": f"{share}%"}, 0, scale)
    assert 0 <= least.desired <= scale
    assert least.desired * 100 >= share * scale
    missing = scale - expectation({"maxUnavailable": f"{share}%"}, 0, scale).desired
    assert missing * 100 < share * scale + 100


def budget(spec: JSON | None = None, status: JSON | None = None, **meta: Any) -> Whole:
    counts = dict.fromkeys(("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0)
    metadata = {"name": "b", "namespace": "ns", "uid": "B", "generation": 2, "resourceVersion": "7", **meta}
    return whole({"metadata": metadata, "spec": spec or {"minAvailable": 1}, "status": status or counts})


def written(of: Whole, pods: list[Any], **scales: int) -> JSON:
    (step,) = reconcile(of, pods, Scales(scales), NOW).steps
    assert isinstance(step, Update)
    assert step.subresource == "status"
    assert step.body["metadata"]["resourceVersion"] == "7"  # never over a version that was not looked at
    return step.body["status"]


def test_the_status_says_what_is_allowed() -> None:
    pods = [pod("a"), pod("b"), pod("c", ready=False), pod("d", deleted=True)]
    status = written(budget(), pods)
    condition = status.pop("conditions")
    assert status == {
        "observedGeneration": 2, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 4,
    }  # fmt: skip
    assert condition == [
        {
            "type": "DisruptionAllowed", "status": "True", "reason": "SufficientPods", "message": "",
            "lastTransitionTime": at(0), "observedGeneration": 2,
        }
    ]  # fmt: skip
    assert reconcile(budget(status=status | {"conditions": condition}), pods, Scales({}), NOW) == NOTHING


def test_without_pods_nothing_is_allowed() -> None:
    plan = reconcile(budget({"maxUnavailable": 5}), [], Scales({}), NOW)
    (step,) = plan.steps
    assert isinstance(step, Update)
    assert step.body["status"]["disruptionsAllowed"] == 0
    assert condition(step.body["status"], "DisruptionAllowed")["reason"] == "InsufficientPods"
    assert notes(plan) == [("NoPods", "No matching pods found")]


@pytest.mark.parametrize(
    ("since", "pods", "kept"),
    [
        pytest.param(-10, [pod("a"), pod("b")], True, id="still-there"),
        pytest.param(-130, [pod("a"), pod("b")], False, id="long-ago"),
        pytest.param(-10, [pod("a", deleted=True), pod("b")], False, id="on-its-way"),
        pytest.param(-10, [pod("b")], False, id="gone"),
        pytest.param(None, [pod("a"), pod("b")], False, id="no-time"),
    ],
)
def test_a_granted_eviction_counts_until_it_is_seen(since: float | None, pods: list[Any], kept: bool) -> None:
    status = {"disruptedPods": {"a": None if since is None else at(since)}, "disruptionsAllowed": 0}
    plan = reconcile(budget(status=status), pods, Scales({}), NOW)
    (step,) = plan.steps
    assert isinstance(step, Update)
    assert ("disruptedPods" in step.body["status"]) is kept
    healthy = sum(p.meta.deleted is None for p in pods) - kept
    assert step.body["status"]["currentHealthy"] == healthy
    assert plan.again == (110 if kept else None)


def test_the_scale_of_the_controllers_counts() -> None:
    status = written(budget({"minAvailable": "50%"}), [pod(), pod()], r=7, s=3)
    assert (status["expectedPods"], status["desiredHealthy"], status["disruptionsAllowed"]) == (10, 5, 0)


def test_a_pod_without_a_known_controller_stops_evictions() -> None:
    plan = reconcile(budget({"maxUnavailable": 1}), [pod("a")], Scales({}, missing="a"), NOW)
    (step,) = plan.steps
    assert isinstance(step, Update)
    found = condition(step.body["status"], "DisruptionAllowed")
    assert (found["status"], found["reason"]) == ("False", "SyncFailed")
    assert step.body["status"]["disruptionsAllowed"] == 0
    assert notes(plan)[0][0] == "CalculateExpectedPodCountFailed"


def announced(since: float, reason: str = "EvictionByEvictionAPI", value: str = "True", **more: Any) -> Any:
    note = {"type": "DisruptionTarget", "status": value, "reason": reason, "lastTransitionTime": at(since)}
    return pod("a", status={"conditions": [note]}, **more)


@pytest.mark.parametrize(
    ("of", "again"),
    [
        pytest.param(announced(-20), 100, id="lately"),
        pytest.param(announced(-500, deleted=True), None, id="it-comes"),
        pytest.param(announced(-500, phase="Failed"), None, id="it-came"),
        pytest.param(announced(-500, "TerminationByKubelet"), None, id="its-node-said-so"),
        pytest.param(announced(-500, value="False"), None, id="taken-back"),
        pytest.param(None, None, id="gone"),
    ],
)
def test_a_disruption_that_may_come_is_left(of: Any, again: float | None) -> None:
    assert disruption_target.reconcile(of, NOW) == Plan(again=again)


def test_a_disruption_that_did_not_come_is_taken_back() -> None:
    body = patches(disruption_target.reconcile(announced(-121), NOW), "pods", "status")["a"]
    (found,) = body["status"]["conditions"]
    assert (found["type"], found["status"], found["lastTransitionTime"]) == ("DisruptionTarget", "False", at(0))
    assert body["metadata"] == {"uid": "uid-a"}
