"""Who is deleted with whom. Small worlds of objects, played to the end against a fake of the API's deletion rules."""

from __future__ import annotations

import pytest
from ctl_builders import NOW, actions
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.controllers.actions import Delete, Patch
from podwright.controllers.garbage import reconcile, unknown_owners
from podwright.controllers.garbage_graph import FOREGROUND, ORPHAN, Entry, Graph
from podwright.controllers.meta import Meta, Owner
from podwright.controllers.resources import PODS, REPLICA_SETS


def owner(name, *, blocks=True, uid="", kind="ReplicaSet"):
    return Owner("apps/v1" if kind == "ReplicaSet" else "v1", kind, name, uid or name, controller=False, blocks=blocks)


class World:
    """Objects with the API's rules of deletion, and the collector at work on them."""

    def __init__(self):
        self.objects: dict[str, Entry] = {}
        self.graph = Graph()
        self.queue: list[str] = []
        self.version = 0

    def put(self, name, *owners, deleted=None, finalizers=(), resource=REPLICA_SETS, uid="", namespace="ns"):
        self.version += 1
        meta = Meta(
            name,
            uid or name,
            namespace,
            str(self.version),
            deleted=deleted,
            owners=owners,
            finalizers=tuple(finalizers),
        )
        entry = Entry(resource, meta)
        self.objects[meta.uid] = entry
        self.queue += self.graph.put(entry)

    def _replace(self, entry, **changes):
        meta = entry.meta
        fields = {"owners": meta.owners, "finalizers": meta.finalizers, "deleted": meta.deleted, **changes}
        if fields["deleted"] and not fields["finalizers"]:
            del self.objects[meta.uid]
            self.queue += self.graph.remove(meta.uid)
        else:
            self.put(
                meta.name,
                *fields["owners"],
                deleted=fields["deleted"],
                finalizers=fields["finalizers"],
                resource=entry.resource,
                uid=meta.uid,
                namespace=meta.namespace,
            )

    def delete(self, name, propagation="Background"):
        entry = self.objects[name]
        extra = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}.get(propagation, ())
        finalizers = (*entry.meta.finalizers, *(f for f in extra if f not in entry.meta.finalizers))
        self._replace(entry, deleted=entry.meta.deleted or NOW, finalizers=finalizers)

    def run(self):
        for _ in range(1000):
            if not self.queue:
                return self
            uid = self.queue.pop(0)
            entry = self.graph.get(uid)
            if entry is None:
                continue
            absent = {o.uid for o in unknown_owners(entry, self.graph) if not self.exists(entry, o)}
            for action in actions(reconcile(entry, self.graph, absent)):
                self.apply(action)
        pytest.fail("the collector never came to rest")

    def exists(self, entry, found):
        there = self.objects.get(found.uid)
        return there is not None and there.is_owner_of(entry.meta, found)

    def apply(self, action):
        if isinstance(action, Delete):
            entry = self.objects.get(action.uid)
            if entry is not None and entry.meta.version == action.version:
                self.delete(action.uid, action.propagation)
            elif entry is not None:
                self.queue.append(action.uid)
        else:
            assert isinstance(action, Patch)
            meta = action.patch["metadata"]
            entry = self.objects.get(meta["uid"])
            if entry is None:
                return
            if entry.meta.version != meta["resourceVersion"]:
                self.queue.append(meta["uid"])
                return
            changes = {}
            if "ownerReferences" in meta:
                changes["owners"] = tuple(
                    Owner(
                        o["apiVersion"],
                        o["kind"],
                        o["name"],
                        o["uid"],
                        o.get("controller", False),
                        o.get("blockOwnerDeletion", False),
                    )
                    for o in meta["ownerReferences"] or ()
                )
            if "finalizers" in meta:
                changes["finalizers"] = tuple(meta["finalizers"] or ())
            self._replace(entry, **changes)

    @property
    def names(self):
        return sorted(self.objects)


def chain():
    world = World()
    world.put("d")
    world.put("rs", owner("d"))
    world.put("p1", owner("rs"), resource=PODS)
    world.put("p2", owner("rs"), resource=PODS)
    world.put("free")
    return world.run()


def test_nothing_happens_to_what_is_owned():
    assert chain().names == ["d", "free", "p1", "p2", "rs"]


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_dependents_go_with_their_owner(propagation):
    world = chain()
    world.delete("d", propagation)
    assert world.run().names == ["free"]


