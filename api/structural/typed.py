"""A client's schema as the tree that built-in kinds have too, for whoever merges, applies or explains.

Objects of which nothing is said, and values of any type, are objects without a type.
"""

from __future__ import annotations

from typing import Any

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import Kind
from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.api.structural.node import Node

_SCALARS: dict[str, Kind] = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
_STANDARD = {
    "apiVersion": "The group and version of the schema this object is written in.",
    "kind": "The kind of this object.",
    "metadata": "Standard object metadata.",
}


def type_schema(node: Node, name: str) -> TypeSchema:
    """The tree of a kind whose objects `node` describes; `name` is the kind's definition name."""
    made = _type(node, name)
    return TypeSchema(
        name=name, fields={**made.fields, **_standard()}, open=made.open, map_type="", describe=made.describe
    )


def _standard() -> dict[str, FieldSchema]:
    made: dict[str, FieldSchema] = {}
    for name in ("apiVersion", "kind"):
        made[name] = FieldSchema(name=name, kind="string", type_name="string", describe=_say(_STANDARD[name]))
    made["metadata"] = FieldSchema(
        name="metadata", kind="object", ref=schema_of(ObjectMeta), type_name="v1.ObjectMeta",
        describe=_say(_STANDARD["metadata"]),
    )  # fmt: skip
    return made


def _type(node: Node, name: str) -> TypeSchema:
    fields = {
        field: _field(part, field, f"{name}.{field}", required=field in node.required)
        for field, part in node.properties.items()
    }
    if node.embedded:
        fields = {**fields, **_standard()}
    return TypeSchema(
        name=name, fields=fields, open=node.preserve, map_type="atomic" if node.map_type == "atomic" else "",
        describe=_say(node.raw.get("description") or ""),
    )  # fmt: skip


def _field(node: Node, name: str, path: str, *, required: bool = False) -> FieldSchema:
    made = _shape(node, path)
    made.name, made.required = name, required
    made.default, made.nullable = node.default, node.nullable
    made.format = node.raw.get("format") or ""
    made.enum = tuple(text for text in node.enum or () if isinstance(text, str))
    made.list_type, made.list_map_keys, made.map_type = node.list_type, node.keys, node.map_type
    made.describe = _say(node.raw.get("description") or "")
    return made


def _shape(node: Node, path: str) -> FieldSchema:
    if node.int_or_string:
        return FieldSchema(name="", kind="int-or-string", type_name="int-or-string")
    scalar = _SCALARS.get(node.type)
    if scalar is not None:
        return FieldSchema(name="", kind=scalar, type_name=node.type)
    if node.type == "array":
        return _holder("list", node.items, path)
    if node.additional is not None or node.open:
        return _holder("map", node.additional, path)
    if node.type != "object" or (node.preserve and not node.properties and not node.embedded):
        return FieldSchema(name="", kind="object", type_name="object")
    return FieldSchema(name="", kind="object", ref=_type(node, path), type_name=node.type)


def _holder(kind: Kind, inner: Node | None, path: str) -> FieldSchema:
    item = _field(inner, "", path) if inner is not None else FieldSchema(name="", kind="object")
    ref = item.ref if item.kind == "object" else None
    return FieldSchema(name="", kind=kind, ref=ref, item=None if ref is not None else item, type_name=kind)


def _say(text: str) -> Any:
    return lambda: text
