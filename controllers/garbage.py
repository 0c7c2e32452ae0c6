"""Garbage collection by ownerReferences: what nobody owns any more is deleted.

    background   the owner is gone: dependents without another owner are deleted
    foreground   the owner stays until everything that blocks it (blockOwnerDeletion) is gone
    orphan       the owner waits until its dependents do not refer to it any more

`reconcile` looks at one object. Whether an owner that the graph does not hold exists is an input: the caller asks the
API server, because a cache that has not seen an object proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from podwright.controllers.actions import NOTHING, Batch, Delete, Patch, Plan, Step
from podwright.controllers.garbage_graph import FOREGROUND, ORPHAN, Entry, Graph
from podwright.controllers.meta import Owner


def unknown_owners(entry: Entry, graph: Graph) -> list[Owner]:
    """Return the owners that the API server must be asked about before this object is judged."""
    if entry.meta.deleted is not None:
        return []
    return [owner for owner in entry.meta.owners if not _seen(entry, owner, graph)]


def reconcile(entry: Entry, graph: Graph, absent: AbstractSet[str]) -> Plan:
    """Return what becomes of one object. `absent` are uids of owners of it that are known not to exist."""
    if entry.orphans_dependents:
        return _let_go(entry, graph)
    if entry.waits_for_dependents:
        return _end_when_free(entry, graph)
    if entry.meta.deleted is not None or not entry.meta.owners:
        return NOTHING
    return _judge(entry, graph, absent)


def _judge(entry: Entry, graph: Graph, absent: AbstractSet[str]) -> Plan:
    gone: list[Owner] = []
    waiting: list[Owner] = []
    solid: list[Owner] = []
    for owner in entry.meta.owners:
        found = graph.get(owner.uid)
        if owner.uid in absent:
            gone.append(owner)
        elif found is not None and found.waits_for_dependents:
            waiting.append(owner)
        else:
            solid.append(owner)
    if solid:
        return Plan((_without(entry, [*gone, *waiting]),)) if gone or waiting else NOTHING
    steps: list[Step] = []
    if waiting and graph.has_dependents(entry.meta.uid):
        # Dependents of its own: it ends after them. Were one of them to block it while it waits for us, neither
        # would ever end.
        for dependent in graph.dependents(entry.meta.uid):
            if dependent.waits_for_dependents:
                steps += _unblocked(dependent)
        steps.append(_delete(entry, "Foreground"))
    else:
        steps.append(_delete(entry, _asked_for(entry)))
    return Plan(tuple(steps))


def _end_when_free(entry: Entry, graph: Graph) -> Plan:
    """Return the end of an owner in foreground deletion, once nothing blocks it."""
    blocked = any(
        owner.blocks
        for dependent in graph.dependents(entry.meta.uid)
        for owner in dependent.meta.owners
        if owner.uid == entry.meta.uid
    )
    return NOTHING if blocked else Plan((_finalized(entry, FOREGROUND),))


def _let_go(entry: Entry, graph: Graph) -> Plan:
    """Return how all dependents are made independent, and the owner free to end."""
    me = [Owner("", "", "", entry.meta.uid)]
    freed = tuple(_without(dependent, me) for dependent in graph.dependents(entry.meta.uid))
    # When they are seen to refer to it no more, the owner gets its next look.
    return Plan((Batch(freed),)) if freed else Plan((_finalized(entry, ORPHAN),))


def _seen(entry: Entry, owner: Owner, graph: Graph) -> bool:
    found = graph.get(owner.uid)
    return found is not None and found.is_owner_of(entry.meta, owner)


def _asked_for(entry: Entry) -> str:
    """Return the propagation that a finalizer put on the object asks for."""
    if ORPHAN in entry.meta.finalizers:
        return "Orphan"
    return "Foreground" if FOREGROUND in entry.meta.finalizers else "Background"


def _delete(entry: Entry, propagation: str) -> Delete:
    meta = entry.meta
    # The version makes sure that an owner which was put in meanwhile is not overlooked.
    return Delete(
        entry.resource, meta.namespace, meta.name, meta.uid, version=meta.version, propagation=propagation,  # pyright: ignore[reportArgumentType] # one of the three literals
    )  # fmt: skip


def _without(entry: Entry, dropped: Sequence[Owner]) -> Patch:
    uids = {owner.uid for owner in dropped}
    left = [owner.reference() for owner in entry.meta.owners if owner.uid not in uids]
    return _patch(entry, {"ownerReferences": left or None})


def _unblocked(entry: Entry) -> list[Step]:
    """Return the patch after which the object blocks no owner."""
    if not any(owner.blocks for owner in entry.meta.owners):
        return []
    left = [{**owner.reference(), "blockOwnerDeletion": False} for owner in entry.meta.owners]
    return [_patch(entry, {"ownerReferences": left})]


def _finalized(entry: Entry, finalizer: str) -> Patch:
    return _patch(entry, {"finalizers": [name for name in entry.meta.finalizers if name != finalizer] or None})


def _patch(entry: Entry, meta: dict[str, object]) -> Patch:
    same = {"uid": entry.meta.uid, "resourceVersion": entry.meta.version}
    return Patch(entry.resource, entry.meta.namespace, entry.meta.name, {"metadata": {**same, **meta}})
