"""Parts of other servers' OpenAPI documents in ours. Pure.

What such a server says of paths that are not its own is left out, and so is what nothing of its own refers to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

JSON = dict[str, Any]
_PREFIX: Final = "#/definitions/"


def index_part(document: object, path: str) -> JSON:
    """Of an index of version 3 documents, the entry for a group-version ("apis/example.com/v1")."""
    paths = cast("JSON", document).get("paths") if isinstance(document, dict) else None
    entry = cast("JSON", paths).get(path) if isinstance(paths, dict) else None
    url = cast("JSON", entry).get("serverRelativeURL") if isinstance(entry, dict) else None
    return {path: {"serverRelativeURL": url}} if isinstance(url, str) and url.startswith(f"/openapi/v3/{path}") else {}


def own_part(document: object, prefix: str) -> JSON:
    """Of a version 2 document, the paths below a prefix and the definitions that they need."""
    found = cast("JSON", document) if isinstance(document, dict) else {}
    paths = {path: item for path, item in _items(found, "paths") if path == prefix or path.startswith(f"{prefix}/")}
    definitions = dict(_items(found, "definitions"))
    needed: JSON = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed[name] = definitions[name]
            waiting += _references(needed[name])
    group, _, version = prefix.removeprefix("/apis/").partition("/")
    for name, schema in definitions.items():
        if _is_kind_of(schema, group, version):
            needed.setdefault(name, schema)
    return {"paths": paths, "definitions": needed}


def merged(whole: JSON, part: Mapping[str, Any]) -> None:
    """Add a part to a version 2 document, in place; definitions of one name that differ get another name."""
    definitions: JSON = whole.setdefault("definitions", {})
    names: dict[str, str] = {}
    for name, schema in _items(part, "definitions"):
        if name in definitions and definitions[name] != schema:
            names[name] = _free(name, definitions)
    for name, schema in _items(part, "definitions"):
        renamed: str = names.get(name, name)
        definitions[renamed] = _renamed(schema, names)
    paths: JSON = whole.setdefault("paths", {})
    for path, item in _items(part, "paths"):
        paths.setdefault(path, _renamed(item, names))


def _items(document: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    found = document.get(key)
    if isinstance(found, dict):
        yield from cast("JSON", found).items()


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast("JSON", value).items():
            if key == "$ref" and isinstance(inner, str) and inner.startswith(_PREFIX):
                yield inner.removeprefix(_PREFIX)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _references(inner)


def _is_kind_of(schema: object, group: str, version: str) -> bool:
    kinds = cast("JSON", schema).get("x-kubernetes-group-version-kind") if isinstance(schema, dict) else None
    rows = cast("list[object]", kinds) if isinstance(kinds, list) else []
    of_group = (cast("JSON", row) for row in rows if isinstance(row, dict))
    return any((row.get("group"), row.get("version")) == (group, version) for row in of_group)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number = 2
    while f"{name}_v{number}" in taken:
        number += 1
    return f"{name}_v{number}"


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if not names:
        return value
    if isinstance(value, dict):
        return {key: _reference(key, inner, names) for key, inner in cast("JSON", value).items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in cast("list[Any]", value)]
    return value


def _reference(key: str, value: Any, names: Mapping[str, str]) -> Any:
    if key == "$ref" and isinstance(value, str):
        name = value.removeprefix(_PREFIX)
        return f"{_PREFIX}{names.get(name, name)}" if value.startswith(_PREFIX) else value
    return _renamed(value, names)
