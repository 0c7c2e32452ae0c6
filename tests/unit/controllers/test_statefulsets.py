"""StatefulSets: names and claims that stay, order, rollouts from the last to the first."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import NOW, actions, at, creates, deletes, notes, owner_of, patches, template
from ctl_builders import pod as any_pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers.actions import Create, Delete, Patch, Plan
from podwright.controllers.meta import Bare, Whole, meta_of, whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.stateful_pods import identity, ordinal_of
from podwright.controllers.statefulset import HISTORY, Observed, reconcile
from podwright.controllers.template_revisions import HASH, data_of

JSON = dict[str, Any]
PARALLEL = {"podManagementPolicy": "Parallel"}
CLAIM = {"metadata": {"name": "data", "labels": {"x": "y"}}, "spec": {"accessModes": ["ReadWriteOnce"]}}


def stateful_set(replicas: int = 3, *, status: JSON | None = None, rolling: JSON | None = None, **spec: Any) -> Whole:
    base = {
        "replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": template(), "serviceName": "svc",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, **(rolling or {})}},
        "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 1,
    }  # fmt: skip
    metadata = {"name": "s", "namespace": "ns", "uid": "S", "generation": 3}
    return whole({"metadata": metadata, "spec": {**base, **spec}, "status": status or {}})


def revision(sts: Whole, name: str = "new", number: int = 1, data: JSON | None = None) -> Whole:
    metadata = {"name": f"s-{name}", "namespace": "ns", "uid": f"uid-{name}", "labels": {HISTORY.label: name}}
    return whole({"metadata": metadata, "revision": number, "data": data or data_of(sts)})


def old_revision(image: str = "old:1") -> Whole:
    before = template()
    before["spec"]["containers"][0]["image"] = image
    return revision(stateful_set(), "old", 0, {"spec": {"template": {**before, "$patch": "replace"}}})


def pod(ordinal: int, version: str = "new", **more: Any) -> PodView:
    sts = stateful_set()
    labels = {"app": "a", HASH: f"s-{version}", **identity(sts.meta, ordinal)}
    meta = {"ownerReferences": [owner_of("StatefulSet", "s", "S")]}
    return any_pod(f"s-{ordinal}", labels=labels, meta=meta, **more)


def look(sts: Whole, *pods: PodView, revisions: tuple[Whole, ...] = (), claims: JSON | None = None) -> Plan:
    return reconcile(sts, Observed(pods, revisions or (revision(sts),), claims or {}), NOW)


def made(plan: Plan) -> list[str]:
    return [a.body["metadata"]["name"] for a in actions(plan) if isinstance(a, Create)]


def status(plan: Plan) -> JSON:
    return patches(plan, "statefulsets", "status").get("s", {}).get("status", {})


def test_the_first_look_writes_the_template_down() -> None:
    plan = reconcile(stateful_set(), Observed((), ()), NOW)
    (body,) = creates(plan)
    assert (body["kind"], body["revision"]) == ("ControllerRevision", 1)
    assert body["metadata"]["name"] == f"s-{body['metadata']['labels']['controller.kubernetes.io/hash']}"


def test_a_pod_knows_its_name_its_service_and_its_template() -> None:
    (body,) = creates(look(stateful_set()))
    assert body["metadata"]["name"] == body["spec"]["hostname"] == "s-0"
    assert body["spec"]["subdomain"] == "svc"
    assert body["metadata"]["labels"] == {
        "app": "a", "controller-revision-hash": "s-new",
        "statefulset.kubernetes.io/pod-name": "s-0", "apps.kubernetes.io/pod-index": "0",
    }  # fmt: skip
    assert notes(look(stateful_set()))[-1] == ("SuccessfulCreate", "Create Pod s-0 in StatefulSet s successful")


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([], ["s-0"]),
        ([pod(0)], ["s-1"]),
        ([pod(0, ready=False)], []),
        ([pod(0, deleted=True)], []),
        ([pod(1)], ["s-0"]),
        ([pod(0), pod(1)], ["s-2"]),
    ],
    ids=["none", "next", "not ready", "ending", "a gap", "last"],
)
def test_one_after_the_other(pods: list[PodView], expected: list[str]) -> None:
    assert made(look(stateful_set(), *pods)) == expected


def test_all_at_once_when_asked_for() -> None:
    assert made(look(stateful_set(**PARALLEL), pod(1, ready=False))) == ["s-0", "s-2"]


def test_ordinals_may_start_elsewhere() -> None:
    assert made(look(stateful_set(2, ordinals={"start": 5}, **PARALLEL))) == ["s-5", "s-6"]


def test_the_next_pod_waits_until_the_last_was_ready_for_long_enough() -> None:
    plan = look(stateful_set(minReadySeconds=40), pod(0, ready_since=-30))
    assert (made(plan), plan.again) == ([], 10.0)


@pytest.mark.parametrize(
    ("phase", "reason"), [("Failed", "RecreatingFailedPod"), ("Succeeded", "RecreatingTerminatedPod")]
)
def test_a_pod_that_ended_is_replaced(phase: str, reason: str) -> None:
    plan = look(stateful_set(), pod(0, phase=phase, ready=False))
    assert deletes(plan) == ["s-0"]
    assert reason in [r for r, _ in notes(plan)]


def test_what_is_too_much_ends_from_the_last() -> None:
    pods = [pod(i) for i in range(4)]
    assert deletes(look(stateful_set(1), *pods)) == ["s-3"]
    assert deletes(look(stateful_set(1), *pods[:3], pod(3, deleted=True))) == []
    assert deletes(look(stateful_set(1, **PARALLEL), *pods)) == ["s-3", "s-2", "s-1"]


def test_a_sick_pod_does_not_end_before_an_earlier_sick_one() -> None:
    pods = [pod(0), pod(1, ready=False), pod(2, ready=False)]
    assert deletes(look(stateful_set(1), *pods)) == []
    assert deletes(look(stateful_set(1), pod(0), pod(1, ready=False), pod(2))) == ["s-2"]
    assert deletes(look(stateful_set(1), pod(0), pod(1, ready=False))) == ["s-1"]


ROLLING = {"currentRevision": "s-old", "updateRevision": "s-new"}


def roll(sts: Whole, *pods: PodView) -> Plan:
    return look(sts, *pods, revisions=(old_revision(), revision(sts)))


def test_a_new_template_reaches_the_last_pod_first() -> None:
    sts = stateful_set(status=ROLLING)
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2, "old"))) == ["s-2"]
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2))) == ["s-1"]
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2, ready=False))) == []


def test_a_partition_keeps_the_earlier_pods_at_the_old_template() -> None:
    sts = stateful_set(status=ROLLING, rolling={"partition": 2})
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2, "old"))) == ["s-2"]
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2))) == []
    (body,) = creates(roll(sts, pod(0, "old"), pod(2)))
    assert body["metadata"]["labels"][HASH] == "s-old"
    assert body["spec"]["containers"][0]["image"] == "old:1"


def test_more_may_be_missing_when_asked_for() -> None:
    sts = stateful_set(4, status=ROLLING, rolling={"maxUnavailable": "50%"}, **PARALLEL)
    olds = [pod(i, "old") for i in range(4)]
    assert deletes(roll(sts, *olds)) == ["s-3", "s-2"]
    assert deletes(roll(sts, pod(0, "old", ready=False), *olds[1:])) == ["s-3"]
    assert deletes(roll(sts, *olds[:2], pod(2, deleted=True), pod(3, deleted=True))) == []


def test_on_delete_replaces_nothing_by_itself() -> None:
    sts = stateful_set(status=ROLLING, updateStrategy={"type": "OnDelete"})
    assert deletes(roll(sts, pod(0, "old"), pod(1, "old"), pod(2, "old"))) == []
    (body,) = creates(roll(sts, pod(0, "old"), pod(1, "old")))
    assert body["metadata"]["labels"][HASH] == "s-new"


def test_a_rollout_that_reached_all_is_what_counts_from_then_on() -> None:
    sts = stateful_set(2, status=ROLLING)
    found = status(roll(sts, pod(0), pod(1)))
    assert found["currentRevision"] == "s-new"
    assert (found["replicas"], found["currentReplicas"], found["updatedReplicas"]) == (2, 2, 2)
    assert "currentRevision" not in status(roll(sts, pod(0, "old"), pod(1)))


def test_the_status_of_an_empty_set() -> None:
    expected = {
        "observedGeneration": 3, "replicas": 0, "currentRevision": "s-new", "updateRevision": "s-new",
        "collisionCount": 0, "availableReplicas": 0,
    }  # fmt: skip
    assert status(look(stateful_set(0))) == expected
    assert actions(look(stateful_set(0, status=expected))) == []


def claim(name: str, *owners: JSON, deleted: bool = False) -> Bare:
    meta: JSON = {"name": name, "namespace": "ns", "uid": f"uid-{name}", "ownerReferences": list(owners)}
    return Bare(meta_of({"metadata": meta | ({"deletionTimestamp": at(5)} if deleted else {})}))


def test_claims_are_made_before_their_pod_and_found_again() -> None:
    sts = stateful_set(1, volumeClaimTemplates=[CLAIM])
    volume, body = creates(look(sts))
    assert volume["metadata"] == {"name": "data-s-0", "namespace": "ns", "labels": {"x": "y", "app": "a"}}
    assert body["spec"]["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-s-0"}}]
    assert made(look(sts, claims={"data-s-0": claim("data-s-0")})) == ["s-0"]
    assert made(look(sts, claims={"data-s-0": claim("data-s-0", deleted=True)})) == []


def test_claims_go_with_whom_the_policy_names() -> None:
    both = {"whenDeleted": "Delete", "whenScaled": "Delete"}
    sts = stateful_set(1, volumeClaimTemplates=[CLAIM], persistentVolumeClaimRetentionPolicy=both)
    claims = {"data-s-0": claim("data-s-0"), "data-s-1": claim("data-s-1", owner_of("StatefulSet", "s", "S"))}
    found = actions(look(sts, pod(0), pod(1), claims=claims))
    changes = [
        (a.name, [(o.get("kind"), o["uid"], o.get("$patch")) for o in a.patch["metadata"]["ownerReferences"]])
        for a in found
        if isinstance(a, Patch) and a.form == "strategic"
    ]
    assert changes == [
        ("data-s-0", [("StatefulSet", "S", None)]),
        ("data-s-1", [(None, "S", "delete")]),
        ("data-s-1", [("Pod", "uid-s-1", None)]),
    ]


def test_a_set_that_is_being_deleted_does_nothing() -> None:
    sts = stateful_set()
    sts.body["metadata"]["deletionTimestamp"] = at(0)
    plan = look(whole(sts.body), pod(0))
    assert (made(plan), deletes(plan)) == ([], [])


def test_pods_of_other_names_are_left_alone() -> None:
    sts = stateful_set(1)
    stranger = any_pod("other-9", owner="", labels={"app": "a"})
    assert deletes(look(sts, pod(0), stranger)) == []
    assert [ordinal_of(sts.meta, name) for name in ("s-0", "s-12", "s-x", "t-1", "s-1-2")] == [0, 12, None, None, None]


def test_old_templates_beyond_the_limit_go() -> None:
    sts = stateful_set(1)
    olds = [revision(sts, f"o{i}", i, {"spec": {"template": {"n": i}}}) for i in range(1, 4)]
    plan = look(sts, pod(0), revisions=(*olds, revision(sts, number=9)))
    assert deletes(plan) == ["s-o1", "s-o2"]


class World:
    """A namespace that carries plans out; pods get ready, fail and go when the test says so."""

    def __init__(self, sts: Whole) -> None:
        self.sts = sts
        self.pods: dict[int, PodView] = {}
        self.revisions = (old_revision(), revision(sts))

    def step(self) -> bool:
        before = dict(self.pods)
        plan = look(self.sts, *self.pods.values(), revisions=self.revisions)
        for action in actions(plan):
            if isinstance(action, Create):
                self._make(action.body, before)
            elif isinstance(action, Delete):
                self._delete(action.name, before)
        written = status(plan)
        self.sts = whole({**self.sts.body, "status": {**self.sts.status, **written}})
        return bool(actions(plan))

    def _make(self, body: JSON, before: dict[int, PodView]) -> None:
        ordinal = int(body["metadata"]["labels"]["apps.kubernetes.io/pod-index"])
        assert ordinal not in before, "two pods of one name"
        if self.sts.spec["podManagementPolicy"] != "Parallel":
            assert all(n in before and before[n].ready for n in range(ordinal)), "made before an earlier one was ready"
        version = body["metadata"]["labels"][HASH].removeprefix("s-")
        self.pods[ordinal] = pod(ordinal, version, ready=False, phase="Pending")

    def _delete(self, name: str, before: dict[int, PodView]) -> None:
        ordinal = int(name.rpartition("-")[2])
        self.pods[ordinal] = pod(ordinal, self.version(before[ordinal]), deleted=True)

    def happens(self, what: int, ordinal: int) -> None:
        found = self.pods.get(ordinal)
        if found is None:
            return
        if found.meta.deleted is not None:
            del self.pods[ordinal]
        else:
            version = self.version(found)
            self.pods[ordinal] = [
                pod(ordinal, version), pod(ordinal, version, ready=False),
                pod(ordinal, version, phase="Failed", ready=False),
            ][what]  # fmt: skip

    @staticmethod
    def version(found: PodView) -> str:
        return found.meta.labels[HASH].removeprefix("s-")


@given(
    replicas=st.integers(0, 4),
    parallel=st.booleans(),
    partition=st.integers(0, 4),
    start=st.lists(st.sampled_from(["old", "new"]), max_size=6),
    events=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=25),
)
def test_whatever_happens_the_set_gets_where_it_should_be(
    replicas: int, parallel: bool, partition: int, start: list[str], events: list[tuple[int, int]]
) -> None:
    spec = PARALLEL if parallel else {}
    world = World(stateful_set(replicas, status=ROLLING, rolling={"partition": partition}, **spec))
    world.pods = {i: pod(i, version) for i, version in enumerate(start)}
    for what, ordinal in events:
        world.step()
        world.happens(what, ordinal)
    for _ in range(200):
        moved = world.step()
        for ordinal, found in list(world.pods.items()):
            if not found.ready or found.meta.deleted is not None:
                world.happens(0, ordinal)
                moved = True
        if not moved:
            break
    assert sorted(world.pods) == list(range(replicas))
    assert all(found.ready for found in world.pods.values())
    versions = {n: World.version(found) for n, found in world.pods.items()}
    assert all(versions[n] == "new" for n in versions if n >= partition)
