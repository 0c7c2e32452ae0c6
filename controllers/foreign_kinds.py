"""Kinds that other API servers serve, as discovery tells of them: they too have objects in namespaces that end.

Read live, and only when somebody asks. A server that does not answer may have such objects: that is told, not passed
over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.client.client import Client

JSON = dict[str, Any]
_NEEDED: Final = frozenset(("list", "deletecollection"))


@dataclass(frozen=True, slots=True)
class Foreign:
    """The namespaced kinds that can be listed and deleted, and which group-versions could not be asked."""

    rows: Sequence[Resource] = ()
    unknown: Sequence[str] = ()


async def foreign_kinds(client: Client, known: Collection[str]) -> Foreign:
    """Find the kinds of all groups but the `known` ones. Raises ApiError, TransportError."""
    groups: JSON = orjson.loads((await client.raw("GET", "/apis")).body)
    rows: list[Resource] = []
    unknown: list[str] = []
    for group in groups["groups"]:
        if group["name"] in known:
            continue
        version: str = group["preferredVersion"]["version"]
        try:
            answer = await client.raw("GET", f"/apis/{group['name']}/{version}")
            rows += _rows(group["name"], version, orjson.loads(answer.body).get("resources") or ())
        except (ApiError, orjson.JSONDecodeError):
            unknown.append(f"{group['name']}/{version}")
    return Foreign(rows, unknown)


def _rows(group: str, version: str, resources: Iterable[JSON]) -> list[Resource]:
    return [
        Resource(group, version, each.get("kind") or "", each["name"], namespaced=True, model="")
        for each in resources
        if each.get("namespaced") and "/" not in each["name"] and _NEEDED.issubset(each.get("verbs") or ())
    ]
