"""What a Deployment does next: one look, as a table of situations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ctl_builders import NOW, at, condition, creates, deletes, deployment, full, notes, patches, replica_set, template

from podwright.controllers.actions import Create, Failure
from podwright.controllers.deployment import Observed, reconcile
from podwright.controllers.resources import REPLICA_SETS
from podwright.controllers.template_hash import LABEL, same_template, template_hash

DESIRED, MAXIMUM = "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"


def other(image: str = "i:0"):
    body = template()
    return {**body, "spec": {"containers": [{"name": "c", "image": image}]}}


def sized(replicas: int, maximum: int, revision: int = 1):
    return {"annotations": {DESIRED: str(replicas), MAXIMUM: str(maximum), REVISION: str(revision)}}


def look(obj, *sets, running=(), failure=None, now=NOW):
    return reconcile(obj, Observed(sets, frozenset(running)), now, failure)


def status_of(obj, plan):
    changed = patches(plan, "deployments", "status").get("d", {}).get("status", {})
    merged = {**obj.status, **changed}
    return {key: value for key, value in merged.items() if value is not None}


def test_the_first_replica_set():
    obj = deployment(3, meta={"annotations": {"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"}})
    plan = look(obj)
    (made,) = creates(plan)
    suffix = made["metadata"]["labels"][LABEL]
    assert made["metadata"]["name"] == f"d-{suffix}"
    assert made["metadata"]["annotations"] == {"note": "x", REVISION: "1", DESIRED: "3", MAXIMUM: "4"}
    assert made["metadata"]["ownerReferences"][0]["uid"] == "D"
    assert made["spec"]["replicas"] == 3
    assert made["spec"]["selector"] == {"matchLabels": {"app": "a", LABEL: suffix}}
    assert made["spec"]["template"]["metadata"]["labels"] == {"app": "a", LABEL: suffix}
    assert notes(plan) == [("ScalingReplicaSet", f"Scaled up replica set d-{suffix} from 0 to 3")]
    status = status_of(obj, plan)
    assert status["observedGeneration"] == 1
    assert condition(status, "Progressing")["reason"] == "NewReplicaSetCreated"
    assert condition(status, "Progressing")["message"] == f'Created new replica set "d-{suffix}"'
    assert condition(status, "Available")["reason"] == "MinimumReplicasUnavailable"
    assert patches(plan, "deployments", "status")["d"]["metadata"]["annotations"] == {REVISION: "1"}


def test_a_new_template_grows_before_it_shrinks():
    old = replica_set("old", 10, template=other(), status=full(10), meta=sized(10, 13))
    plan = look(deployment(10), old)
    (made,) = creates(plan)
    assert made["spec"]["replicas"] == 3
    assert made["metadata"]["annotations"][REVISION] == "2"
    assert patches(plan, "replicasets") == {}


def test_then_old_replicas_go_as_far_as_availability_allows():
    old = replica_set("old", 10, template=other(), status=full(10), meta=sized(10, 13))
    new = replica_set("new", 3, status={"replicas": 3}, meta=sized(10, 13, 2))
    plan = look(deployment(10), old, new)
    assert patches(plan, "replicasets") == {"old": {"spec": {"replicas": 8}}}
    assert notes(plan) == [("ScalingReplicaSet", "Scaled down replica set old from 10 to 8")]


def test_nothing_happens_while_new_pods_are_not_available():
    old = replica_set("old", 8, template=other(), status=full(8), meta=sized(10, 13))
    new = replica_set("new", 5, status={"replicas": 5}, meta=sized(10, 13, 2))
    plan = look(deployment(10), old, new)
    assert patches(plan, "replicasets") == {}


def test_a_rollback_makes_the_old_replica_set_the_newest():
    one = replica_set("one", 0, status=full(0), meta=sized(2, 3, 1))
    two = replica_set("two", 2, template=other(), status=full(2), meta=sized(2, 3, 2))
    plan = look(deployment(2), one, two)
    patch = patches(plan, "replicasets")["one"]
    assert patch["spec"] == {"replicas": 1}
    first = next(a for a in plan.steps if getattr(a, "name", "") == "one")
    assert first.patch["metadata"]["annotations"] == {
        REVISION: "3", "deployment.kubernetes.io/revision-history": "1"}  # fmt: skip
    assert creates(plan) == []


def test_scaling_is_no_rollout():
    rs = replica_set("one", 3, status=full(3), meta=sized(3, 4))
    plan = look(deployment(5), rs)
    assert patches(plan, "replicasets") == {
        "one": {"metadata": {"annotations": {DESIRED: "5", MAXIMUM: "7"}}, "spec": {"replicas": 5}}
    }
    assert notes(plan) == [("ScalingReplicaSet", "Scaled up replica set one from 3 to 5")]


def test_scaling_in_the_middle_of_a_rollout_is_proportional():
    old = replica_set("old", 8, template=other(), status=full(8), meta=sized(10, 13))
    new = replica_set("new", 5, status={"replicas": 5}, meta=sized(10, 13, 2))
    plan = look(deployment(30), old, new)
    sizes = {name: patch["spec"]["replicas"] for name, patch in patches(plan, "replicasets").items()}
    assert sizes == {"old": 23, "new": 15}  # 30 and a surge of 8, in proportion 8 to 5


def test_a_paused_deployment_scales_but_does_not_roll():
    old = replica_set("old", 3, template=other(), status=full(3), meta=sized(3, 4))
    obj = deployment(5, paused=True)
    plan = look(obj, old)
    assert creates(plan) == []
    assert patches(plan, "replicasets")["old"]["spec"] == {"replicas": 5}
    assert condition(status_of(obj, plan), "Progressing")["reason"] == "DeploymentPaused"


def test_resuming_is_noted():
    paused = {"type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused", "lastUpdateTime": at(-5)}
    rs = replica_set("one", 3, status=full(2), meta=sized(3, 4))
    obj = deployment(
        3,
        status={
            "conditions": [paused],
            "replicas": 2,
            "readyReplicas": 2,
            "availableReplicas": 2,
            "updatedReplicas": 2,
        },
    )
    plan = look(obj, rs)
    assert condition(status_of(obj, plan), "Progressing")["reason"] == "DeploymentResumed"


def test_recreate_waits_for_old_pods_to_end():
    obj = deployment(2, strategy={"type": "Recreate"})
    old = replica_set("old", 2, template=other(), status=full(2), meta=sized(2, 2))
    plan = look(obj, old)
    assert patches(plan, "replicasets") == {"old": {"spec": {"replicas": 0}}}
    assert creates(plan) == []
    gone = replica_set("old", 0, template=other(), status=full(0), meta=sized(2, 2))
    assert creates(look(obj, gone, running=["uid-old"])) == []
    (made,) = creates(look(obj, gone))
    assert made["spec"]["replicas"] == 2


def test_done():
    rs = replica_set("one", 3, status=full(3), meta=sized(3, 4))
    obj = deployment(3)
    status = status_of(obj, look(obj, rs))
    assert {k: v for k, v in status.items() if k != "conditions"} == {
        "observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 3,
        "terminatingReplicas": 0,
    }  # fmt: skip
    assert condition(status, "Progressing")["reason"] == "NewReplicaSetAvailable"
    assert condition(status, "Progressing")["message"] == 'ReplicaSet "one" has successfully progressed.'
    assert condition(status, "Available")["reason"] == "MinimumReplicasAvailable"


def test_a_second_look_writes_nothing():
    rs = replica_set("one", 3, status=full(3), meta=sized(3, 4))
    obj = deployment(3)
    status = status_of(obj, look(obj, rs))
    again = deployment(3, status=status, meta={"annotations": {REVISION: "1"}})
    plan = look(again, rs)
    assert plan.steps == ()
    assert plan.again is None


def progressing(reason, updated, status="True"):
    return {"type": "Progressing", "status": status, "reason": reason, "lastUpdateTime": at(updated),
            "lastTransitionTime": at(updated), "message": ""}  # fmt: skip


def test_a_rollout_that_hangs_is_reported_when_its_deadline_passes():
    rs = replica_set("one", 3, status={"replicas": 3, "availableReplicas": 1, "readyReplicas": 1}, meta=sized(3, 4))
    before = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 1, "readyReplicas": 1}
    waiting = deployment(
        3, progressDeadlineSeconds=60, status={**before, "conditions": [progressing("ReplicaSetUpdated", -20)]}
    )
    plan = look(waiting, rs)
    assert plan.again == pytest.approx(41)
    assert condition(status_of(waiting, plan), "Progressing")["reason"] == "ReplicaSetUpdated"
    late = look(waiting, rs, now=NOW + timedelta(seconds=41))
    found = condition(status_of(waiting, late), "Progressing")
    assert (found["status"], found["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert found["message"] == 'ReplicaSet "one" has timed out progressing.'


def test_progress_moves_the_deadline_but_not_the_transition():
    rs = replica_set("one", 3, status={"replicas": 3, "availableReplicas": 2, "readyReplicas": 2}, meta=sized(3, 4))
    obj = deployment(3, status={"replicas": 3, "updatedReplicas": 3, "availableReplicas": 1, "readyReplicas": 1,
                                "conditions": [progressing("ReplicaSetUpdated", -20)]})  # fmt: skip
    found = condition(status_of(obj, look(obj, rs)), "Progressing")
    assert (found["lastUpdateTime"], found["lastTransitionTime"]) == (at(0), at(-20))


def test_without_a_deadline_there_is_no_progressing_condition():
    obj = deployment(3, progressDeadlineSeconds=2**31 - 1)
    assert condition(status_of(obj, look(obj)), "Progressing") == {}


def test_a_replica_sets_failure_is_shown():
    failed = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"}
    rs = replica_set("one", 3, status={"conditions": [failed]}, meta=sized(3, 4))
    obj = deployment(3)
    found = condition(status_of(obj, look(obj, rs)), "ReplicaFailure")
    assert (found["status"], found["reason"], found["message"]) == ("True", "FailedCreate", "quota")


def test_old_replica_sets_beyond_the_history_limit_go():
    sets = [
        replica_set(
            f"r{i}",
            0,
            template=other(f"i:{i}"),
            status=full(0),
            meta={**sized(1, 2, i), "creationTimestamp": at(-90 + i)},
        )
        for i in range(2, 6)
    ]
    current = replica_set("now", 1, status=full(1), meta=sized(1, 2, 9))
    done = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1, "observedGeneration": 1}
    plan = look(deployment(1, revisionHistoryLimit=2, status=done), *sets, current)
    assert deletes(plan) == ["r2", "r3"]


def test_a_replica_set_with_pods_is_history_for_later():
    busy = replica_set("r2", 0, template=other(), status={"replicas": 1, "observedGeneration": 1}, meta=sized(1, 2, 1))
    current = replica_set("now", 1, status=full(1), meta=sized(1, 2, 9))
    done = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "observedGeneration": 1}
    assert deletes(look(deployment(1, revisionHistoryLimit=0, status=done), busy, current)) == []


def failed_create(obj, reason, retry=10):
    name = f"d-{template_hash(template(), obj.status.get('collisionCount'))}"
    action = Create(REPLICA_SETS, "ns", {"metadata": {"name": name}})
    return Failure(action, reason, "no", NOW + timedelta(seconds=retry), 1)


def test_a_name_that_is_taken_changes_the_collision_count_once():
    obj = deployment(3)
    failure = failed_create(obj, "AlreadyExists")
    plan = look(obj, failure=failure)
    assert creates(plan) == []
    assert status_of(obj, plan)["collisionCount"] == 1
    after = deployment(3, status={"collisionCount": 1})
    (made,) = creates(look(after, failure=failure))
    assert made["metadata"]["name"] != failure.action.body["metadata"]["name"]


def test_a_replica_set_that_cannot_be_made_is_reported_and_tried_later():
    obj = deployment(3)
    failure = failed_create(obj, "Forbidden")
    plan = look(obj, failure=failure)
    assert creates(plan) == []
    found = condition(status_of(obj, plan), "Progressing")
    assert (found["status"], found["reason"]) == ("False", "ReplicaSetCreateError")
    assert len(creates(look(obj, failure=failure, now=NOW + timedelta(seconds=10)))) == 1


def test_orphans_are_adopted_and_strangers_released():
    orphan = replica_set("orphan", 3, owner="", status=full(3), meta=sized(3, 4))
    stranger = replica_set("stranger", 1, template=other(), meta={"labels": {"app": "b"}})
    plan = look(deployment(3), orphan, stranger)
    found = patches(plan, "replicasets")
    assert found["orphan"]["metadata"]["ownerReferences"][0]["uid"] == "D"
    assert found["stranger"]["metadata"]["ownerReferences"] == [{"$patch": "delete", "uid": "D"}]


def test_a_deployment_being_deleted_only_reports():
    rs = replica_set("one", 1, status=full(1), meta=sized(3, 4))
    obj = deployment(3, meta={"deletionTimestamp": at(0)})
    plan = look(obj, rs)
    assert patches(plan, "replicasets") == {}
    assert status_of(obj, plan)["replicas"] == 1


def test_an_empty_selector_is_refused_once():
    obj = deployment(3, selector={})
    plan = look(obj)
    assert [reason for reason, _ in notes(plan)] == ["SelectingAll"]
    assert look(deployment(3, selector={}, status={"observedGeneration": 1})).steps == ()


def test_min_ready_seconds_follow():
    rs = replica_set("one", 3, status=full(3), meta=sized(3, 4))
    plan = look(deployment(3, minReadySeconds=5), rs)
    assert patches(plan, "replicasets") == {"one": {"spec": {"minReadySeconds": 5}}}


def test_the_hash_is_of_the_template_alone():
    one = template()
    labelled = template(app="a", **{LABEL: "x"})
    assert template_hash(one) == template_hash(labelled)
    assert same_template(one, labelled)
    assert template_hash(one) != template_hash(other())
    assert template_hash(one) != template_hash(one, 1)
    assert set(template_hash(one)) <= set("bcdfghjklmnpqrstvwxz2456789")
