"""Counts what a namespace uses, over the server's own caches: all resources at one revision, without a request.

What an object uses is remembered while it does not change, so counting again is cheap. Only namespaces that have
quotas are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from podwright.api import quantity
from podwright.apiserver.cache.item import Item
from podwright.apiserver.quota.scopes import counts
from podwright.apiserver.quota.usage import Amounts, Facts, facts, tracked, usage
from podwright.apiserver.registry.endpoint import Endpoint

JSON = dict[str, Any]
_NONE = quantity.parse("0")
_Known = dict[str, tuple[int, Amounts, Facts]]  # store key -> revision, use, facts


class Counting:
    """Counts for one server. `endpoints` is the server's own mapping, which may grow and shrink."""

    def __init__(self, endpoints: Mapping[Any, Endpoint]) -> None:
        self._endpoints = endpoints
        self._known: dict[str, _Known] = {}

    def used(self, namespace: str, spec: JSON) -> Amounts:
        """What the counted objects of a namespace use of a quota's resources now."""
        hard: Mapping[str, str] = spec.get("hard") or {}
        before, total = self._known.setdefault(namespace, {}), Amounts()
        for endpoint in self._counted():
            qualified = endpoint.resource.qualified
            names = tracked(qualified, hard)
            if not names:
                continue
            total |= dict.fromkeys(names, _NONE)
            for item in endpoint.cache.iterate(namespace):
                _, amounts, known = _of(qualified, item, before)
                if counts(spec, known):
                    for name in names & amounts.keys():
                        total[name] += amounts[name]
        return total

    def forget(self, namespace: str, key: str = "") -> None:
        """Drop what is remembered of an object that is gone, or of a namespace that has no quotas any more."""
        if key:
            self._known.get(namespace, {}).pop(key, None)
        else:
            self._known.pop(namespace, None)

    def _counted(self) -> Iterable[Endpoint]:
        return [e for e in self._endpoints.values() if e.resource.namespaced and e.view is None]


def _of(qualified: str, item: Item, known: _Known) -> tuple[int, Amounts, Facts]:
    found = known.get(item.key)
    if found is None or found[0] != item.revision:
        obj = item.object()
        found = known[item.key] = (item.revision, usage(qualified, obj), facts(qualified, obj))
    return found
