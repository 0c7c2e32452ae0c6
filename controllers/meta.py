"""What controllers keep of an object: always its `Meta`; of kinds whose content matters, the whole body too.

Most kinds are watched only for ownership, so only metadata stays in memory. Instances are shared between all
controllers of a process and must never be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from podwright.api.times import parse_time

JSON = dict[str, Any]

_NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Owner:
    """One entry of metadata.ownerReferences."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False
    blocks: bool = False

    def reference(self) -> JSON:
        """Return the entry as JSON."""
        body: JSON = {"apiVersion": self.api_version, "kind": self.kind, "name": self.name, "uid": self.uid}
        if self.controller:
            body["controller"] = True
        if self.blocks:
            body["blockOwnerDeletion"] = True
        return body


@dataclass(frozen=True, slots=True)
class Meta:
    """The part of metadata that every controller may need. `deleted` is the deletionTimestamp."""

    name: str
    uid: str = ""
    namespace: str = ""
    version: str = ""
    generation: int = 0
    created: datetime | None = None
    deleted: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: _NO_LABELS)
    owners: tuple[Owner, ...] = ()
    finalizers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """namespace/name, or just the name of a cluster-scoped object."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def controller(self) -> Owner | None:
        """The owner that manages this object, if any."""
        for owner in self.owners:
            if owner.controller:
                return owner
        return None


@dataclass(frozen=True, slots=True)
class Bare:
    """An object of which nothing but metadata is kept."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class Whole:
    """An object with its full JSON, for kinds that a controller copies from or reports into."""

    meta: Meta
    body: JSON

    @property
    def spec(self) -> JSON:
        """The spec, {} where absent."""
        return self.body.get("spec") or {}

    @property
    def status(self) -> JSON:
        """The status, {} where absent."""
        return self.body.get("status") or {}

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations, {} where absent."""
        return self.body["metadata"].get("annotations") or {}


def meta_of(body: JSON, *, labels: bool = False) -> Meta:
    """Read metadata. Labels are kept only on request: most kinds are never selected by a controller."""
    meta = body["metadata"]
    created, deleted, owners = meta.get("creationTimestamp"), meta.get("deletionTimestamp"), meta.get("ownerReferences")
    return Meta(
        name=meta["name"],
        uid=meta.get("uid", ""),
        namespace=meta.get("namespace", ""),
        version=meta.get("resourceVersion", ""),
        generation=meta.get("generation", 0),
        created=parse_time(created) if created else None,
        deleted=parse_time(deleted) if deleted else None,
        labels=(meta.get("labels") or _NO_LABELS) if labels else _NO_LABELS,
        owners=tuple(map(_owner, owners)) if owners else (),
        finalizers=tuple(meta.get("finalizers") or ()),
    )


def _owner(body: JSON) -> Owner:
    return Owner(
        body.get("apiVersion", ""), body.get("kind", ""), body.get("name", ""), body.get("uid", ""),
        bool(body.get("controller")), bool(body.get("blockOwnerDeletion")),
    )  # fmt: skip


def bare(body: JSON) -> Bare:
    """Keep metadata only."""
    return Bare(meta_of(body))


def whole(body: JSON) -> Whole:
    """Keep everything but managedFields, which no controller reads."""
    kept = {name: value for name, value in body["metadata"].items() if name != "managedFields"}
    return Whole(meta_of(body, labels=True), {**body, "metadata": kept})
