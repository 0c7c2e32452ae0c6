"""Jobs: what their pods count for, when they are decided, what is made and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import NOW, actions, at, condition, creates, deletes, notes, owner_of, patches
from ctl_builders import pod as any_pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers import job_indexes
from podwright.controllers.actions import Patch, Plan
from podwright.controllers.job import reconcile
from podwright.controllers.job_work import FAILURES, FINALIZER, INDEX
from podwright.controllers.meta import Whole, whole
from podwright.controllers.pod_view import PodView

JSON = dict[str, Any]


def job(*, status: JSON | None = None, meta: JSON | None = None, restart: str = "Never", **spec: Any) -> Whole:
    base = {
        "parallelism": 1, "completions": 1, "backoffLimit": 6, "suspend": False, "completionMode": "NonIndexed",
        "selector": {"matchLabels": {"job": "j"}}, "podReplacementPolicy": "TerminatingOrFailed",
        "template": {"metadata": {"labels": {"job": "j"}}, "spec": {"restartPolicy": restart, "containers": [{"name": "c"}]}},
    }  # fmt: skip
    metadata = {"name": "j", "namespace": "ns", "uid": "J", "generation": 1, "creationTimestamp": at(-100)}
    running = {"startTime": at(-50), "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}
    return whole({
        "metadata": {**metadata, **(meta or {})}, "spec": {**base, **spec}, "status": running if status is None else status,
    })  # fmt: skip


def pod(
    name: str, phase: str = "Running", *, tracked: bool = True, index: int | None = None, code: int | None = None,
    failures: int = 0, restarts: int = 0, ended: float = -1000, conditions: Any = (), **more: Any,
) -> PodView:  # fmt: skip
    notes_ = {} if index is None else {INDEX: str(index), FAILURES: str(failures)}
    meta = {
        "finalizers": [FINALIZER] if tracked else [], "annotations": notes_,
        "ownerReferences": [{**owner_of("Job", "j", "J"), "apiVersion": "batch/v1"}],
    }  # fmt: skip
    state: JSON = {"running": {}}
    if phase in {"Succeeded", "Failed"}:
        state = {
            "terminated": {
                "exitCode": (0 if phase == "Succeeded" else 1) if code is None else code,
                "finishedAt": at(ended),
            }
        }
    statuses = [{"name": "c", "state": state, "restartCount": restarts}]
    listed = [{"type": kind, "status": "True"} for kind in conditions]
    status = {"containerStatuses": statuses, **({"conditions": listed} if listed else {})}
    return any_pod(name, labels={"job": "j"}, phase=phase, ready=phase == "Running", meta=meta, status=status, **more)


def status_of(plan: Plan) -> JSON:
    return patches(plan, "jobs", "status").get("j", {}).get("status", {})


def let_go(plan: Plan) -> list[str]:
    return [a.name for a in actions(plan) if isinstance(a, Patch) and a.resource.plural == "pods"]


def test_a_new_job_makes_its_pods_and_begins() -> None:
    plan = reconcile(job(status={}, parallelism=3, completions=2), (), NOW)
    assert [(p["metadata"]["generateName"], p["metadata"]["finalizers"]) for p in creates(plan)] == [
        ("j-", [FINALIZER])
    ] * 2
    expected = {"startTime": at(0), "active": 2, "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}
    assert status_of(plan) == expected


def test_a_pod_that_ended_is_noted_then_let_go_then_counted() -> None:
    done = pod("a", "Succeeded")
    first = reconcile(job(), (done,), NOW)
    assert status_of(first)["uncountedTerminatedPods"] == {"succeeded": [done.meta.uid]}
    assert condition(status_of(first), "SuccessCriteriaMet")["reason"] == "CompletionsReached"
    assert condition(status_of(first), "Complete") == {}
    assert let_go(first) == ["a"]
    kinds = [(a.resource.plural, a.subresource) for a in actions(first) if isinstance(a, Patch)]
    assert kinds == [("jobs", "status"), ("pods", "")]
    noted = {"startTime": at(-50), **status_of(first)}
    second = reconcile(job(status=noted), (pod("a", "Succeeded", tracked=False),), NOW)
    assert (status_of(second)["succeeded"], status_of(second)["completionTime"]) == (1, at(0))
    assert [c["type"] for c in status_of(second)["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    assert notes(second) == [("Completed", "Job completed")]


def test_a_pod_that_is_gone_unnoted_never_counts() -> None:
    plan = reconcile(job(), (), NOW)
    assert len(creates(plan)) == 1
    again = reconcile(job(), (pod("a", "Succeeded", tracked=False),), NOW)
    assert len(creates(again)) == 1


def test_no_more_run_than_are_missing() -> None:
    status = {"startTime": at(-50), "succeeded": 3}
    plan = reconcile(job(status=status, completions=5, parallelism=4), (pod("a"),), NOW)
    assert len(creates(plan)) == 1
    enough = reconcile(job(status=status, completions=5, parallelism=4), (pod("a"), pod("b"), pod("c")), NOW)
    assert len(deletes(enough)) == 1
    assert let_go(enough) == deletes(enough)  # one too many has not failed


def test_without_completions_one_success_ends_it() -> None:
    spec: JSON = {"completions": None, "parallelism": 2}
    assert len(creates(reconcile(job(**spec), (), NOW))) == 2
    plan = reconcile(job(**spec, status={"startTime": at(-50), "succeeded": 1}), (pod("a"),), NOW)
    assert (creates(plan), deletes(plan)) == ([], [])
    last = reconcile(job(**spec, status={"startTime": at(-50), "succeeded": 1}), (), NOW)
    assert condition(status_of(last), "Complete")


@pytest.mark.parametrize(("failures", "wait"), [(1, 10), (2, 20), (3, 40), (9, 600)])
def test_failures_slow_it_down(failures: int, wait: int) -> None:
    pods = [pod(f"p{n}", "Failed", tracked=False, ended=-n) for n in range(failures)]
    running = job(status={"startTime": at(-50), "failed": failures}, backoffLimit=99)
    plan = reconcile(running, pods, NOW)
    assert (creates(plan), plan.again) == ([], wait)
    success = pod("s", "Succeeded", tracked=False, ended=0)
    assert len(creates(reconcile(running, [*pods, success], NOW))) == 1


def test_too_many_failures_end_it() -> None:
    status = {"startTime": at(-50), "failed": 2}
    plan = reconcile(
        job(status=status, backoffLimit=2, parallelism=2, completions=3), (pod("a", "Failed"), pod("b")), NOW
    )
    assert deletes(plan) == ["b"]
    target = condition(status_of(plan), "FailureTarget")
    assert (target["reason"], target["message"]) == (
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    )
    assert condition(status_of(plan), "Failed") == {}
    noted = {**status, **status_of(plan)}
    waiting = reconcile(job(status=noted), (pod("b", deleted=True),), NOW)
    assert condition({**noted, **status_of(waiting)}, "Failed") == {}
    last = reconcile(job(status={**noted, "uncountedTerminatedPods": {}}), (), NOW)
    assert condition(status_of(last), "Failed")["reason"] == "BackoffLimitExceeded"
    assert notes(last) == [("BackoffLimitExceeded", "Job has reached the specified backoff limit")]


@pytest.mark.parametrize(("limit", "restarts", "over"), [(3, 2, False), (3, 3, True), (0, 0, False), (0, 1, True)])
def test_restarts_in_place_count_where_pods_are_kept(limit: int, restarts: int, over: bool) -> None:
    plan = reconcile(job(restart="OnFailure", backoffLimit=limit), (pod("a", restarts=restarts),), NOW)
    assert bool(condition(status_of(plan), "FailureTarget")) is over


def test_a_deadline_ends_it() -> None:
    assert reconcile(job(activeDeadlineSeconds=60), (pod("a"),), NOW).again == 10
    plan = reconcile(job(activeDeadlineSeconds=50), (pod("a"),), NOW)
    assert condition(status_of(plan), "FailureTarget")["reason"] == "DeadlineExceeded"
    assert deletes(plan) == ["a"]


def test_suspended_and_resumed() -> None:
    plan = reconcile(job(suspend=True), (pod("a"),), NOW)
    assert (deletes(plan), let_go(plan)) == (["a"], ["a"])
    assert condition(status_of(plan), "Suspended")["reason"] == "JobSuspended"
    held = {"conditions": status_of(plan)["conditions"], "startTime": at(-50)}
    assert creates(reconcile(job(suspend=True, status=held), (), NOW)) == []
    resumed = reconcile(job(status=held), (pod("a"),), NOW)
    assert condition(status_of(resumed), "Suspended")["status"] == "False"
    assert status_of(resumed)["startTime"] == at(0)
    assert notes(resumed)[-1] == ("Resumed", "Job resumed")


def policy(action: str, **rule: Any) -> JSON:
    return {"podFailurePolicy": {"rules": [{"action": action, **rule}]}, "podReplacementPolicy": "Failed"}


@pytest.mark.parametrize(
    ("rule", "code", "conditions", "message"),
    [
        ({"onExitCodes": {"operator": "In", "values": [3, 4]}}, 3, (), "Container c for pod ns/a failed with exit code 3"),
        ({"onExitCodes": {"operator": "In", "values": [3]}}, 5, (), ""),
        ({"onExitCodes": {"operator": "NotIn", "values": [3]}}, 5, (), "Container c for pod ns/a failed with exit code 5"),
        ({"onExitCodes": {"operator": "NotIn", "values": [3], "containerName": "x"}}, 5, (), ""),
        ({"onPodConditions": [{"type": "DisruptionTarget"}]}, 5, ("DisruptionTarget",), "Pod ns/a has condition DisruptionTarget"),
        ({"onPodConditions": [{"type": "DisruptionTarget"}]}, 5, (), ""),
    ],
    ids=["in", "not-listed", "not-in", "other-container", "condition", "no-condition"],
)  # fmt: skip
def test_a_policy_fails_the_job(rule: JSON, code: int, conditions: tuple[str, ...], message: str) -> None:
    plan = reconcile(job(**policy("FailJob", **rule)), (pod("a", "Failed", code=code, conditions=conditions),), NOW)
    found = condition(status_of(plan), "FailureTarget")
    assert found.get("message", "") == (f"{message} matching FailJob rule at index 0" if message else "")
    assert not found or found["reason"] == "PodFailurePolicy"


def test_a_failure_to_ignore_is_let_go_uncounted() -> None:
    rule = policy("Ignore", onExitCodes={"operator": "In", "values": [3]})
    plan = reconcile(job(**rule, backoffLimit=0), (pod("a", "Failed", code=3),), NOW)
    assert let_go(plan) == ["a"]
    assert "failed" not in status_of(plan)
    assert condition(status_of(plan), "FailureTarget") == {}


def test_replacements_wait_for_the_end_where_they_are_told_to() -> None:
    going = pod("a", deleted=True)
    assert creates(reconcile(job(podReplacementPolicy="Failed"), (going,), NOW)) == []
    counted = reconcile(job(), (going,), NOW)
    assert status_of(counted)["uncountedTerminatedPods"] == {"failed": [going.meta.uid]}


INDEXED: JSON = {"completionMode": "Indexed", "completions": 4, "parallelism": 3}


def test_pods_have_the_lowest_missing_indexes() -> None:
    running = job(**INDEXED, status={"startTime": at(-50), "completedIndexes": "1"})
    made = creates(reconcile(running, (pod("a", index=0),), NOW))
    assert [m["metadata"]["generateName"] for m in made] == ["j-2-", "j-3-"]
    assert made[0]["metadata"]["annotations"][INDEX] == made[0]["metadata"]["labels"][INDEX] == "2"
    assert made[0]["spec"]["hostname"] == "j-2"
    assert made[0]["spec"]["containers"][0]["env"][0]["name"] == "JOB_COMPLETION_INDEX"


def test_indexes_are_written_down() -> None:
    running = job(**INDEXED, status={"startTime": at(-50), "completedIndexes": "1"})
    plan = reconcile(running, (pod("a", "Succeeded", index=0), pod("b", index=2), pod("c", index=3)), NOW)
    assert (status_of(plan)["completedIndexes"], status_of(plan)["succeeded"]) == ("0,1", 2)
    assert let_go(plan) == ["a"]


def test_an_index_that_fails_too_often_is_given_up() -> None:
    spec = {**INDEXED, "backoffLimitPerIndex": 1, "backoffLimit": 99}
    running = {"startTime": at(-50), "completedIndexes": "1-3"}
    once = reconcile(job(**spec, status={**running, "failed": 1}), (pod("a", "Failed", index=0, tracked=False),), NOW)
    assert creates(once)[0]["metadata"]["annotations"][FAILURES] == "1"
    twice = reconcile(job(**spec, status=running), (pod("b", "Failed", index=0, failures=1),), NOW)
    assert status_of(twice)["failedIndexes"] == "0"
    assert condition(status_of(twice), "FailureTarget")["reason"] == "FailedIndexes"


def test_a_success_policy_ends_it_early() -> None:
    rules = {"rules": [{"succeededIndexes": "0,2", "succeededCount": 1}]}
    running = job(**INDEXED, successPolicy=rules)
    plan = reconcile(running, (pod("a", "Succeeded", index=2), pod("b", index=0)), NOW)
    met = condition(status_of(plan), "SuccessCriteriaMet")
    assert (met["reason"], met["message"]) == ("SuccessPolicy", "Matched rules at index 0")
    assert deletes(plan) == ["b"]


def test_nothing_of_a_finished_job_runs_on() -> None:
    ended = {"conditions": [{"type": "Failed", "status": "True"}], "terminating": 0}
    plan = reconcile(job(status=ended), (pod("a"), pod("b", "Failed")), NOW)
    assert (deletes(plan), sorted(let_go(plan))) == (["a"], ["a", "b"])


def test_a_job_that_is_deleted_holds_no_pod_back() -> None:
    going = job(meta={"deletionTimestamp": at(-1)})
    plan = reconcile(going, (pod("a"), pod("b", deleted=True)), NOW)
    assert (creates(plan), deletes(plan), let_go(plan)) == ([], [], ["b"])


def test_somebody_else_s_job_is_left_alone() -> None:
    assert actions(reconcile(job(managedBy="example.com/x"), (pod("a", "Failed"),), NOW)) == []


@given(st.sets(st.integers(0, 40)))
def test_indexes_read_as_written(indexes: set[int]) -> None:
    assert job_indexes.parse(job_indexes.write(indexes), 41) == indexes


@pytest.mark.parametrize(
    ("indexes", "text"),
    [([], ""), ([3], "3"), ([1, 2], "1,2"), ([0, 1, 2, 5], "0-2,5"), ([0, 2, 3, 4, 5, 9], "0,2-5,9")],
)
def test_indexes_are_written_short(indexes: list[int], text: str) -> None:
    assert job_indexes.write(indexes) == text


@pytest.mark.parametrize("text", ["", "x", "1-", "-2", "7", "5-9"])
def test_what_is_no_index_is_none(text: str) -> None:
    assert job_indexes.parse(text, 5) == set()