def test_in_the_foreground_the_owner_stays_until_what_blocks_it_is_gone():
    world = World()
    world.put("rs")
    world.put("slow", owner("rs"), resource=PODS, finalizers=["example.com/wait"])
    world.put("free-running", owner("rs", blocks=False), resource=PODS, finalizers=["example.com/wait"])
    world.run()
    world.delete("rs", "Foreground")
    assert world.run().names == ["free-running", "rs", "slow"]
    world._replace(world.objects["slow"], finalizers=())
    assert world.run().names == ["free-running"]


def test_in_the_foreground_every_level_waits_for_the_next():
    world = World()
    world.put("d")
    world.put("rs", owner("d"))
    world.put("slow", owner("rs"), resource=PODS, finalizers=["example.com/wait"])
    world.run()
    world.delete("d", "Foreground")
    assert world.run().names == ["d", "rs", "slow"]
    world._replace(world.objects["slow"], finalizers=())
    assert world.run().names == []


def test_orphans_stay_without_owner():
    world = chain()
    world.delete("rs", "Orphan")
    assert world.run().names == ["d", "free", "p1", "p2"]
    assert world.objects["p1"].meta.owners == ()


def test_another_owner_keeps_it():
    world = World()
    world.put("a")
    world.put("b")
    world.put("p", owner("a"), owner("b"), resource=PODS)
    world.run()
    world.delete("a")
    assert world.run().names == ["b", "p"]
    assert [o.uid for o in world.objects["p"].meta.owners] == ["b"]


def test_another_owner_keeps_it_from_one_that_waits():
    world = World()
    world.put("a")
    world.put("b")
    world.put("p", owner("a"), owner("b"), resource=PODS)
    world.run()
    world.delete("a", "Foreground")
    assert world.run().names == ["b", "p"]


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_a_circle_is_no_trap(propagation):
    world = World()
    world.put("a", owner("c"))
    world.put("b", owner("a"))
    world.put("c", owner("b"))
    world.run()
    assert world.names == ["a", "b", "c"]
    world.delete("a", propagation)
    assert world.run().names == []


def test_an_owner_that_never_was():
    world = World()
    world.put("p", owner("ghost"), resource=PODS)
    assert world.run().names == []


def test_a_namesake_is_not_the_owner():
    world = World()
    world.put("rs", uid="new")
    world.put("p", owner("rs", uid="old"), resource=PODS)
    assert world.run().names == ["new"]


def test_an_owner_in_another_namespace_is_none():
    world = World()
    world.put("rs", namespace="other")
    world.put("p", owner("rs"), resource=PODS)
    assert world.run().names == ["rs"]


def test_a_dependent_that_arrives_late_is_found():
    world = chain()
    world.delete("d")
    world.run()
    world.put("late", owner("rs"), resource=PODS)
    assert world.run().names == ["free"]


def test_an_owner_that_is_not_in_the_graph_is_asked_about():
    graph = Graph()
    entry = Entry(PODS, Meta("p", "p", "ns", "1", owners=(owner("rs"),)))
    graph.put(entry)
    assert [o.uid for o in unknown_owners(entry, graph)] == ["rs"]
    assert reconcile(entry, graph, frozenset()).steps == ()
    (deletion,) = actions(reconcile(entry, graph, frozenset({"rs"})))
    assert (deletion.uid, deletion.version, deletion.propagation) == ("p", "1", "Background")


NAMES = [f"o{i}" for i in range(7)]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=2, unique=True), min_size=1),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["Background", "Foreground"])), min_size=1, max_size=3),
)
def test_what_is_left_is_exactly_what_still_has_an_owner_or_never_had_one(edges, deletions):
    world = World()
    for name in edges:
        world.put(name)
    for name, owners in edges.items():
        found = [o for o in owners if o in edges and o != name]
        if found:
            world._replace(world.objects[name], owners=tuple(owner(o) for o in found))
    rooted = {name for name in edges if not world.objects[name].meta.owners}
    world.run()
    for name, propagation in deletions:
        if name in world.objects:
            world.delete(name, propagation)
            world.run()
    for name, entry in world.objects.items():
        assert entry.meta.deleted is None
        assert all(o.uid in world.objects for o in entry.meta.owners)
        assert entry.meta.owners or name in rooted
