"""The forms in which one stored kind is served, as field ownership sees them.

Each record of managedFields speaks of the object in the version it was written in. A version is found by the endpoint
that serves it now: versions come and go with their definitions. It must never change an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podwright.api.apply.shapes import Shape
from podwright.apiserver.registry.endpoint import Endpoint

JSON = dict[str, Any]


class ServedVersions:
    """The versions that share the store of an endpoint."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint], endpoint: Endpoint) -> None:
        self._endpoints = endpoints
        self._own = endpoint

    def shape(self, api_version: str) -> Shape | None:
        """The kind's shape in a version; None if that is not served."""
        endpoint = self._endpoint(api_version)
        return None if endpoint is None else endpoint.shape

    def convert(self, obj: JSON, api_version: str) -> JSON:
        """An object of any of the versions in another one that is served."""
        now = obj.get("apiVersion", api_version)
        source, wanted = self._endpoint(now), self._endpoint(api_version)
        if now == api_version or source is None or wanted is None:
            return obj
        return wanted.shown(source.stored(obj))

    def _endpoint(self, api_version: str) -> Endpoint | None:
        own = self._own
        if api_version == own.resource.api_version:
            return own
        group, _, version = api_version.rpartition("/")
        found = self._endpoints.get((group, version, own.resource.plural))
        return found if found is not None and found.cache is own.cache else None
