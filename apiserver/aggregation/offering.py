"""What another API server says it has, as a part of our aggregated discovery document. Pure; it trusts no answer."""

from __future__ import annotations

from typing import Any, cast

import orjson

JSON = dict[str, Any]


class NoResourceList(ValueError):
    """A document that is no APIResourceList."""


def resources_of(document: bytes) -> list[JSON]:
    """The resources of an APIResourceList, as an aggregated document shows them. Raises ValueError."""
    found: object = orjson.loads(document)
    rows: object = cast("JSON", found).get("resources") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise NoResourceList
    made: dict[str, JSON] = {}
    below: list[tuple[str, str, JSON]] = []
    for row in cast("list[object]", rows):
        if not isinstance(row, dict):
            continue
        entry = cast("JSON", row)
        name, _, sub = str(entry.get("name") or "").partition("/")
        if sub:
            below.append((name, sub, entry))
        elif name:
            made[name] = _resource(name, entry)
    for name, sub, entry in below:
        shown = {"subresource": sub, "responseKind": _kind(entry), "verbs": entry.get("verbs") or []}
        if name in made:
            made[name].setdefault("subresources", []).append(shown)
    return [made[name] for name in sorted(made)]


def _resource(name: str, entry: JSON) -> JSON:
    shown: JSON = {
        "resource": name,
        "responseKind": _kind(entry),
        "scope": "Namespaced" if entry.get("namespaced") else "Cluster",
        "singularResource": entry.get("singularName") or "",
        "verbs": entry.get("verbs") or [],
    }
    for key in ("shortNames", "categories"):
        if entry.get(key):
            shown[key] = entry[key]
    return shown


def _kind(entry: JSON) -> JSON:
    return {key: entry.get(key) or "" for key in ("group", "version", "kind")}
