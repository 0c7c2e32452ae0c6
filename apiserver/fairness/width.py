"""How many seats a request takes: one, unless it means a lot of work. Pure.

A list counts by the objects it has to look at, a change by those who watch what is changed.
"""

from __future__ import annotations

from typing import Final

from podwright.apiserver.options import Query
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target

OBJECTS: Final = 100
"""Objects of a list that mean one seat."""
WATCHERS: Final = 10
"""Watchers of what is changed that mean one more seat."""
MOST: Final = 10
_CHANGES: Final = frozenset(("create", "update", "patch", "delete"))


def width_of(target: Target, query: Query, endpoint: Endpoint | None) -> int:
    """The seats of a request."""
    verb = target.verb
    if verb == "get" or endpoint is None or target.subresource:
        return 1
    cache = endpoint.cache
    if verb in _CHANGES:
        return min(1 + cache.audience(target.namespace) // WATCHERS, MOST)
    if verb == "watch" and not (query.flag("sendInitialEvents") or query.get("resourceVersion") in {"", "0"}):
        return 1
    if target.name:
        return 1
    count = cache.count(target.namespace if endpoint.resource.namespaced else "")
    limit = query.get("limit")
    selective = query.has("labelSelector") or query.has("fieldSelector")
    if limit.isdigit() and limit != "0" and verb == "list" and not selective:
        count = min(count, int(limit[:9]))
    return min(max(-(-count // OBJECTS), 1), MOST)
