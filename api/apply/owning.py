"""Who owns which field after a write: the heart of apply and of all record keeping. Pure.

`updated` is for writes that bring the whole new state: what changed is the writer's, and nobody else's. `applied` is
for writers that say what they want: they own what they give, share what others have set to the same, conflict with
those who set it otherwise, and what they no longer give goes unless somebody else owns it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from podwright.api.apply.collecting import given
from podwright.api.apply.comparing import UNOWNED, compare
from podwright.api.apply.entries import Entry, Writer, capped
from podwright.api.apply.fieldset import LEAF, Fields, at, difference, intersection, members, union
from podwright.api.apply.masks import Mask
from podwright.api.apply.merging import merge
from podwright.api.apply.removing import remove, with_holders
from podwright.api.apply.shapes import Shape

JSON = dict[str, Any]
BEFORE_APPLY = "before-first-apply"
"""The manager of what an object held when it was first applied to, if nobody kept records before."""


def _stripped() -> Fields:
    fields = union(union(at("apiVersion"), at("kind")), at("metadata"))
    for name in sorted(UNOWNED):
        fields = union(fields, at("metadata", name))
    return fields


STRIPPED = _stripped()
"""What nobody owns, of any kind."""


class Versions(Protocol):
    """The forms in which a resource is served."""

    def shape(self, api_version: str) -> Shape | None:
        """The type in one version; None for a version that is not served."""
        ...

    def convert(self, obj: JSON, api_version: str) -> JSON:
        """The object in a version that is served, as a fresh or shared mapping."""
        ...


class Conflicts(Exception):
    """Others own what is applied with another value: pairs of their entry and the path of a field."""

    def __init__(self, found: Sequence[tuple[Entry, tuple[str, ...]]]) -> None:
        super().__init__(f"{len(found)} conflicts")
        self.found = tuple(found)


Difference = tuple[Fields, Fields]
"""The fields that changed and those that went."""


class _Differences:
    """What changed between two states, in each version that is asked for."""

    def __init__(self, versions: Versions, old: JSON, new: JSON, mask: Mask) -> None:
        self._versions = versions
        self._old = old
        self._new = new
        self._mask = mask
        self._known: dict[str, Difference | None] = {}

    def at(self, api_version: str) -> Difference | None:
        """The difference in a version; None if it is not served."""
        if api_version not in self._known:
            self._known[api_version] = self._compare(api_version)
        return self._known[api_version]

    def _compare(self, api_version: str) -> Difference | None:
        shape = self._versions.shape(api_version)
        if shape is None:
            return None
        convert = self._versions.convert
        changed, removed = compare(shape, convert(self._old, api_version), convert(self._new, api_version))
        return self._mask(changed), self._mask(removed)


def updated(
    entries: Sequence[Entry], writer: Writer, versions: Versions, old: JSON, new: JSON, *, mask: Mask, now: str
) -> list[Entry]:
    """The records after an object was written as a whole. Of versions that are no longer served nothing is kept."""
    differences = _Differences(versions, old, new, mask)
    mine = differences.at(writer.api_version)
    changed, removed = mine if mine is not None else (LEAF, LEAF)
    if not changed and not removed and all(e.writer.api_version == writer.api_version for e in entries):
        return list(entries)
    kept: list[Entry] = []
    own: Entry | None = None
    for entry in entries:
        if entry.writer.identity == writer.identity:
            own = entry
            continue
        difference_there = differences.at(entry.writer.api_version)
        if difference_there is not None:
            rest = _lost(entry.fields, *difference_there)
            if rest:
                kept.append(entry.with_fields(rest))
    if own is not None:
        fields = union(difference(own.fields, removed), changed)
        if fields:
            kept.append(own.with_fields(fields, now if changed else None))
    elif changed:
        kept.append(Entry(writer, now, changed))
    return capped(kept)


def _lost(fields: Fields, changed: Fields, removed: Fields) -> Fields:
    if changed:
        fields = difference(fields, intersection(fields, changed))
    return difference(fields, removed) if removed else fields


@dataclass(frozen=True, slots=True)
class Applied:
    """The object that an apply makes (the live one itself if nothing is to be changed) and its records."""

    obj: JSON
    entries: list[Entry]


def applied(
    entries: Sequence[Entry],
    writer: Writer,
    versions: Versions,
    live: JSON,
    config: JSON,
    *,
    mask: Mask,
    now: str,
    force: Callable[[Conflicts], bool],
) -> Applied:
    """Merge a configuration into the live object. Raises Conflicts unless `force` allows them."""
    version = writer.api_version
    shape = versions.shape(version)
    if shape is None:
        msg = f"{version} is not served"
        raise LookupError(msg)
    live = {**live, "metadata": {k: v for k, v in live["metadata"].items() if k != "managedFields"}}
    served = [entry for entry in entries if versions.shape(entry.writer.api_version) is not None]
    last = next((entry for entry in served if entry.writer.identity == writer.identity), None)
    others = [entry for entry in served if entry is not last]
    told = mask(given(shape, config))
    fields = difference(told, STRIPPED)
    wanted: JSON = merge(shape, live, config)
    if last is not None and last.fields:  # what nobody owns holds what is around it all the same: a name, the metadata
        wanted = _pruned(versions, version, wanted, last, [*others, Entry(writer, "", told)])
    differences = _Differences(versions, live, wanted, mask)
    conflicts = Conflicts(sorted(_conflicting(others, differences), key=lambda found: found[0].writer.identity))
    if conflicts.found and not force(conflicts):
        raise conflicts
    kept: list[Entry] = []
    for entry in others:
        there = differences.at(entry.writer.api_version)
        rest = _lost(entry.fields, *there) if there is not None else LEAF
        if rest:
            kept.append(entry.with_fields(rest))
    same = wanted == live
    if fields:
        time = (last.time if last is not None else "") if same else now
        mine = Entry(writer, time, fields)
        kept.append(last if last is not None and last == mine else mine)
    return Applied(live if same else wanted, kept)


def _conflicting(others: Sequence[Entry], differences: _Differences) -> list[tuple[Entry, tuple[str, ...]]]:
    found: list[tuple[Entry, tuple[str, ...]]] = []
    for entry in others:
        there = differences.at(entry.writer.api_version)
        if there is not None and there[0]:
            found += [(entry, path) for path in members(intersection(entry.fields, there[0]))]
    return found


def _pruned(versions: Versions, version: str, merged: JSON, last: Entry, owners: Sequence[Entry]) -> JSON:
    """The merged object without what the applier owned, no longer gives, and nobody else owns."""
    at_version = last.writer.api_version
    shape = versions.shape(at_version)
    if shape is None:
        return merged
    there = versions.convert(merged, at_version)
    before = with_holders(shape, last.fields)
    pruned = remove(shape, there, before)
    owned: dict[str, Fields] = {at_version: LEAF}
    for entry in owners:
        owned[entry.writer.api_version] = union(owned.get(entry.writer.api_version, LEAF), entry.fields)
    for owned_version, fields in owned.items():
        form = versions.shape(owned_version)
        if form is None:
            continue
        whole, part = versions.convert(merged, owned_version), versions.convert(pruned, owned_version)
        kept = union(with_holders(form, given(form, part)), with_holders(form, fields))
        pruned = remove(form, whole, difference(with_holders(form, given(form, whole)), kept))
    # What fell out of the applier's sight only because something around it was taken is put back.
    left = with_holders(shape, given(shape, versions.convert(pruned, at_version)))
    everything = with_holders(shape, given(shape, there))
    result = remove(shape, there, intersection(difference(everything, left), before))
    return versions.convert(result, version)
