"""Who owns whom, over every kind: what the garbage collector decides from.

One small entry an object, built from watch events. An owner that is only known by reference (not seen itself, maybe
not yet, maybe never) has no entry, only dependents. The graph must never be taken for the truth about absence: the
collector asks the API server before it deletes for a missing owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from podwright.api.resources import Resource
from podwright.controllers.meta import Meta, Owner

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


_UNKNOWN = Meta("")


@dataclass(frozen=True, slots=True)
class Entry:
    """One object as last seen."""

    resource: Resource
    meta: Meta

    @property
    def waits_for_dependents(self) -> bool:
        """Tell whether it is being deleted in the foreground: it ends after its dependents."""
        return self.meta.deleted is not None and FOREGROUND in self.meta.finalizers

    @property
    def orphans_dependents(self) -> bool:
        """Tell whether it is being deleted and must let go of its dependents first."""
        return self.meta.deleted is not None and ORPHAN in self.meta.finalizers

    def is_owner_of(self, dependent: Meta, owner: Owner) -> bool:
        """Tell whether a reference to this uid also names this object: kind, name, and namespace where it has one."""
        return (
            (self.resource.kind, self.meta.name) == (owner.kind, owner.name)
            and self.resource.group == owner.api_version.rpartition("/")[0]
            and self.meta.namespace in {"", dependent.namespace}
        )


class Graph:
    """Entries by uid, and the uids of each owner's dependents."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._dependents: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, uid: str) -> Entry | None:
        """Return an object, or None where it was not seen or is gone."""
        return self._entries.get(uid)

    def dependents(self, uid: str) -> list[Entry]:
        """Return the objects that refer to this owner."""
        return [self._entries[dependent] for dependent in self._dependents.get(uid, ())]

    def has_dependents(self, uid: str) -> bool:
        """Tell whether any object refers to this owner."""
        return uid in self._dependents

    def put(self, entry: Entry) -> Iterable[str]:
        """Add or replace an object; returns the uids that deserve a look because of it."""
        uid = entry.meta.uid
        before = self._entries.get(uid)
        self._entries[uid] = entry
        known = before.meta if before is not None else _UNKNOWN
        if entry.meta.owners == known.owners and entry.meta.deleted is None and known.deleted is None:
            return ()  # most changes by far
        had = {owner.uid for owner in before.meta.owners} if before else set[str]()
        has = {owner.uid for owner in entry.meta.owners}
        for owner in had - has:
            self._unlink(owner, uid)
        for owner in has - had:
            self._dependents.setdefault(owner, {})[uid] = None
        looks: list[str] = []
        # Its owners may be gone, or wait for it: an owner in foreground deletion waits for what blocks it.
        if before is None or entry.meta.owners != before.meta.owners:
            if entry.meta.owners:
                looks.append(uid)
            looks += [owner for owner in had | has if self._waits(owner)]
        if self._ending(entry) and not (before is not None and self._ending(before)):
            looks.append(uid)
            if entry.waits_for_dependents:
                looks += self._dependents.get(uid, ())
        # Its own deletion in the foreground may be what blocks a circle.
        if entry.meta.deleted is not None and (before is None or before.meta.deleted is None):
            looks += [owner for owner in has if self._waits(owner)]
        return looks

    def remove(self, uid: str) -> Iterable[str]:
        """Forget an object that is gone; returns the uids that deserve a look because of it."""
        entry = self._entries.pop(uid, None)
        if entry is None:
            return ()
        for owner in entry.meta.owners:
            self._unlink(owner.uid, uid)
        waiting = [owner.uid for owner in entry.meta.owners if self._waits(owner.uid)]
        return [*self._dependents.get(uid, ()), *waiting]

    def _waits(self, uid: str) -> bool:
        entry = self._entries.get(uid)
        return entry is not None and self._ending(entry)

    @staticmethod
    def _ending(entry: Entry) -> bool:
        return entry.waits_for_dependents or entry.orphans_dependents

    def _unlink(self, owner: str, dependent: str) -> None:
        found = self._dependents.get(owner)
        if found is None:
            return
        found.pop(dependent, None)
        if not found:
            del self._dependents[owner]
