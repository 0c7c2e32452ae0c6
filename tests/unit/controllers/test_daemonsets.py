"""DaemonSets: a pod on each node that fits, rolling replacement, history."""

from __future__ import annotations

from typing import Any

import pytest
from ctl_builders import NOW, actions, creates, deletes, node, notes, owner_of, patches, template
from ctl_builders import pod as any_pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.controllers.actions import Create, Plan
from podwright.controllers.daemon_nodes import pinned, pinned_to, place, tolerated
from podwright.controllers.daemonset import Observed, reconcile
from podwright.controllers.meta import Whole, whole
from podwright.controllers.pod_view import PodView
from podwright.controllers.template_revisions import HASH, data_of

JSON = dict[str, Any]


def daemon_set(
    *, status: JSON | None = None, strategy: JSON | None = None, meta: JSON | None = None, **spec: Any
) -> Whole:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    base = {
        "selector": {"matchLabels": {"app": "a"}}, "template": template(), "updateStrategy": strategy or rolling,
        "revisionHistoryLimit": 1,
    }  # fmt: skip
    annotations = {"deprecated.daemonset.template.generation": "7"}
    metadata = {"name": "d", "namespace": "ns", "uid": "D", "generation": 3, "annotations": annotations, **(meta or {})}
    return whole({"metadata": metadata, "spec": {**base, **spec}, "status": status or {}})


def revision(ds: Whole, name: str = "new", number: int = 1, data: JSON | None = None) -> Whole:
    labels = {"app": "a", HASH: name}
    metadata = {"name": f"d-{name}", "namespace": "ns", "uid": f"uid-{name}", "labels": labels}
    return whole({"metadata": metadata, "revision": number, "data": data or data_of(ds)})


def pod(name: str, on: str, generation: str = "new", **more: Any) -> PodView:
    meta = {"ownerReferences": [owner_of("DaemonSet", "d", "D")]}
    return any_pod(name, node=on, labels={"app": "a", HASH: generation}, meta=meta, **more)


def look(ds: Whole, nodes: list[Whole], pods: list[PodView], *revisions: Whole) -> Plan:
    return reconcile(ds, Observed(tuple(nodes), tuple(pods), revisions or (revision(ds),)), NOW)


def labelled(name: str, labels: JSON | None = None, *taints: JSON) -> Whole:
    return node(name, meta={"labels": {"kubernetes.io/hostname": name, **(labels or {})}}, taints=list(taints))


NODES = [labelled(f"n{i}") for i in range(3)]


def test_each_node_gets_a_pod_of_its_own() -> None:
    ds = daemon_set()
    plan = look(ds, NODES, [pod("a", "n1")])
    made = creates(plan)
    assert [pinned_to(m["spec"]) for m in made] == ["n0", "n2"]
    assert made[0]["metadata"]["generateName"] == "d-"
    assert made[0]["metadata"]["labels"] == {"app": "a", HASH: "new", "pod-template-generation": "7"}
    assert {t["key"] for t in made[0]["spec"]["tolerations"]} >= {"node.kubernetes.io/unschedulable"}


def test_a_pod_that_waits_for_its_node_counts_there() -> None:
    waiting = pod("w", "", phase="Pending", affinity=pinned({}, "n0"))
    assert creates(look(daemon_set(), NODES[:1], [waiting])) == []


def test_the_first_look_writes_the_template_down() -> None:
    ds = daemon_set()
    plan = reconcile(ds, Observed(tuple(NODES), (), ()), NOW)
    made = [a for a in actions(plan) if isinstance(a, Create)]
    assert [m.resource.plural for m in made] == ["controllerrevisions"]
    body = made[0].body
    assert (body["revision"], body["data"]["spec"]["template"]["$patch"]) == (1, "replace")
    assert body["metadata"]["name"] == f"d-{body['metadata']['labels'][HASH]}"


def test_a_template_that_comes_back_is_the_newest_again() -> None:
    ds = daemon_set()
    old, newer = revision(ds, "old", 1), revision(ds, "other", 2, {"spec": {}})
    plan = look(ds, NODES, [], old, newer)
    assert patches(plan, "controllerrevisions") == {"d-old": {"metadata": {"uid": "uid-old"}, "revision": 3}}


@pytest.mark.parametrize(
    ("spec", "taints", "expected"),
    [
        ({}, [], (True, True)),
        ({"nodeSelector": {"disk": "ssd"}}, [], (False, False)),
        ({"nodeName": "other"}, [], (False, False)),
        ({}, [{"key": "k", "effect": "NoSchedule"}], (False, True)),
        ({}, [{"key": "k", "effect": "NoExecute"}], (False, False)),
        ({}, [{"key": "k", "effect": "PreferNoSchedule"}], (True, True)),
        ({}, [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}], (True, True)),
        ({"tolerations": [{"operator": "Exists"}]}, [{"key": "k", "effect": "NoExecute"}], (True, True)),
        ({"tolerations": [{"key": "k", "value": "v"}]}, [{"key": "k", "value": "v", "effect": "NoSchedule"}], (True, True)),
        ({"tolerations": [{"key": "k", "value": "w"}]}, [{"key": "k", "value": "v", "effect": "NoSchedule"}], (False, True)),
    ],
    ids=["plain", "selector", "name", "no-schedule", "no-execute", "soft", "cordoned", "tolerates-all", "value", "other-value"],
)  # fmt: skip
def test_where_pods_belong(spec: JSON, taints: list[JSON], expected: tuple[bool, bool]) -> None:
    found = place(spec, labelled("n", {}, *taints))
    assert (found.wanted, found.allowed) == expected


