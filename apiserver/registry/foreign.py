"""Why a document of one kind is no object of another: what clients are told who send or make one.

A known kind is read as what it says it is first, so its own wrong types come before that it is the wrong kind. Looked
at only once a request is lost. It must never decide whether a kind fits.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from podwright.api.model import check
from podwright.api.resources import RESOURCES, Resource

JSON = dict[str, Any]


def why_foreign(wanted: Resource, kind: str, api_version: str, obj: JSON) -> str:
    """Say why an object of (kind, api_version), none of `wanted`, cannot be taken."""
    known = _known()
    if (kind, api_version) not in known:
        return f'no kind "{kind}" is registered for version "{api_version}"'
    row = known[kind, api_version]
    wrong = next((p.message for p in check(row.cls, obj) if p.kind == "type"), "") if row is not None else ""
    return (
        wrong
        or f"converting ({_short(api_version)}.{kind}) to ({_internal(wanted.group)}.{wanted.kind}): unknown conversion"
    )


def _short(api_version: str) -> str:
    return api_version.rpartition("/")[2]


def _internal(group: str) -> str:
    return group.split(".", maxsplit=1)[0] or "core"


@cache
def _known() -> dict[tuple[str, str], Resource | None]:
    """(kind, apiVersion) -> its resource; None for lists, whose items are not looked into."""
    single: dict[tuple[str, str], Resource | None] = {(row.kind, row.api_version): row for row in RESOURCES}
    lists: dict[tuple[str, str], Resource | None] = {(f"{kind}List", version): None for kind, version in single}
    return {**lists, **single, ("List", "v1"): None}
