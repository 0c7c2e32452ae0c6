"""A client's schema as OpenAPI shows it: what readers of either dialect understand, and nothing that confuses them.

Version 2 has no alternatives and no nulls, and its readers take an object of which only some fields are told for one
that has no others; so less is said there. Version 3 shows the schema as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

JSON = dict[str, Any]
_DROPPED: Final = ("$schema", "example", "externalDocs", "id")
_DROPPED_V2: Final = (*_DROPPED, "allOf", "anyOf", "oneOf", "not", "nullable")
_PRESERVE, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
_EITHER: Final = "x-kubernetes-int-or-string"
_STANDARD: Final[dict[str, JSON]] = {
    "apiVersion": {
        "type": "string", "description": "The group and version of the schema this object is written in.",
    },
    "kind": {"type": "string", "description": "The kind of this object."},
}  # fmt: skip


def published(schema: JSON, metadata: Callable[[], JSON], *, v3: bool) -> JSON:
    """The definition of a kind; `metadata` makes a reference to the metadata all objects have."""
    if not schema or (not v3 and schema.get(_PRESERVE)):
        return {"type": "object"}
    made = _node(schema, metadata, v3=v3)
    properties: JSON = {**(made.get("properties") or {}), **_STANDARD, "metadata": metadata()}
    return {**made, "properties": {name: properties[name] for name in sorted(properties)}}


def _node(schema: JSON, metadata: Callable[[], JSON], *, v3: bool) -> JSON:
    dropped = _DROPPED if v3 else _DROPPED_V2
    made = {name: value for name, value in schema.items() if name not in dropped}
    if v3 and schema.get(_EITHER) and "anyOf" not in schema and "allOf" not in schema:
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if not v3:
        _simplify(made, schema)
    properties: JSON | None = made.get("properties")
    if properties is not None:
        made["properties"] = {name: _node(part, metadata, v3=v3) for name, part in properties.items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = _node(made[name], metadata, v3=v3)
    if schema.get(_EMBEDDED) and (v3 or not schema.get(_PRESERVE)):
        made["properties"] = {**(made.get("properties") or {}), **_STANDARD, "metadata": metadata()}
        made["required"] = list(dict.fromkeys([*(made.get("required") or ()), "kind", "apiVersion"]))
    return made


def _simplify(made: JSON, schema: JSON) -> None:
    """Take out what readers of version 2 would misunderstand."""
    preserve = bool(schema.get(_PRESERVE))
    if schema.get("nullable") or preserve:
        made.pop("items", None)
        made.pop("properties", None)
    if schema.get("nullable") or (preserve and schema.get("type") == "object"):
        made.pop("type", None)
    if made.get("type") == "array" and "items" not in made:
        made.pop("type", None)
    nullable = {name for name, part in (schema.get("properties") or {}).items() if part.get("nullable")}
    required = [name for name in schema.get("required") or () if name not in nullable]
    extra = schema.get("additionalProperties")
    if not required or (isinstance(extra, dict) and extra.get("nullable")):
        made.pop("required", None)
    else:
        made["required"] = required
