"""The seam between the generic registry and the rules of one kind.

The registry does what is the same for every kind (names, revisions, finalizers, preconditions, selectors); a
strategy knows what is particular: defaults, what a write may touch, what is valid. Strategies work on JSON
dicts, synchronously. A strategy must never do I/O, keep state, read a clock (`ctx.now` is the time) or touch
`metadata` fields the registry owns (uid, resourceVersion, creationTimestamp, deletionTimestamp).

Order of a write: decode > default > prepare_* > admission > validate_* > store; on creation admission comes before
prepare_create. `obj` is always a fresh dict
that hooks may change in place; `old` is shared and must never be changed.
"""

# ruff: noqa: ARG002 - the default hooks ignore what overriding ones read
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from podwright.api.apply.masks import Mask, hiding
from podwright.api.errors import FieldError
from podwright.api.resources import Resource
from podwright.apiserver.user import User

JSON = dict[str, Any]


class Lookup(Protocol):
    """Synchronous reads of the server's own caches; what is returned is shared and must not be changed."""

    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        """Return one object, or None."""
        ...

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        """Return the objects of one namespace ("": all)."""
        ...


@dataclass(frozen=True, slots=True)
class WriteContext:
    """What surrounds one write. `now` is aware UTC; `subresource` is "" for the object itself."""

    user: User
    now: datetime
    resource: Resource
    lookup: Lookup
    dry_run: bool = False
    subresource: str = ""
    namespace: str = ""
    warnings: list[str] = field(default_factory=list[str], compare=False)
    """What the answer warns of; checks add to it what they let through."""
    metadata_good: bool = False
    """The registry's own check of metadata has found nothing: repeating it would not either."""


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where a Scale's fields live in the object, as key paths.

    `selector` points at a LabelSelector (or, for ReplicationControllers, a plain map); () means none.
    """

    spec_replicas: tuple[str, ...] = ("spec", "replicas")
    status_replicas: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")


def spec_changed(obj: JSON, old: JSON) -> bool:
    """Tell whether anything but metadata and status differs."""
    skip = ("metadata", "status", "apiVersion", "kind")
    return {k: v for k, v in obj.items() if k not in skip} != {k: v for k, v in old.items() if k not in skip}


def set_generation(obj: JSON, generation: int) -> None:
    """Write metadata.generation."""
    obj.setdefault("metadata", {})["generation"] = generation


def raise_generation(obj: JSON, old: JSON, *, changed: bool) -> None:
    """Carry the old metadata.generation over, one higher when what it counts has changed."""
    set_generation(obj, (old["metadata"].get("generation") or 0) + changed)


def keep(obj: JSON, old: JSON, *fields: str) -> None:
    """Put the top-level `fields` of `old` back into `obj` (absent there: removed). Values stay shared."""
    for name in fields:
        if name in old:
            obj[name] = old[name]
        else:
            obj.pop(name, None)


class Strategy:
    """Defaults for every hook: a plain kind without status, generation or rules. One subclass per kind.

    Updates through a subresource other than status and scale (pods/ephemeralcontainers, pods/resize) also run
    `prepare_update` and `validate_update`, with `ctx.subresource` naming it, after the registry has kept all
    fields that the subresource does not own.
    """

    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = {}
    """Field selectors beyond metadata.name and metadata.namespace."""
    other_fields: ClassVar[str] = "field label not supported: {}"
    """What is said of a selector of any other field, by kinds that have some."""
    allow_create_on_update: ClassVar[bool] = False
    """A PUT of an absent object creates it."""
    allow_unconditional_update: ClassVar[bool] = True
    """A PUT may come without metadata.resourceVersion."""
    bare_finalizers: ClassVar[bool] = False
    """Finalizers need no domain: those of kinds that are not of the API's core."""
    returns_object_on_delete: ClassVar[bool] = False
    """DELETE answers the object, not a Status."""
    default_propagation: ClassVar[str] = "Background"
    """"Background" or "Orphan": what a DELETE without propagationPolicy means; "" of kinds that own nothing."""
    scale: ClassVar[ScalePaths | None] = None
    """Set when the kind has a scale subresource."""
    beside_status: ClassVar[tuple[str, ...]] = ()
    """Of labels and annotations, what does not change with a status: with most kinds both do."""
    masks: ClassVar[Mapping[str, Mask]] = {"": hiding("status"), "status": hiding("spec")}
    """Subresource -> which fields one who writes through it can own; without a mask all of them."""

    def default(self, obj: JSON) -> None:
        """Fill in defaults after every decode (also of patch results)."""

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Drop what a creator must not set (status), set generation."""

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep what an updater must not touch (status), raise generation when the spec changed."""

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep everything but the status.

        The registry has already put back all metadata but labels, annotations and managedFields.
        """
        keep(obj, old, *((set(obj) | set(old)) - {"status", "metadata", "apiVersion", "kind"}))
        keep(obj["metadata"], old["metadata"], *self.beside_status)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new object; metadata was checked by the registry."""
        return []

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed object, immutable fields included."""
        return []

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return []

    def validate_name(self, name: str) -> list[str]:
        """List what is wrong with metadata.name; the default is a DNS subdomain."""
        from podwright.api import names

        return names.dns1123_subdomain(name)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Texts for the Warning header of a write; `old` is None on creation."""
        return []

    def begin_deletion(self, obj: JSON, now: datetime) -> bool:
        """Mark an object whose end the server itself brings about, in place; False for kinds that just go."""
        return False

    def graceful_delete(self, obj: JSON, options: JSON, ctx: WriteContext) -> int | None:
        """Grace period in seconds when deletion must wait for the object's owner (pods); None: delete at once."""
        return None
