"""What a DELETE does to an object: removal, marks, finalizers, grace periods."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from podwright.api.times import format_time
from podwright.apiserver.options import DeleteOptions
from podwright.apiserver.registry.deleting import decide

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def pod(**metadata):
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "generation": 1, **metadata}, "spec": {}}


def run(old, *, grace=None, default="Background", **options):
    decision = decide(copy.deepcopy(old), old, DeleteOptions(grace=grace, **options), grace, default, NOW)
    return decision, decision.obj["metadata"]


def at(seconds):
    return format_time(NOW + timedelta(seconds=seconds))


def test_a_plain_object_goes_at_once_and_unmarked():
    decision, metadata = run(pod())
    assert decision.remove
    assert "deletionTimestamp" not in metadata


def test_a_pod_without_grace_goes_at_once_and_marked():
    decision, metadata = run(pod(), grace=0)
    assert decision.remove
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (
        at(0),
        0,
        2,
    )


def test_a_grace_period_marks_and_waits():
    decision, metadata = run(pod(), grace=30)
    assert (decision.remove, decision.changed) == (False, True)
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (
        at(30),
        30,
        2,
    )


@pytest.mark.parametrize(("again", "expected"), [(5, (5, 5)), (500, (30, 30)), (30, (30, 30))])
def test_a_second_delete_only_shortens(again, expected):
    marked = pod(deletionTimestamp=at(30), deletionGracePeriodSeconds=30, generation=2)
    decision, metadata = run(marked, grace=again)
    assert not decision.remove
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (at(expected[0]), expected[1])
    assert metadata["generation"] == 2
    assert decision.changed is (again < 30)


@pytest.mark.parametrize(
    ("again", "expected"),
    [(4, (1, 4)), (3, (0, 3)), (2, (0, 1))],
    ids=["still-to-come", "just-now", "already-past"],
)
def test_a_shortened_grace_period_never_ends_in_the_past(again, expected):
    marked = pod(deletionTimestamp=at(27), deletionGracePeriodSeconds=30, generation=2)  # three seconds ago
    decision, metadata = run(marked, grace=again)
    assert (decision.remove, decision.changed) == (False, True)
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (at(expected[0]), expected[1])


def test_a_second_delete_without_grace_removes():
    marked = pod(deletionTimestamp=at(30), deletionGracePeriodSeconds=30, generation=2)
    decision, metadata = run(marked, grace=0)
    assert decision.remove
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (
        at(0),
        0,
        2,
    )


@pytest.mark.parametrize(
    ("grace", "wanted"),
    [(30, None), (30, 90), (30, 500), (0, None), (0, 90)],
    ids=["unsaid", "as-long", "longer", "ended-meanwhile", "ended-and-as-long"],
)
def test_an_end_that_has_begun_is_left_alone_unless_less_time_is_asked_for(grace, wanted):
    """`grace` is what the kind would give it anew, which counts no more."""
    marked = pod(deletionTimestamp=at(90), deletionGracePeriodSeconds=90, generation=2)
    options = DeleteOptions(grace=wanted, propagation="Foreground")
    decision = decide(copy.deepcopy(marked), marked, options, grace, "Background", NOW)
    assert (decision.remove, decision.changed, decision.obj) == (False, False, marked)


def test_a_negative_grace_period_is_a_second():
    marked = pod(deletionTimestamp=at(30), deletionGracePeriodSeconds=30, generation=2)
    _, metadata = run(marked, grace=-5)
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (at(1), 1)


def test_a_mark_without_time_left_is_carried_out():
    marked = pod(deletionTimestamp=at(0), deletionGracePeriodSeconds=0, generation=2)
    assert run(marked, grace=30)[0].remove


@pytest.mark.parametrize("policy", ["", "Foreground", "Orphan"])
def test_kinds_that_own_nothing_wait_for_no_dependents(policy):
    assert run(pod(), propagation=policy, default="")[0].remove


def test_finalizers_keep_an_object():
    decision, metadata = run(pod(finalizers=["a.b/c"]))
    assert (decision.remove, decision.changed) == (False, True)
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (at(0), 0)
    assert metadata["finalizers"] == ["a.b/c"]


def test_deleting_what_waits_for_finalizers_changes_nothing():
    marked = pod(finalizers=["a.b/c"], deletionTimestamp=at(-9), deletionGracePeriodSeconds=0, generation=2)
    decision, _ = run(marked)
    assert (decision.remove, decision.changed) == (False, False)


@pytest.mark.parametrize(
    ("present", "policy", "default", "expected"),
    [
        ([], "Orphan", "Background", ["orphan"]),
        ([], "Foreground", "Background", ["foregroundDeletion"]),
        ([], "Background", "Orphan", []),
        ([], "", "Orphan", ["orphan"]),
        ([], "", "Background", []),
        (["orphan"], "", "Background", ["orphan"]),
        (["orphan"], "Background", "Background", []),
        (["orphan", "a/b"], "Foreground", "Background", ["a/b", "foregroundDeletion"]),
        (["foregroundDeletion"], "Foreground", "Background", ["foregroundDeletion"]),
    ],
)
def test_propagation_becomes_finalizers(present, policy, default, expected):
    metadata = {"finalizers": present} if present else {}
    decision, found = run(pod(**metadata), propagation=policy, default=default)
    assert found.get("finalizers", []) == expected
    assert decision.remove is (not expected)


def test_a_namespace_becomes_terminating_and_stays_for_its_own_finalizers():
    namespace = {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": {"name": "n"},
        "spec": {"finalizers": ["kubernetes"]},
    }
    decision, metadata = run(namespace)
    assert (decision.remove, decision.changed) == (False, True)
    assert decision.obj["status"] == {"phase": "Terminating"}
    assert metadata["deletionTimestamp"] == at(0)
    assert "deletionGracePeriodSeconds" not in metadata
    again, _ = run(decision.obj)
    assert (again.remove, again.changed) == (False, False)


def test_a_namespace_without_any_finalizer_goes():
    namespace = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "n"}, "spec": {}}
    assert run(namespace)[0].remove


@pytest.mark.parametrize(
    ("metadata", "grace", "shown"),
    [
        ({"deletionTimestamp": at(30), "deletionGracePeriodSeconds": 30}, 0, True),
        ({"deletionTimestamp": at(0), "deletionGracePeriodSeconds": 0}, 0, False),
        ({"deletionTimestamp": at(30), "deletionGracePeriodSeconds": 30, "finalizers": ["a.b/x"]}, 0, False),
        ({}, 0, True),
        ({"finalizers": ["a.b/x"]}, 0, False),
    ],
    ids=["ended-early", "was-over", "held", "never-had-one", "held-without-one"],
)
def test_the_end_of_a_grace_period_is_shown_before_the_removal(metadata, grace, shown):
    decision, after = run(pod(**metadata), grace=grace)
    assert decision.announce is shown
    assert (after["deletionTimestamp"], after["deletionGracePeriodSeconds"]) == (at(0), 0)