def test_pods_leave_nodes_that_do_not_want_them() -> None:
    ds = daemon_set()
    nodes = [
        labelled("n0", {}, {"key": "k", "effect": "NoExecute"}),
        labelled("n1", {}, {"key": "k", "effect": "NoSchedule"}),
    ]
    plan = look(ds, nodes, [pod("a", "n0"), pod("b", "n1")])
    assert deletes(plan) == ["a"]
    status = patches(look(ds, nodes[1:], [pod("b", "n1")]), "daemonsets", "status")["d"]["status"]
    assert (status["numberMisscheduled"], status["desiredNumberScheduled"]) == (1, 0)


def test_one_pod_a_node() -> None:
    twice = [pod("b", "n0", created=-10), pod("a", "n0", created=-20)]
    assert deletes(look(daemon_set(), NODES[:1], twice)) == ["b"]


def test_a_pod_that_failed_is_replaced_after_a_while() -> None:
    failed = pod("a", "n0", phase="Failed", ready=False, created=-4)
    assert look(daemon_set(), NODES[:1], [failed]).again == 6
    plan = look(daemon_set(), NODES[:1], [pod("a", "n0", phase="Failed", ready=False, created=-60)])
    assert deletes(plan) == ["a"]
    text = "Found failed daemon pod ns/a on node n0, will try to kill it"
    assert notes(plan)[0] == ("FailedDaemonPod", text)


def test_the_next_pod_waits_for_the_end_of_the_one_before() -> None:
    going = pod("a", "n0", deleted=True)
    assert creates(look(daemon_set(), NODES[:1], [going])) == []
    ended = pod("a", "n0", deleted=True, phase="Succeeded", ready=False)
    assert len(creates(look(daemon_set(), NODES[:1], [ended]))) == 1


def test_a_new_template_replaces_pods_one_by_one() -> None:
    ds = daemon_set()
    old = [pod(f"p{i}", f"n{i}", "old") for i in range(3)]
    assert len(deletes(look(ds, NODES, old))) == 1
    assert deletes(look(ds, NODES, [pod("x", "n0", ready=False), *old[1:]])) == []
    broken = [pod("p0", "n0", "old", ready=False), *old[1:]]
    assert deletes(look(ds, NODES, broken)) == ["p0"]
    by_hand = daemon_set(strategy={"type": "OnDelete"})
    assert deletes(look(by_hand, NODES, old)) == []


def test_with_surge_the_new_one_comes_first() -> None:
    ds = daemon_set(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    old = [pod(f"p{i}", f"n{i}", "old") for i in range(3)]
    plan = look(ds, NODES, old)
    assert ([pinned_to(m["spec"]) for m in creates(plan)], deletes(plan)) == (["n0"], [])
    waiting = look(ds, NODES, [pod("x", "n0", ready=False), *old])
    assert (creates(waiting), deletes(waiting)) == ([], [])
    assert deletes(look(ds, NODES, [pod("x", "n0"), *old])) == ["p0"]


@given(st.lists(st.sampled_from(["old", "new", "new-unready", "none"]), min_size=1, max_size=8), st.integers(1, 4))
def test_never_more_than_allowed_are_missing(state: list[str], unavailable: int) -> None:
    ds = daemon_set(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": unavailable}})
    nodes = [labelled(f"n{i}") for i in range(len(state))]
    pods = [
        pod(f"p{i}", f"n{i}", s.partition("-")[0], ready=s != "new-unready") for i, s in enumerate(state) if s != "none"
    ]
    gone = deletes(look(ds, nodes, pods))
    missing = sum(s in {"new-unready", "none"} for s in state)
    assert len(gone) <= max(unavailable - missing, 0)


def test_the_status_counts_nodes() -> None:
    ds = daemon_set()
    pods = [pod("a", "n0"), pod("b", "n1", "old", ready=False), pod("c", "n2", ready=False)]
    observed = Observed(tuple(NODES), tuple(pods), (revision(ds),))
    held = daemon_set(strategy={"type": "OnDelete"})
    status = patches(reconcile(held, observed, NOW), "daemonsets", "status")["d"]["status"]
    assert status == {
        "currentNumberScheduled": 3, "numberMisscheduled": 0, "desiredNumberScheduled": 3, "numberReady": 1,
        "observedGeneration": 3, "updatedNumberScheduled": 2, "numberAvailable": 1, "numberUnavailable": 2,
    }  # fmt: skip


def test_old_templates_go_unless_pods_are_of_them() -> None:
    ds = daemon_set(strategy={"type": "OnDelete"}, revisionHistoryLimit=1)
    old = [revision(ds, f"r{i}", i + 1, {"spec": {"i": i}}) for i in range(4)]
    plan = look(ds, NODES[:1], [pod("a", "n0", "r0")], *old, revision(ds, "new", 9))
    assert deletes(plan) == ["d-r1", "d-r2"]


def test_a_pod_keeps_what_its_template_says() -> None:
    wanted = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]}
    spec = {
        "affinity": {"podAffinity": {}, "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": wanted}},
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
    }
    found = pinned(spec, "n")
    term = found["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"][0]
    assert set(term) == {"matchExpressions", "matchFields"}
    assert "podAffinity" in found
    assert len(tolerated(spec)) == 6
    assert len(tolerated({"hostNetwork": True})) == 7
