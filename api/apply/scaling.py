"""Who owns the number of replicas when it is written through the scale subresource. Pure.

A Scale is a window onto one field, so its writers' records are kept in terms of the object: the writer owns that one
field there, in the object's version. Such a record gets no time of its own, as clients know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api.apply.entries import Entry, Writer
from podwright.api.apply.fieldset import at, difference, has
from podwright.api.apply.owning import Conflicts

_SHOWN = ("f:spec", "f:replicas")
"""The field as a Scale's writers know it."""


def scaled(entries: Sequence[Entry], writer: Writer, path: Sequence[str], *, wanted: int, changed: bool) -> list[Entry]:
    """The records after an update of a Scale to `wanted` replicas."""
    if not changed or not entries:
        return list(entries)
    if not wanted:  # a Scale does not hold a zero, and what is not there has no owner
        return _lost(entries, path)
    return _taken(entries, writer, path)


def scale_applied(
    entries: Sequence[Entry], writer: Writer, path: Sequence[str], *, wanted: Any, current: Any, force: bool
) -> list[Entry]:
    """The records after an apply of a Scale that gives `wanted` replicas (None: it gives none). Raises Conflicts."""
    elements = tuple(f"f:{name}" for name in path)
    owners = [e for e in entries if has(e.fields, elements) and e.writer.identity != writer.identity]
    if wanted is None:
        return _without(entries, writer, path)
    if wanted == current:
        own = any(entry.writer.identity == writer.identity for entry in entries)
        return list(entries) if own else [*entries, Entry(writer, "", at(*path))]
    if owners and not force:
        raise Conflicts([(entry, _SHOWN) for entry in sorted(owners, key=lambda entry: entry.writer.identity)])
    return _taken(entries, writer, path)


def _taken(entries: Sequence[Entry], writer: Writer, path: Sequence[str]) -> list[Entry]:
    own = [entry for entry in entries if entry.writer.identity == writer.identity]
    kept = [entry.with_fields(difference(entry.fields, at(*path))) for entry in entries if entry not in own]
    return [*(entry for entry in kept if entry.fields), *(own or [Entry(writer, "", at(*path))])]


def _lost(entries: Sequence[Entry], path: Sequence[str]) -> list[Entry]:
    kept = [entry.with_fields(difference(entry.fields, at(*path))) for entry in entries]
    return [entry for entry in kept if entry.fields]


def _without(entries: Sequence[Entry], writer: Writer, path: Sequence[str]) -> list[Entry]:
    kept = [
        entry.with_fields(difference(entry.fields, at(*path))) if entry.writer.identity == writer.identity else entry
        for entry in entries
    ]
    return [entry for entry in kept if entry.fields]
