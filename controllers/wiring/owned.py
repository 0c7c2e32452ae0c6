"""Whom a change of an owned object wakes: its controller, or who selects it while it has none."""

from __future__ import annotations

from collections.abc import Callable, Collection

from podwright.api.labels import Selector
from podwright.client.informer import Informer
from podwright.controllers.caches import NAMESPACE
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.ownership import HasMeta

Keys = Callable[[HasMeta | None, HasMeta | None], Collection[str]]


def by_label_selector(keeper: Whole) -> Selector:
    """How kinds with a LabelSelector in spec.selector select."""
    return Selector.from_label_selector(keeper.spec.get("selector"))


def keepers_of(kind: str, keepers: Informer[Whole], select: Callable[[Whole], Selector] = by_label_selector) -> Keys:
    """Return what names the keepers of this kind that an owned object's old and new state concern, each once."""

    def keys(old: HasMeta | None, new: HasMeta | None) -> Collection[str]:
        if new is None:
            return concerned(old.meta) if old is not None else ()
        now = concerned(new.meta)
        if old is None or (old.meta.owners == new.meta.owners and old.meta.labels == new.meta.labels):
            return now
        return {*concerned(old.meta), *now}

    def concerned(meta: Meta) -> Collection[str]:
        owner = meta.controller if meta.owners else None
        if owner is None:
            found = keepers.by_index(NAMESPACE, meta.namespace)
            return [keeper.meta.key for keeper in found if select(keeper).matches(meta.labels)] if found else ()
        return (f"{meta.namespace}/{owner.name}",) if owner.kind == kind else ()

    return keys
