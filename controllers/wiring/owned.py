"""Whom a change of an owned object wakes: its controller, or who selects it while it has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from podwright.api.labels import Selector
from podwright.client.informer import Informer
from podwright.controllers.caches import NAMESPACE
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.ownership import HasMeta

Keys = Callable[[HasMeta | None, HasMeta | None], Iterator[str]]


def by_label_selector(keeper: Whole) -> Selector:
    """How kinds with a LabelSelector in spec.selector select."""
    return Selector.from_label_selector(keeper.spec.get("selector"))


def keepers_of(kind: str, keepers: Informer[Whole], select: Callable[[Whole], Selector] = by_label_selector) -> Keys:
    """Return what names the keepers of this kind that an owned object's old and new state concern, each once."""

    def keys(old: HasMeta | None, new: HasMeta | None) -> Iterator[str]:
        seen: set[str] = set()
        for item in (old, new):
            if item is not None:
                seen.update(concerned(item.meta))
        yield from seen

    def concerned(meta: Meta) -> Iterator[str]:
        owner = meta.controller
        if owner is None:
            for keeper in keepers.by_index(NAMESPACE, meta.namespace):
                if select(keeper).matches(meta.labels):
                    yield keeper.meta.key
        elif owner.kind == kind:
            yield f"{meta.namespace}/{owner.name}"

    return keys
