"""Which kinds a policy is about: built-in ones by their classes, those that clients define by their schemas.

Reads only. What is not served has no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, Resource
from podwright.client.client import Client
from podwright.controllers.meta import Whole
from podwright.controllers.policy_checking import Kinds
from podwright.controllers.resources import DEFINITIONS

if TYPE_CHECKING:
    from podwright.api.cel.policy_types import Kind, Name

JSON = dict[str, Any]


class KindReads:
    """Answers for the controller that checks policies; `custom` are the kinds that clients define."""

    def __init__(self, client: Client, custom: Callable[[], Iterable[Resource]]) -> None:
        self._client = client
        self._custom = custom

    async def of(self, policy: Whole) -> Kinds:
        """Return the kinds that a policy names. Raises ApiError, TransportError."""
        from podwright.api.cel.policy_types import named  # on first use: it takes a while to load

        found = [await self._kind(name) for name in named(policy.spec)]
        return Kinds(tuple(kind for kind in found if kind is not None), await self._params(policy))

    async def _params(self, policy: Whole) -> Kind | None:
        wanted: JSON | None = policy.spec.get("paramKind")
        if wanted is None:
            return None
        group, _, version = (wanted.get("apiVersion") or "").rpartition("/")
        for row in (*RESOURCES, *self._custom()):
            if (row.group, row.kind) == (group, wanted.get("kind")) and (row.version == version or not row.model):
                return await self._kind((group, version, row.plural))
        return None

    async def _kind(self, name: Name) -> Kind | None:
        from podwright.api.cel.policy_types import Kind
        from podwright.api.schema import schema_of

        group, version, plural = name
        for row in RESOURCES:
            if (row.group, row.version, row.plural) == name:
                return Kind(group, version, row.kind, schema_of(row.cls))
        try:
            definition = await self._client.get(DEFINITIONS, f"{plural}.{group}")
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        spec: JSON = definition["spec"]
        for each in spec.get("versions") or ():
            schema = (each.get("schema") or {}).get("openAPIV3Schema")
            if each["name"] == version and each.get("served") and schema is not None:
                return Kind(group, version, spec["names"]["kind"], schema)
        return None
