"""What must not be decided from a cache is read here, live: absence of an owner, emptiness of a namespace.

Reads only; what follows from them is decided by the pure modules.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, Resource
from podwright.client.client import Client
from podwright.controllers.foreign_kinds import foreign_kinds
from podwright.controllers.meta import Meta, Owner, meta_of
from podwright.controllers.namespace import Remains

JSON = dict[str, Any]

_REMEMBERED: Final = 10_000
_CONTENT: Final = tuple(r for r in RESOURCES if r.namespaced and "list" in r.verbs and not r.storage)
_GROUPS: Final = frozenset(row.group for row in RESOURCES)


class OwnerReads:
    """Answers whether owners exist. A uid that is gone never comes back, so absences are remembered."""

    def __init__(self, client: Client, custom: Callable[[], Sequence[Resource]]) -> None:
        """`custom` tells the rows of the kinds that clients defined."""
        self._client = client
        self._custom = custom
        self._absent: OrderedDict[str, None] = OrderedDict()

    def forget_object(self, uid: str) -> None:
        """Remember that the object with this uid is gone, as a watch told."""
        self._absent[uid] = None
        while len(self._absent) > _REMEMBERED:
            self._absent.popitem(last=False)

    async def absent(self, dependent: Meta, owners: list[Owner]) -> frozenset[str]:
        """Return the uids of those owners that do not exist. Raises ApiError, TransportError."""
        unknown = [owner for owner in owners if owner.uid not in self._absent]
        for owner in unknown:
            if not await self._exists(dependent, owner):
                self.forget_object(owner.uid)
        return frozenset(owner.uid for owner in owners if owner.uid in self._absent)

    async def _exists(self, dependent: Meta, owner: Owner) -> bool:
        row = row_of(owner, self._custom())
        if row is None:
            return True  # a kind that is not served (yet): no proof of absence
        if row.namespaced and not dependent.namespace:
            return True  # a cluster-wide object cannot have such an owner: not ours to resolve
        namespace = dependent.namespace if row.namespaced else None
        try:
            found = await self._client.get(row, owner.name, namespace=namespace)
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return found["metadata"].get("uid") == owner.uid


class NamespaceReads:
    """Reads what a namespace still holds."""

    def __init__(self, client: Client, custom: Callable[[], Sequence[Resource]]) -> None:
        """`custom` tells the rows of the kinds that clients defined."""
        self._client = client
        self._custom = custom

    async def remains(self, namespace: str) -> Remains:
        """List the content of every kind. Raises ApiError, TransportError."""
        custom = self._custom()
        foreign = await foreign_kinds(self._client, _GROUPS.union(row.group for row in custom))
        rows = (*_CONTENT, *(row for row in custom if row.namespaced), *foreign.rows)
        lists = await asyncio.gather(*(self._list(row, namespace) for row in rows))
        found = [(row, items) for row, items in zip(rows, lists, strict=True) if items]
        return Remains(found, unknown=foreign.unknown)

    async def _list(self, row: Resource, namespace: str) -> list[Meta]:
        try:
            answer = await self._client.list(row, namespace=namespace)
        except ApiError as error:
            if error.code == 404 and not row.model:
                return []  # its definition has just gone
            raise
        return [meta_of(item) for item in answer.get("items") or ()]


def row_of(owner: Owner, custom: Sequence[Resource]) -> Resource | None:
    """Return the row of an owner's kind, in whatever version of its group."""
    rows = (*RESOURCES, *custom)
    for row in rows:
        if (row.api_version, row.kind) == (owner.api_version, owner.kind):
            return row
    # Another version of the group is the same object.
    group = owner.api_version.rpartition("/")[0]
    return next((row for row in rows if (row.group, row.kind) == (group, owner.kind)), None)
