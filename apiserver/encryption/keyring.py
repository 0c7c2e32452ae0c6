"""Which sealer a store key's value has: one look-up by the resource in the key. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from podwright.apiserver.cache.feed import ROOT
from podwright.apiserver.encryption.configuration import Storing
from podwright.apiserver.encryption.sealing import Sealing
from podwright.store.sealed import Sealer


class Keyring:
    """The configuration as the store asks for it: a `Ring`."""

    def __init__(self, storings: Iterable[Storing]) -> None:
        self._named = {name: sealing for each in storings for sealing in (Sealing(each),) for name in each.resources}
        self._known: dict[str, Sealer | None] = {}

    def sealer_of(self, key: str) -> Sealer | None:
        """Return None for keys whose values stay as they are."""
        resource = key[len(ROOT) : key.find("/", len(ROOT))]
        try:
            return self._known[resource]
        except KeyError:
            found = self._known[resource] = self._find(resource)
            return found

    def _find(self, resource: str) -> Sealer | None:
        """A name counts before what stands for a group, and that before what stands for everything."""
        group = resource.partition(".")[2]
        for name in (resource, f"*.{group}", "*.*"):
            if name in self._named:
                return self._named[name]
        return None
