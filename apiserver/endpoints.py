"""Binds the rows of the resource table to watch caches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from podwright.api.resources import Resource
from podwright.apiserver.cache.feed import ROOT, Feed
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.kind import BuiltInKind
from podwright.apiserver.registry.views import view_for
from podwright.apiserver.strategies.table import selectable_fields

JSON = dict[str, Any]


def build_endpoints(rows: Iterable[Resource], feed: Feed, *, window: int) -> list[Endpoint]:
    """One endpoint a row; rows that share a store share its cache."""
    stored: dict[str, Endpoint] = {}
    endpoints: list[Endpoint] = []
    for row in sorted(rows, key=lambda r: bool(r.storage)):
        if row.storage:
            owner = stored[row.storage]
            endpoints.append(Endpoint(BuiltInKind(row), owner.cache, view_for(row, owner.codec)))
            continue
        cache = ResourceCache(
            f"{ROOT}{row.qualified}/",
            row.kind,
            row.api_version,
            namespaced=row.namespaced,
            fields=partial(_fields, row),
            window=window,
        )
        feed.add(cache)
        stored[row.versioned] = Endpoint(BuiltInKind(row), cache)
        endpoints.append(stored[row.versioned])
    return endpoints


def _fields(row: Resource) -> Mapping[str, Callable[[JSON], str]]:
    common: dict[str, Callable[[JSON], str]] = {"metadata.name": lambda obj: obj["metadata"].get("name", "")}
    if row.namespaced:
        common["metadata.namespace"] = lambda obj: obj["metadata"].get("namespace", "")
    return {**common, **selectable_fields(row)}
