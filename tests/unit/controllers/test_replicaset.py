"""What a ReplicaSet does next, and which pods it lets go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ctl_builders import (
    NOW,
    actions,
    at,
    condition,
    creates,
    deletes,
    notes,
    owner_of,
    patches,
    pod,
    replica_set,
    template,
)
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers.actions import Batch, Create, Failure
from podwright.controllers.meta import whole
from podwright.controllers.pod_ranking import doomed
from podwright.controllers.replicaset import BURST, REPLICATION_CONTROLLER, Observed, reconcile
from podwright.controllers.resources import PODS


def look(rs, *pods, related=(), failure=None, now=NOW):
    return reconcile(rs, Observed(pods, tuple(related)), now, failure)


def status_of(rs, plan):
    changed = patches(plan, "replicasets", "status").get(rs.meta.name, {}).get("status", {})
    return {k: v for k, v in {**rs.status, **changed}.items() if v is not None}


def test_missing_pods_are_made_from_the_template():
    plan = look(replica_set("r", 3), pod("a"))
    made = creates(plan)
    assert len(made) == 2
    assert made[0]["metadata"] == {
        "labels": {"app": "a"}, "generateName": "r-", "namespace": "ns",
        "ownerReferences": [owner_of("ReplicaSet", "r", "uid-r")],
    }  # fmt: skip
    assert made[0]["spec"] == {"containers": [{"name": "c", "image": "i:1"}]}
    (batch,) = plan.steps
    assert isinstance(batch, Batch)
    assert batch.slow_start
    assert notes(plan) == [("SuccessfulCreate", "Created pod: {name}")] * 2


GONE = {
    "being deleted": pod("x", deleted=True),
    "failed": pod("x", phase="Failed", ready=False),
    "succeeded": pod("x", phase="Succeeded", ready=False),
    "of somebody else": pod("x", owner="other"),
}


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
def test_what_does_not_count_is_replaced_at_once(gone):
    assert len(creates(look(replica_set("r", 1), gone))) == 1


def test_bursts_are_bounded():
    assert len(creates(look(replica_set("r", 2000)))) == BURST


def test_surplus_pods_are_deleted():
    plan = look(replica_set("r", 1), pod("a"), pod("b", ready=False), pod("c", node="", phase="Pending", ready=False))
    assert sorted(deletes(plan)) == ["b", "c"]
    assert [reason for reason, _ in notes(plan)] == ["SuccessfulDelete"] * 2


ORDER = {
    "unassigned first": (pod("x", node="", phase="Pending", ready=False), pod("y", phase="Pending", ready=False)),
    "pending before running": (pod("x", phase="Pending", ready=False), pod("y", ready=False)),
    "not ready first": (pod("x", ready=False, created=-90), pod("y", created=-10)),
    "cheaper first": (
        pod("x", meta={"annotations": {"controller.kubernetes.io/pod-deletion-cost": "-5"}}, ready_since=-90),
        pod("y", ready_since=-5),
    ),
    "just ready first": (pod("x", ready_since=-5), pod("y", ready_since=-50)),
    "often restarted first": (pod("x", restarts=3, created=-90), pod("y", created=-10)),
    "younger first": (pod("x", created=-10), pod("y", created=-90)),
}


@pytest.mark.parametrize(("first", "second"), ORDER.values(), ids=ORDER)
def test_ranking(first, second):
    assert [p.meta.name for p in doomed([second, first], [], 1)] == ["x"]
    assert [p.meta.name for p in doomed([first, second], [], 1)] == ["x"]


def test_crowded_nodes_give_first():
    alone, one, two = pod("alone", node="n1"), pod("one", node="n2"), pod("two", node="n2")
    assert [p.meta.name for p in doomed([alone, one], [alone, one, two], 1)] == ["one"]


def test_a_cost_that_is_no_number_has_no_say():
    assert pod("x", meta={"annotations": {"controller.kubernetes.io/pod-deletion-cost": "cheap"}}).deletion_cost == 0


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), max_size=12), st.integers(0, 12))
def test_counts_always_come_out_right(shape, replicas):
    pods = [pod(ready=ready, deleted=deleted, restarts=restarts) for ready, deleted, restarts in shape]
    plan = look(replica_set("r", replicas), *pods)
    alive = sum(not deleted for _, deleted, _ in shape)
    assert alive + len(creates(plan)) - len(deletes(plan)) == replicas
    assert not (creates(plan) and deletes(plan))
    assert len(set(deletes(plan))) == len(deletes(plan))


def test_adoption_and_release():
    plan = look(replica_set("r", 2), pod("orphan", owner=""), pod("lost", labels={"app": "b"}))
    found = patches(plan, "pods")
    assert found["orphan"]["metadata"]["ownerReferences"] == [owner_of("ReplicaSet", "r", "uid-r")]
    assert found["orphan"]["metadata"]["uid"] == "uid-orphan"
    assert found["lost"]["metadata"]["ownerReferences"] == [{"$patch": "delete", "uid": "uid-r"}]
    assert len(creates(plan)) == 1


def test_a_replica_set_being_deleted_neither_makes_nor_adopts():
    plan = look(replica_set("r", 3, meta={"deletionTimestamp": at(0)}), pod("orphan", owner=""))
    assert [a for a in actions(plan) if not getattr(a, "subresource", "")] == []


def test_status_counts():
    rs = replica_set("r", 3)
    pods = (pod("a"), pod("b", ready=False), pod("c", labels={"app": "a", "more": "x"}), pod("d", deleted=True))
    plan = look(rs, *pods)
    assert status_of(rs, plan) == {
        "replicas": 3, "fullyLabeledReplicas": 3, "readyReplicas": 2, "availableReplicas": 2,
        "terminatingReplicas": 1, "observedGeneration": 1,
    }  # fmt: skip
    assert look(replica_set("r", 3, status=status_of(rs, plan)), *pods).steps == ()


def test_zero_counts_are_taken_out():
    rs = replica_set("r", 1, status={"replicas": 1, "readyReplicas": 1, "availableReplicas": 1})
    assert "readyReplicas" not in status_of(rs, look(rs, pod("a", ready=False)))


def test_available_after_min_ready_seconds():
    rs = replica_set("r", 2, minReadySeconds=30)
    plan = look(rs, pod("a", ready_since=-30), pod("b", ready_since=-12))
    assert status_of(rs, plan)["readyReplicas"] == 2
    assert status_of(rs, plan)["availableReplicas"] == 1
    assert plan.again == pytest.approx(18)
    later = look(rs, pod("a", ready_since=-30), pod("b", ready_since=-12), now=NOW + timedelta(seconds=18))
    assert status_of(rs, later)["availableReplicas"] == 2
    assert later.again is None


def test_a_failure_is_reported_then_tried_again():
    rs = replica_set("r", 1)
    failure = Failure(Create(PODS, "ns", {}), "Forbidden", "exceeded quota", NOW + timedelta(seconds=5), 1)
    plan = look(rs, failure=failure)
    assert creates(plan) == []
    found = condition(status_of(rs, plan), "ReplicaFailure")
    assert (found["status"], found["reason"], found["message"]) == ("True", "FailedCreate", "exceeded quota")
    assert len(creates(look(rs, failure=failure, now=NOW + timedelta(seconds=5)))) == 1
    newer = replica_set("r", 1, meta={"generation": 2})
    assert len(creates(look(newer, failure=failure))) == 1


def test_the_failure_goes_when_pods_are_there():
    old = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "x"}
    rs = replica_set("r", 1, status={"conditions": [old]})
    assert "conditions" not in status_of(rs, look(rs, pod("a")))


def replication_controller(replicas: int = 2):
    spec = {"replicas": replicas, "selector": {"app": "a"}, "template": template()}
    metadata = {"name": "rc", "namespace": "ns", "uid": "RC", "generation": 1}
    return whole({"metadata": metadata, "spec": spec, "status": {"replicas": 0}})


def test_a_replication_controller_has_the_same_brain():
    rc = replication_controller()
    orphan, other = pod("mine", owner=""), pod("else", owner="", labels={"app": "b"})
    plan = reconcile(rc, Observed((orphan, other)), NOW, keeper=REPLICATION_CONTROLLER)
    assert set(patches(plan, "pods")) == {"mine"}
    [made] = creates(plan)
    assert made["metadata"]["ownerReferences"] == [
        {**owner_of("Pod", "rc", "RC"), "kind": "ReplicationController"},
    ]


def test_a_replication_controller_reports_what_quota_refuses():
    rc = replication_controller()
    failure = Failure(Create(PODS, "ns", {}), "Forbidden", "exceeded quota", NOW + timedelta(seconds=5), 1)
    plan = reconcile(rc, Observed(()), NOW, failure, REPLICATION_CONTROLLER)
    status = patches(plan, "replicationcontrollers", "status")["rc"]["status"]
    assert condition(status, "ReplicaFailure")["reason"] == "FailedCreate"
    assert "terminatingReplicas" not in status
    assert status["observedGeneration"] == 1
