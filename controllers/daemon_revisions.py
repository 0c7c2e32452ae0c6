"""The history of a DaemonSet's templates, kept as ControllerRevisions: which is current, which may go.

A template that was there before is current again under a new number; that is what undoing a rollout does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.controllers.actions import Action, Create, Delete, Patch
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import controller_owner
from podwright.controllers.resources import CONTROLLER_REVISIONS
from podwright.controllers.template_hash import template_hash

JSON = dict[str, Any]

HASH: Final = "controller-revision-hash"
TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"


@dataclass(frozen=True, slots=True)
class Current:
    """The hash that pods of the present template carry, and what has to be written for it."""

    hash: str
    steps: tuple[Action, ...] = ()


def data_of(ds: Whole) -> JSON:
    """The present template as a revision keeps it: a patch that puts it back."""
    return {"spec": {"template": {**(ds.spec.get("template") or {}), "$patch": "replace"}}}


def current(ds: Whole, revisions: Sequence[Whole]) -> Current:
    """Find the revision of the present template, or make it."""
    wanted = data_of(ds)
    newest = max((number(r) for r in revisions), default=0)
    for revision in sorted(revisions, key=number, reverse=True):
        if revision.body.get("data") != wanted:
            continue
        found = revision.meta.labels.get(HASH) or revision.meta.name.rpartition("-")[2]
        if number(revision) == newest:
            return Current(found)
        body = {"metadata": {"uid": revision.meta.uid}, "revision": newest + 1}
        return Current(found, (Patch(CONTROLLER_REVISIONS, revision.meta.namespace, revision.meta.name, body),))
    name = template_hash(ds.spec.get("template") or {}, ds.status.get("collisionCount"))
    return Current(name, (Create(CONTROLLER_REVISIONS, ds.meta.namespace, _new(ds, name, newest + 1, wanted)),))


def number(revision: Whole) -> int:
    """The revision's number."""
    return revision.body.get("revision") or 0


def surplus(ds: Whole, revisions: Sequence[Whole], used: Collection[str]) -> list[Delete]:
    """The oldest revisions beyond the limit that no pod is of."""
    limit = ds.spec.get("revisionHistoryLimit")
    old = sorted((r for r in revisions if r.meta.labels.get(HASH) not in used), key=number)
    count = max(len(old) - (10 if limit is None else limit), 0)
    return [Delete(CONTROLLER_REVISIONS, r.meta.namespace, r.meta.name, r.meta.uid) for r in old[:count]]


def _new(ds: Whole, name: str, revision: int, data: JSON) -> JSON:
    labels: Mapping[str, str] = ((ds.spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    return {
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "data": data, "revision": revision,
        "metadata": {
            "name": f"{ds.meta.name}-{name}", "namespace": ds.meta.namespace, "labels": {**labels, HASH: name},
            "annotations": dict(ds.annotations),
            "ownerReferences": [controller_owner("apps/v1", "DaemonSet", ds.meta).reference()],
        },
    }  # fmt: skip
