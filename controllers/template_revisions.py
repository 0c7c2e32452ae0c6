"""The history of templates, kept as ControllerRevisions: which is current, which may go.

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
"""The label by which pods say which template they were made from."""


@dataclass(frozen=True, slots=True)
class History:
    """How one kind keeps its templates; `label` is where its revisions note their hash."""

    kind: str
    label: str

    def current(self, owner: Whole, revisions: Sequence[Whole]) -> Current:
        """Find the revision of the present template, or make it."""
        wanted = data_of(owner)
        newest = max((number(r) for r in revisions), default=0)
        for revision in sorted(revisions, key=number, reverse=True):
            if revision.body.get("data") != wanted:
                continue
            found = self.hash_of(revision)
            if number(revision) == newest:
                return Current(found, revision.meta.name)
            body = {"metadata": {"uid": revision.meta.uid}, "revision": newest + 1}
            patch = Patch(CONTROLLER_REVISIONS, revision.meta.namespace, revision.meta.name, body)
            return Current(found, revision.meta.name, (patch,))
        name = template_hash(owner.spec.get("template") or {}, owner.status.get("collisionCount"))
        made = self._new(owner, name, newest + 1, wanted)
        create = Create(CONTROLLER_REVISIONS, owner.meta.namespace, made)
        return Current(name, made["metadata"]["name"], (create,))

    def hash_of(self, revision: Whole) -> str:
        """The hash of a revision's template."""
        return revision.meta.labels.get(self.label) or revision.meta.name.rpartition("-")[2]

    def surplus(self, owner: Whole, revisions: Sequence[Whole], used: Collection[str]) -> list[Delete]:
        """The oldest revisions beyond the limit, but for those whose hashes are in `used`."""
        limit = owner.spec.get("revisionHistoryLimit")
        old = sorted((r for r in revisions if self.hash_of(r) not in used), key=number)
        count = max(len(old) - (10 if limit is None else limit), 0)
        return [Delete(CONTROLLER_REVISIONS, r.meta.namespace, r.meta.name, r.meta.uid) for r in old[:count]]

    def _new(self, owner: Whole, name: str, revision: int, data: JSON) -> JSON:
        labels: Mapping[str, str] = ((owner.spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
        return {
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "data": data, "revision": revision,
            "metadata": {
                "name": f"{owner.meta.name}-{name}", "namespace": owner.meta.namespace,
                "labels": {**labels, self.label: name}, "annotations": dict(owner.annotations),
                "ownerReferences": [controller_owner("apps/v1", self.kind, owner.meta).reference()],
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Current:
    """The hash and the revision's name of the present template, and what has to be written for it."""

    hash: str
    name: str
    steps: tuple[Action, ...] = ()


def data_of(owner: Whole) -> JSON:
    """The present template as a revision keeps it: a patch that puts it back."""
    return {"spec": {"template": {**(owner.spec.get("template") or {}), "$patch": "replace"}}}


def template_of(revision: Whole) -> JSON:
    """The template that a revision keeps."""
    template: JSON = ((revision.body.get("data") or {}).get("spec") or {}).get("template") or {}
    return {name: value for name, value in template.items() if name != "$patch"}


def number(revision: Whole) -> int:
    """The revision's number."""
    return revision.body.get("revision") or 0
