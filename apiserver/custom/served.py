"""What is served of one definition: a cache, and an endpoint for each version.

Made for one state of a definition. It must never do I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from podwright.apiserver.cache.feed import ROOT
from podwright.apiserver.cache.item import encode_value
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.custom import definition, lifecycle
from podwright.apiserver.custom.kind import CustomKind
from podwright.apiserver.custom.view import VersionView
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.registry.endpoint import Endpoint

if TYPE_CHECKING:
    from podwright.apiserver.custom.converter import Converter

JSON = dict[str, Any]


def digest(crd: JSON) -> bytes:
    """What the endpoints depend on; while it is the same, nothing need be made anew."""
    return orjson.dumps([crd["metadata"]["uid"], crd["spec"], lifecycle.is_ending(crd)])


def storage_digest(crd: JSON) -> bytes:
    """What the cached form of objects depends on."""
    spec: JSON = crd["spec"]
    fields = [version.get("selectableFields") for version in definition.versions(crd)]
    stored = definition.storage_version(crd)
    by_webhook = definition.converts_by_webhook(crd)
    return orjson.dumps([crd["metadata"]["uid"], spec["names"]["kind"], stored, fields, by_webhook])


class Served:
    """The endpoints of a definition; `cache` is taken over from a former state where the stored form is the same."""

    def __init__(self, crd: JSON, hooks: Hooks, *, window: int, cache: ResourceCache | None = None) -> None:
        self.crd = crd
        self.digest = digest(crd)
        self.storage_digest = storage_digest(crd)
        ending = lifecycle.is_ending(crd)
        storage = definition.storage_version(crd)
        self.kinds = {version["name"]: CustomKind(crd, version, ending=ending) for version in definition.versions(crd)}
        self._storage = self.kinds[storage["name"]]
        self.converter: Converter | None = None
        if definition.converts_by_webhook(crd):
            from podwright.apiserver.custom.converter import Converter

            self.converter = Converter(crd, hooks)
        self.cache = cache if cache is not None else self._new_cache(window)
        self.fresh = cache is None
        if self.converter is not None:
            for item in self.cache.iterate():
                item.converted = None  # another webhook may convert otherwise
        self.endpoints = tuple(
            self._endpoint(self.kinds[version["name"]]) for version in definition.versions(crd) if version.get("served")
        )

    def _new_cache(self, window: int) -> ResourceCache:
        resource, codec = self._storage.resource, self._storage.codec

        by_webhook = self.converter is not None

        def restore(value: bytes, _head: bytes) -> bytes:
            obj: JSON = orjson.loads(value)
            if by_webhook and obj.get("apiVersion") != resource.api_version:
                return encode_value({**obj, "apiVersion": resource.api_version})  # converted when it is read
            return encode_value(codec.restored(obj))

        cache = ResourceCache(
            f"{ROOT}{resource.qualified}/",
            resource.kind,
            resource.api_version,
            namespaced=resource.namespaced,
            fields=self._fields,
            window=window,
            canonical=restore,
        )
        cache.keeps_origin = by_webhook
        return cache

    def _endpoint(self, kind: CustomKind) -> Endpoint:
        if self.converter is not None:
            from podwright.apiserver.custom.converting_endpoint import ConvertingEndpoint

            return ConvertingEndpoint(kind, self.cache, self._storage.codec, self.converter)
        if kind is self._storage:
            return Endpoint(kind, self.cache)
        return Endpoint(kind, self.cache, VersionView(self._storage.codec, kind.resource))

    def _fields(self) -> Mapping[str, Callable[[JSON], str]]:
        found: dict[str, Callable[[JSON], str]] = {"metadata.name": lambda obj: obj["metadata"].get("name", "")}
        if self._storage.resource.namespaced:
            found["metadata.namespace"] = lambda obj: obj["metadata"].get("namespace", "")
        if self.converter is None:  # else each version selects by fields of its own, once objects are converted
            for kind in self.kinds.values():
                found |= kind.strategy.selectable_fields
        return found
