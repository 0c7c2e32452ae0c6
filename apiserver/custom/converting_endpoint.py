"""A version of a definition whose objects a webhook converts.

Cached objects are in the version that they were stored in, which need not be the present one. What this version shows
of one is worked out by `prepare` and kept at the item; without that, reading raises UnconvertedError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import orjson

from podwright.apiserver.cache.item import Item, splice
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.custom.codec import CustomCodec
from podwright.apiserver.custom.converter import Converter
from podwright.apiserver.custom.kind import CustomKind
from podwright.apiserver.custom.view import VersionView
from podwright.apiserver.registry.converting import UnconvertedError
from podwright.apiserver.registry.endpoint import Endpoint

JSON = dict[str, Any]
_NAMES = ("metadata.name", "metadata.namespace")


class ConvertingEndpoint(Endpoint):
    """See the module. `storage` describes the version that objects are stored in now."""

    converts = True

    def __init__(self, kind: CustomKind, cache: ResourceCache, storage: CustomCodec, converter: Converter) -> None:
        own = kind.codec is storage
        super().__init__(kind, cache, None if own else VersionView(storage, kind.resource))
        self._codec = kind.codec
        self._storage = storage
        self._converter = converter
        self._version = kind.resource.api_version
        self._stored_as = storage.resource.api_version

    @property
    def direct(self) -> bool:
        """Never: an object may have been stored in an older version."""
        return False

    # -- objects of the cache

    async def prepare(self, items: Sequence[Item]) -> None:
        """Convert what is not converted yet, in one question. Raises ApiError."""
        missing = [item for item in items if self._ready(item) is None]
        if not missing:
            return
        objects = [{**item.object(), "apiVersion": item.origin or self._stored_as} for item in missing]
        for item, obj in zip(missing, await self._converter.convert(objects, self._version), strict=True):
            self._keep(item, self._shaped(obj))

    def _ready(self, item: Item) -> bytes | None:
        """The bytes of an object in this version, if no webhook need be asked."""
        origin = item.origin or self._stored_as
        if origin == self._version and not item.origin:
            return item.wire
        found = None if item.converted is None else item.converted.get(self.resource.versioned)
        if found is None and origin == self._version:
            found = self._keep(item, self._shaped({**item.object(), "apiVersion": self._version}))
        return found

    def _keep(self, item: Item, obj: JSON) -> bytes:
        if item.converted is None:
            item.converted = {}
        found = item.converted[self.resource.versioned] = orjson.dumps(obj)
        return found

    def _shaped(self, obj: JSON) -> JSON:
        return self._typed | self._codec.restored(obj)

    def wire(self, item: Item) -> bytes:
        """The object's bytes in this version. Raises UnconvertedError."""
        found = self._ready(item)
        if found is None:
            raise UnconvertedError(lambda: self.prepare((item,)))
        return found

    def object(self, item: Item) -> JSON:
        """A fresh dict of the object in this version. Raises UnconvertedError."""
        return orjson.loads(self.wire(item))

    # -- objects on their way

    def stored(self, obj: JSON) -> JSON:
        """The object in the stored version. Raises UnconvertedError."""
        if self.view is None:
            return obj
        return self._storage.restored(self._converter.known(obj, self._stored_as))

    def shown(self, stored: JSON) -> JSON:
        """An object of the stored version in this one. Raises UnconvertedError."""
        return stored if self.view is None else self._shaped(self._converter.known(stored, self._version))

    def wire_of(self, value: bytes, revision: int) -> bytes:
        """The answer for an object just written. Raises UnconvertedError."""
        wire = splice(self.cache.head, value, revision)
        return wire if self.view is None else orjson.dumps(self.shown(orjson.loads(wire)))

    # -- selecting

    @cached_property
    def _fields(self) -> Mapping[str, int]:
        return {name: index for index, name in enumerate((*_NAMES, *self.strategy.selectable_fields))}

    def field_position(self, field: str) -> int | None:
        """Where in `field_values` a selectable field of this version is."""
        return self._fields.get(field)

    def field_values(self, item: Item) -> tuple[str, ...]:
        """The values of this version's selectable fields. Raises UnconvertedError."""
        obj = self.object(item)
        return (item.name, item.namespace, *(read(obj) for read in self.strategy.selectable_fields.values()))
