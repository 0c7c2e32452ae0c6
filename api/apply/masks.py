"""Which fields a writer through one endpoint can own: those that the endpoint lets through. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from podwright.api.apply.elements import SELF
from podwright.api.apply.fieldset import LEAF, Fields, union, without
from podwright.api.apply.fieldset import at as field_at

ANY_ITEM = "*"


@dataclass(frozen=True, slots=True)
class Mask:
    """`hidden` fields are taken out with all below them; with `only`, nothing is left but what is at those paths."""

    hidden: Fields
    only: tuple[tuple[str, ...], ...] = ()

    def __call__(self, fields: Fields) -> Fields:
        """What is left of a set."""
        if self.only:
            return _kept(fields, self.only)
        return without(fields, self.hidden) if self.hidden and fields else fields


NOTHING_HIDDEN = Mask(LEAF)


def hiding(*paths: str) -> Mask:
    """A mask that hides fields, given as "metadata.labels"."""
    hidden = LEAF
    for path in paths:
        hidden = union(hidden, field_at(*path.split(".")))
    return Mask(hidden)


def only(*paths: str) -> Mask:
    """A mask that shows just some fields; `*` stands for every item of a list."""
    return Mask(LEAF, tuple(tuple(path.split(".")) for path in paths))


def _kept(fields: Fields, paths: tuple[tuple[str, ...], ...]) -> Fields:
    result: Fields = {}
    for element, node in fields.items():
        if element == SELF:
            continue
        rests = tuple(path[1:] for path in paths if path[0] in {ANY_ITEM, element[2:]})
        if not rests:
            continue
        if not all(rests):
            result[element] = node
            continue
        below = _kept(node, rests)
        if SELF in node or not node:
            result[element] = {SELF: LEAF, **below} if below else LEAF
        elif below:
            result[element] = below
    return result
