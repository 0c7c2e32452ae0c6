"""The webhooks of all configurations, in step with the server's cache of them.

Ordered by the names of the configurations, then as they are written. Which of them are asked about a kind of write is
worked out once and forgotten with the next change. It must never look at objects.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.rule_matching import EXEMPT, Gvr
from podwright.apiserver.admission.seen import Versions, asked_of
from podwright.apiserver.admission.webhooks.hook import Hook, hooks_of
from podwright.apiserver.cache.item import Item
from podwright.apiserver.hooks.target import HookTarget
from podwright.apiserver.registry.endpoint import Endpoint

log = logging.getLogger(__name__)
JSON = dict[str, Any]
_MOST_KNOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class Meant:
    """A webhook, its place among all, and the resource as which it wants to see a write."""

    hook: Hook
    index: int
    resource: Gvr


class Configured:
    """See the module."""

    def __init__(self, endpoint: Endpoint, versions: Versions) -> None:
        self._endpoint = endpoint
        self._versions = versions
        self._seen: tuple[int, int] = (-1, -1)
        self._served = -1
        self._items: dict[str, tuple[Item, list[Hook]]] = {}
        self._hooks: list[Hook] = []
        self._known: dict[tuple[str, Gvr, str, bool], tuple[Meant, ...]] = {}

    def catch_up(self, served: int) -> bool:
        """Take in what changed, here or of what is served; tell whether configurations did."""
        cache = self._endpoint.cache
        now = (cache.loads, cache.changed)
        if served != self._served:
            self._served = served
            self._known.clear()
        if now == self._seen:
            return False
        self._seen = now
        self._known.clear()
        before, self._items = self._items, {}
        for item in cache.iterate():
            known = before.get(item.name)
            if known is None or known[0] is not item:
                known = (item, hooks_of(self._endpoint.object(item)))
            self._items[item.name] = known
        self._hooks = [hook for _, hooks in self._items.values() for hook in hooks]
        return True

    def targets(self) -> list[HookTarget]:
        """Where all of them are."""
        found: list[HookTarget] = []
        for hook in self._hooks:
            try:
                found.append(hook.target)
            except ValueError as error:
                log.warning("Cannot ask webhook %s of %s: %s", hook.name, hook.configuration, error)
        return found

    def meant(self, attributes: Attributes) -> tuple[Meant, ...]:
        """The webhooks whose rules name a write; labels and conditions may leave it out yet."""
        resource = attributes.resource
        if (resource.group, resource.plural) in EXEMPT:
            return ()
        asked = asked_of(attributes)
        key = (asked.operation, asked.resource, asked.subresource, bool(asked.namespace))
        found = self._known.get(key)
        if found is None:
            found = tuple(self._find(attributes))
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = found
        return found

    def _find(self, attributes: Attributes) -> list[Meant]:
        asked, found = asked_of(attributes), list[Meant]()
        for index, hook in enumerate(self._hooks):
            resource = hook.matching.meant(asked, lambda: self._versions.equivalents(attributes.resource))
            if resource is not None:
                found.append(Meant(hook, index, resource))
        return found
