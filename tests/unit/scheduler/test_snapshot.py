"""Accounts stay right through assumptions, confirmations, moves and nodes that come and go."""

from __future__ import annotations

from sched_builders import node_json, pod

from podwright.scheduler.node_info import node_facts
from podwright.scheduler.snapshot import Snapshot


def snapshot(*names):
    made = Snapshot()
    for name in names:
        made.set_node(node_facts(node_json(name)))
    return made


def used(made, name="n"):
    return made.nodes[name].used_cpu, len(made.nodes[name].pods)


def test_an_assumed_pod_counts_until_forgotten():
    made = snapshot("n")
    made.assume(pod("p", {"cpu": "1"}), "n")
    assert used(made) == (1000, 1)
    made.forget(pod("p"))
    assert used(made) == (0, 0)


def test_a_confirmed_pod_is_counted_once_and_cannot_be_forgotten():
    made = snapshot("n")
    made.assume(pod("p", {"cpu": "1"}), "n")
    assert made.confirm(pod("p", {"cpu": "1"}, nodeName="n")) is False
    made.forget(pod("p"))
    assert used(made) == (1000, 1)


def test_bound_elsewhere_than_assumed():
    made = snapshot("n", "m")
    made.assume(pod("p", {"cpu": "1"}), "n")
    assert made.confirm(pod("p", {"cpu": "1"}, nodeName="m")) is True
    assert (used(made, "n"), used(made, "m")) == ((0, 0), (1000, 1))


def test_resized_pods_are_recounted():
    made = snapshot("n")
    made.confirm(pod("p", {"cpu": "1"}, nodeName="n"))
    assert made.confirm(pod("p", {"cpu": "2"}, nodeName="n")) is True
    assert used(made) == (2000, 1)


def test_pods_bound_to_a_node_not_seen_yet():
    made = snapshot()
    made.confirm(pod("p", {"cpu": "1"}, nodeName="n"))
    made.confirm(pod("q", {"cpu": "2"}, nodeName="n"))
    made.remove_pod("ns/q")
    made.set_node(node_facts(node_json("n")))
    assert used(made) == (1000, 1)


def test_a_node_that_goes_and_comes_back_keeps_its_pods():
    made = snapshot("n")
    made.confirm(pod("p", {"cpu": "1"}, nodeName="n"))
    made.remove_node("n")
    assert made.nodes == {}
    made.set_node(node_facts(node_json("n")))
    assert used(made) == (1000, 1)
    assert made.remove_pod("ns/p") == "n"
    assert used(made) == (0, 0)


def test_new_facts_keep_the_account():
    made = snapshot("n")
    made.confirm(pod("p", {"cpu": "1", "memory": "1Gi"}, nodeName="n"))
    made.set_node(node_facts(node_json("n", memory="2Gi", labels={"a": "b"})))
    assert used(made) == (1000, 1)
    assert made.nodes["n"].free_memory == 1 << 30
    assert made.labelled("a", "b") == {"n"}
    made.set_node(node_facts(node_json("n", memory="2Gi")))
    assert made.labelled("a", "b") == set()


def test_equal_facts_are_no_change():
    made = snapshot("n")
    version = made.version
    made.set_node(node_facts(node_json("n")))
    assert made.version == version


def test_the_journal_names_what_changed_and_forgets():
    made = snapshot("n", "m")
    start = made.version
    made.assume(pod("p"), "m")
    assert made.changed_since(start) == ["m"]
    for _ in range(Snapshot.JOURNAL_LIMIT):
        made.confirm(pod("x", {"cpu": "1"}, nodeName="n"))
        made.remove_pod("ns/x")
    assert made.changed_since(start) is None
    assert made.changed_since(made.version) == []


def test_a_namesake_is_not_forgotten():
    made = snapshot("n")
    newer = pod("p", {"cpu": "1"})
    newer.uid = "newer"
    made.assume(newer, "n")
    made.forget(pod("p"))
    assert used(made) == (1000, 1)
