"""Charges objects to the quotas of their namespace, in the object's own txn.

A quota is stored again together with every object that adds to it, if it is still as it was computed from. So no two
objects ever take the same room, on one server or on several, and an object that is not stored takes none. Room that
becomes free is put back by the keeper; a refusal is never given on a status that may be behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final
from weakref import WeakValueDictionary

from podwright.api.errors import forbidden
from podwright.apiserver.cache.item import Item, encode_value
from podwright.apiserver.quota import charging
from podwright.apiserver.quota.counting import Counting
from podwright.apiserver.quota.scopes import counts
from podwright.apiserver.quota.usage import CHANGING, Amounts, facts, tracked, unstated, usage
from podwright.apiserver.registry.core import Change
from podwright.apiserver.registry.endpoint import Endpoint

JSON = dict[str, Any]
QUOTAS: Final = ("", "v1", "resourcequotas")
_UNCHANGED: Final[Mapping[str, Change]] = {}
_NO_TURN: Final = nullcontext()


class Quotas:
    """`Charger` for resource quotas."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self.endpoint = endpoints[QUOTAS]
        self.counting = Counting(endpoints)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, endpoint: Endpoint, namespace: str) -> AbstractAsyncContextManager[None]:
        """What to hold while an object is created: its turn where it is charged, nothing elsewhere.

        Creators of one server that all charge one quota would otherwise fail each other again and again.
        """
        if not self._tracking(endpoint, namespace):
            return _NO_TURN
        lock = self._turns.get(namespace)
        if lock is None:
            lock = self._turns[namespace] = asyncio.Lock()
        return lock

    def charge(self, endpoint: Endpoint, obj: JSON, old: JSON | None) -> Mapping[str, Change]:
        """The quotas that must change with an object, by store key. Raises ApiError 403 when it does not fit."""
        namespace: str = obj["metadata"].get("namespace") or ""
        if namespace not in self.endpoint.cache.collections:
            return _UNCHANGED
        qualified = endpoint.named.qualified
        if old is not None and (qualified not in CHANGING or obj.get("spec") == old.get("spec")):
            return _UNCHANGED
        changes: dict[str, Change] = {}
        for item, names in self._tracking(endpoint, namespace):
            quota = self.endpoint.object(item)
            change = self._one(item, quota, names, qualified, obj, old)
            if change is not None:
                changes[item.key] = change
        return changes

    def _tracking(self, endpoint: Endpoint, namespace: str) -> list[tuple[Item, frozenset[str]]]:
        """The quotas of a namespace that bound a resource, with the names that do."""
        cache = self.endpoint.cache
        if namespace not in cache.collections or not endpoint.resource.namespaced:
            return []
        qualified, found = endpoint.named.qualified, []
        for item in cache.iterate(namespace):
            names = tracked(qualified, (item.object().get("spec") or {}).get("hard") or {})
            if names:
                found.append((item, names))
        return found

    def _one(
        self, item: Item, quota: JSON, names: frozenset[str], qualified: str, obj: JSON, old: JSON | None
    ) -> Change | None:
        spec: JSON = quota.get("spec") or {}
        hard: Mapping[str, str] = spec.get("hard") or {}
        name: str = obj["metadata"].get("name") or ""
        uses = _counted(spec, qualified, obj)
        more = charging.growth(uses, _counted(spec, qualified, old), names)
        missing = unstated(qualified, obj, names) if uses and (more or old is None) else {}
        if missing:
            raise forbidden(qualified, name, charging.unstated_text(item.name, missing))
        if not more:
            return None
        used = charging.recorded(quota, names)
        if used is None or charging.excess(hard, used, more):
            used = self.counting.used(item.namespace, spec)
            over = charging.excess(hard, used, more)
            if over:
                raise forbidden(qualified, name, charging.refusal(item.name, hard, used, more, over))
        quota["status"] = charging.status(hard, charging.with_more(used, more))
        return Change(item.revision, encode_value(quota))


def _counted(spec: JSON, qualified: str, obj: JSON | None) -> Amounts:
    """What an object uses of a quota; nothing when there is none, or none that it counts."""
    if obj is None or not counts(spec, facts(qualified, obj)):
        return {}
    return usage(qualified, obj)
