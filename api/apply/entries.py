"""The records of metadata.managedFields: who owns which fields, since when. Pure.

What the store holds was written here and is taken as it is; what a client sends is checked and made regular. An entry
that has not changed is written back as the very mapping it was read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from podwright.api.apply.fieldset import LEAF, Fields, decoded, ordered, union

JSON = dict[str, Any]
APPLY = "Apply"
UPDATE = "Update"
FIELDS_TYPE = "FieldsV1"
MAX_UPDATERS = 10
"""Entries of updates that an object keeps apart."""
ANCIENT = "ancient-changes"
"""The manager under which the oldest updates are kept together."""


class BadEntries(ValueError):
    """Records that cannot be read."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and how. Two writers are the same if they are equal but for the version an applier applied."""

    manager: str
    operation: str
    api_version: str
    subresource: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells writers apart; in this order conflicts are listed."""
        version = "" if self.operation == APPLY else self.api_version
        return (self.manager, self.operation, version, self.subresource)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `time` is "" when nothing was changed by whoever took the fields over."""

    writer: Writer
    time: str
    fields: Fields
    raw: JSON | None = field(default=None, compare=False, repr=False)
    tidy: Fields | None = field(default=None, compare=False, repr=False)
    """A set in the order of writing that `fields` may share parts with."""

    def with_fields(self, fields: Fields, time: str | None = None) -> Entry:
        """The entry with another set; itself if that is the same and the time stays."""
        if fields is self.fields and time in {None, self.time}:
            return self
        tidy = self.fields if self.raw is not None else self.tidy
        return replace(self, fields=fields, time=self.time if time is None else time, raw=None, tidy=tidy)

    def encode(self) -> JSON:
        """The record as metadata holds it."""
        if self.raw is not None:
            return self.raw
        writer = self.writer
        made: JSON = {"manager": writer.manager} if writer.manager else {}
        made["operation"] = writer.operation
        made["apiVersion"] = writer.api_version
        if self.time:
            made["time"] = self.time
        made["fieldsType"] = FIELDS_TYPE
        made["fieldsV1"] = ordered(self.fields, self.tidy)
        if writer.subresource:
            made["subresource"] = writer.subresource
        return made


def read(raw: Sequence[JSON]) -> list[Entry]:
    """The records of a stored object."""
    return [
        Entry(
            Writer(r.get("manager", ""), r["operation"], r["apiVersion"], r.get("subresource", "")),
            r.get("time") or "",
            r.get("fieldsV1") or LEAF,
            r,
        )
        for r in raw
    ]


def decode(raw: Sequence[JSON]) -> list[Entry]:
    """The records that a client sent. Raises BadEntries."""
    found: dict[tuple[str, str, str, str], Entry] = {}
    for number, record in enumerate(raw):
        operation, version = record.get("operation") or "", record.get("apiVersion") or ""
        kind = record.get("fieldsType") or ""
        if operation not in {APPLY, UPDATE}:
            raise BadEntries("operation must be `Apply` or `Update`")
        if not version:
            raise BadEntries("apiVersion must not be empty")
        if kind != FIELDS_TYPE:
            msg = f"invalid fieldsType {kind!r} in managed fields entry {number}"
            raise BadEntries(msg)
        writer = Writer(record.get("manager") or "", operation, version, record.get("subresource") or "")
        try:
            fields = decoded(record.get("fieldsV1"))
        except ValueError as error:
            msg = f"cannot read managed fields entry {number}: {error}"
            raise BadEntries(msg) from error
        found[writer.identity] = Entry(writer, record.get("time") or "", fields)
    return list(found.values())


def is_reset(raw: Any) -> bool:
    """Tell whether a client asks to forget all records: an empty list, or one with a single empty record."""
    return isinstance(raw, list) and (not raw or (len(raw) == 1 and not any((raw[0] or {}).values())))


def encode(entries: Iterable[Entry]) -> list[JSON]:
    """The records in the order they are written in: appliers first, the oldest first."""
    return [entry.encode() for entry in sorted(entries, key=_written)]


def _written(entry: Entry) -> tuple[str, str, str, str, str]:
    writer = entry.writer
    return (writer.operation, entry.time, writer.manager, writer.api_version, writer.subresource)


def same_but_times(first: Sequence[JSON] | None, second: Sequence[JSON] | None) -> bool:
    """Tell whether two encoded lists of records differ in nothing but their times (so maybe in their order)."""
    first, second = first or (), second or ()
    return len(first) == len(second) and _timeless(first) == _timeless(second)


def _timeless(raw: Sequence[JSON]) -> dict[tuple[str, ...], JSON]:
    return {
        (r.get("manager", ""), r["operation"], r["apiVersion"], r.get("subresource", "")): r.get("fieldsV1") or LEAF
        for r in raw
    }


def capped(entries: list[Entry]) -> list[Entry]:
    """The records with the oldest updates kept together, so that no more than MAX_UPDATERS of them are left."""
    updaters = [entry for entry in entries if entry.writer.operation == UPDATE]
    too_many = len(updaters) - MAX_UPDATERS
    if too_many <= 0:
        return entries
    updaters.sort(key=lambda entry: (entry.time, entry.writer.identity))
    kept = {entry.writer.identity: entry for entry in entries}
    first: dict[str, Entry] = {}
    for entry in updaters:
        if too_many <= 0:
            break
        version = entry.writer.api_version
        oldest = first.setdefault(version, entry)
        if oldest is entry:
            continue
        bucket = Writer(ANCIENT, UPDATE, version)
        before = kept.get(bucket.identity) or kept.pop(oldest.writer.identity)
        kept.pop(entry.writer.identity, None)
        kept[bucket.identity] = Entry(bucket, entry.time, union(before.fields, entry.fields))
        too_many -= 1
    return list(kept.values())
