"""What claims forbid: every node, or the nodes that cannot have the volume."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sched_builders import claim_json, mounts, node_json, pod, volume_json

from podwright.scheduler.decide import Decider
from podwright.scheduler.explain import Preemption, ask_all, explain
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.node_info import node_facts
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.storage_facts import claim_facts, class_facts, limit_facts, volume_facts

BUSY = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"


def cluster(*nodes, claims=(), volumes=(), classes=(), limits=()):
    made = Snapshot()
    for body in nodes:
        made.set_node(node_facts(body))
    made.storage.claims.update({f"ns/{c['metadata']['name']}": claim_facts(c) for c in claims})
    made.storage.volumes.update({v["metadata"]["name"]: volume_facts(v) for v in volumes})
    made.storage.classes.update({c["metadata"]["name"]: class_facts(c) for c in classes})
    made.storage.limits.update({c["metadata"]["name"]: limit_facts(c) for c in limits})
    return made


def asked(made, item):
    decider = Decider(made)
    question = decider.question(item)
    return decider.place(item), explain(question, len(made.nodes), ask_all(question, made.nodes), Preemption())


LATER = {"metadata": {"name": "later"}, "provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"}
NOW = {"metadata": {"name": "now"}, "provisioner": "x", "volumeBindingMode": "Immediate"}
OWNED = {"ownerReferences": [{"uid": "uid-p", "controller": True}]}
GOING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
COMPLETED = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}

EVERYWHERE = {
    "missing": ([], mounts("c"), 'persistentvolumeclaim "c" not found'),
    "a missing one is said first": (
        [claim_json("b", "v", **GOING)], mounts("b", "c"), 'persistentvolumeclaim "c" not found'),
    "no volume": ([claim_json("c")], mounts("c"), "pod has unbound immediate PersistentVolumeClaims"),
    "no volume, class that binds at once": (
        [claim_json("c", storage_class="now")], mounts("c"), "pod has unbound immediate PersistentVolumeClaims"),
    "meant for a volume, not bound": (
        [claim_json("c", "v", "later", status={})], mounts("c"), "pod has unbound immediate PersistentVolumeClaims"),
    "lost": (
        [claim_json("c", "v", status={"phase": "Lost"})], mounts("c"),
        'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'),
    "being deleted": ([claim_json("c", "v", **GOING)], mounts("c"), 'persistentvolumeclaim "c" is being deleted'),
    "ephemeral, not made yet": (
        [], mounts(ephemeral=("e",)),
        'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-e"'),
    "ephemeral, somebody else's": (
        [claim_json("p-e", "v")], mounts(ephemeral=("e",)),
        "PVC ns/p-e was not created for pod ns/p (pod is not owner)"),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "spec", "reason"), EVERYWHERE.values(), ids=EVERYWHERE)
def test_no_node_will_do(claims, spec, reason):
    made = cluster(node_json("a"), node_json("b"), claims=claims, volumes=[volume_json("v")], classes=[LATER, NOW])
    node, story = asked(made, pod("p", **spec))
    assert node is None
    assert story.message == f"0/2 nodes are available: {reason}. not found"
    assert story.everywhere


FITTING = {
    "bound": ([claim_json("c", "v")], mounts("c")),
    "bound, said by an annotation": ([claim_json("c", "v", status={}, **COMPLETED)], mounts("c")),
    "mounted twice": ([claim_json("c", "v")], mounts("c", "c")),
    "ephemeral": ([claim_json("p-e", "v", **OWNED)], mounts(ephemeral=("e",))),
    "for one pod, and this is it": ([claim_json("c", "v", mode="ReadWriteOncePod")], mounts("c")),
}


@pytest.mark.parametrize(("claims", "spec"), FITTING.values(), ids=FITTING)
def test_the_pod_is_placed(claims, spec):
    made = cluster(node_json("a"), claims=claims, volumes=[volume_json("v")])
    assert asked(made, pod("p", **spec))[0] == "a"


def reasons(made, item, name="a"):
    return [r.reason for r in refusals(Decider(made).question(item), made.nodes[name])]


def test_a_volume_pins_its_pod():
    made = cluster(
        node_json("a", labels={"disk": "1"}), node_json("b", labels={"disk": "2"}), claims=[claim_json("c", "v")],
        volumes=[volume_json("v", disk="2")],
    )  # fmt: skip
    item = pod("p", **mounts("c"))
    assert asked(made, item)[0] == "b"
    assert reasons(made, item) == ["node(s) didn't match PersistentVolume's node affinity"]
    made.remove_node("b")
    node, story = asked(made, item)
    assert node is None
    assert story.nodes == {"a": ("volume v of claim c wants [disk In (2)]",)}
    assert "1 Preemption is not helpful" in story.message


def test_a_claim_that_waits_for_its_pod_is_not_bound_by_anyone():
    made = cluster(node_json("a"), claims=[claim_json("c", storage_class="later")], classes=[LATER])
    assert reasons(made, pod("p", **mounts("c"))) == ["node(s) didn't find available persistent volumes to bind"]


def test_a_volume_that_is_gone():
    made = cluster(node_json("a"), claims=[claim_json("c", "v")])
    assert reasons(made, pod("p", **mounts("c"))) == [
        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
    ]


def test_one_claim_one_pod():
    made = cluster(
        node_json("a"), node_json("b"), claims=[claim_json("c", "v", mode="ReadWriteOncePod")],
        volumes=[volume_json("v")],
    )  # fmt: skip
    made.assume(pod("first", **mounts("c")), "a")
    item = pod("p", **mounts("c"))
    assert reasons(made, item, "a") == reasons(made, item, "b") == [BUSY]
    assert "2 No preemption victims" in asked(made, item)[1].message
    made.remove_pod("ns/first")
    assert asked(made, item)[0]


ZONES = {
    "the same": ({"topology.kubernetes.io/zone": "z1"}, {"topology.kubernetes.io/zone": "z1"}, True),
    "one of several": ({"topology.kubernetes.io/zone": "z0__z1"}, {"topology.kubernetes.io/zone": "z1"}, True),
    "other": ({"topology.kubernetes.io/zone": "z2"}, {"topology.kubernetes.io/zone": "z1"}, False),
    "in the old spelling": (
        {"failure-domain.beta.kubernetes.io/zone": "z2"}, {"topology.kubernetes.io/zone": "z1"}, False),
    "a node that names its region alone": (
        {"topology.kubernetes.io/zone": "z2"}, {"topology.kubernetes.io/region": "r"}, False),
    "a node that names neither": ({"topology.kubernetes.io/zone": "z2"}, {}, True),
}  # fmt: skip


@pytest.mark.parametrize(("volume", "node", "passes"), ZONES.values(), ids=ZONES)
def test_zones(volume, node, passes):
    made = cluster(
        node_json("a", labels=node), claims=[claim_json("c", "v")], volumes=[volume_json("v", labels=volume)]
    )
    assert reasons(made, pod("p", **mounts("c"))) == ([] if passes else ["node(s) had no available volume zone"])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 5), max_size=3, unique=True), max_size=5), st.integers(0, 4),
    st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True),
)  # fmt: skip
def test_a_node_has_as_many_volumes_of_a_driver_as_it_says(there, limit, wanted):
    driver = [{"name": "csi.x", "allocatable": {"count": limit}}, {"name": "unlimited"}]
    made = cluster(
        node_json("a"),
        claims=[claim_json(f"c{i}", f"v{i}") for i in range(6)],
        volumes=[
            volume_json(f"v{i}", csi={"driver": "csi.x" if i < 5 else "unlimited", "volumeHandle": f"h{i}"})
            for i in range(6)
        ],
        limits=[{"metadata": {"name": "a"}, "spec": {"drivers": driver}}],
    )
    for index, claims in enumerate(there):
        made.assume(pod(f"t{index}", **mounts(*(f"c{i}" for i in claims))), "a")
    had = {i for claims in there for i in claims if i < 5}
    new = {i for i in wanted if i < 5} - had
    over = bool(new) and len(had | new) > limit
    item = pod("p", **mounts(*(f"c{i}" for i in wanted)))
    assert reasons(made, item) == (["node(s) exceed max volume count"] if over else [])


class Disk:
    """A random claim with its volume, as plain facts; what they mean is worked out anew by `verdict`."""

    def __init__(self, dice, name):
        self.name = name
        self.exists = dice.random() < 0.9
        self.phase = dice.choice(["Bound", "Bound", "Bound", "Bound", "Pending", "Lost"])
        self.deleting = dice.random() < 0.05
        self.one_pod = dice.random() < 0.3
        self.klass = dice.choice(["later", "now", ""])
        self.volume_exists = dice.random() < 0.9
        self.disk = dice.choice([None, None, "1", "2"])
        self.zone = dice.choice([None, None, "z1", "z2"])
        self.used_by = dice.choice(["", "", "", "other"])

    def claim(self):
        more = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if self.deleting else {}
        volume = "" if self.phase == "Pending" else f"v-{self.name}"
        mode = "ReadWriteOncePod" if self.one_pod else "ReadWriteOnce"
        return claim_json(self.name, volume, self.klass, mode, status={"phase": self.phase}, **more)

    def volume(self):
        labels = {"topology.kubernetes.io/zone": self.zone} if self.zone else {}
        return volume_json(f"v-{self.name}", labels=labels, **({"disk": self.disk} if self.disk else {}))


def verdict(disks, node):
    """The reasons against a node, or the one against all."""
    if any(not d.exists for d in disks):
        return "everywhere"
    if any(d.phase == "Lost" or d.deleting for d in disks):
        return "everywhere"
    if any(d.phase == "Pending" and d.klass != "later" for d in disks):
        return "everywhere"
    if any(d.one_pod and d.used_by for d in disks):
        return [BUSY]
    held = [d for d in disks if d.phase == "Bound" and d.volume_exists]
    found = [
        "node(s) didn't match PersistentVolume's node affinity" for d in held if d.disk not in {None, node["disk"]}
    ]
    found += ["node(s) didn't find available persistent volumes to bind" for d in disks if d.phase == "Pending"]
    found += [
        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
        for d in disks if d.phase == "Bound" and not d.volume_exists
    ]  # fmt: skip
    wrong_zone = any(d.zone not in {None, node["topology.kubernetes.io/zone"]} for d in held)
    return found or (["node(s) had no available volume zone"] if wrong_zone else [])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32))
def test_claims_as_facts_say(seed):
    dice = Random(seed)
    disks = [Disk(dice, f"c{i}") for i in range(dice.choice([1, 1, 2, 3]))]
    labels = {"a": ("1", "z1"), "b": ("2", "z1"), "c": ("1", "z2")}
    nodes = {n: {"disk": d, "topology.kubernetes.io/zone": z} for n, (d, z) in labels.items()}
    made = cluster(
        *(node_json(name, labels=found) for name, found in nodes.items()), classes=[LATER, NOW],
        claims=[d.claim() for d in disks if d.exists], volumes=[d.volume() for d in disks if d.volume_exists],
    )  # fmt: skip
    for index, d in enumerate(disks):
        if d.used_by:
            made.assume(pod(f"user{index}", **mounts(d.name)), "a")
    item = pod("p", **mounts(*(d.name for d in disks)))
    decider = Decider(made)
    question = decider.question(item)
    expected = {name: verdict(disks, node) for name, node in nodes.items()}
    fitting = {name for name, found in expected.items() if not found}
    assert (decider.place(item) in fitting) if fitting else decider.place(item) is None
    for name, found in expected.items():
        if found == "everywhere":
            assert question.demand.refusal
        else:
            assert [r.reason for r in refusals(question, made.nodes[name])] == found
