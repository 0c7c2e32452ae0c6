"""A schema as everything here reads it: made once from its JSON, then shared and never changed.

A node is one value's schema. Below `all_of`, `any_of`, `one_of` and `not_` it only constrains; what fields there are is
told by `properties`, `additional` and `items` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from podwright.api.structural.formats import known_format

JSON = dict[str, Any]
MISSING: Final = object()
"""Stands for a value that is not there, where None is one."""
META_FIELDS: Final = frozenset(("apiVersion", "kind", "metadata"))
_NO_NODES: Final[Mapping[str, Node]] = {}


class Node:
    """The schema of one value. `closed` objects may have no members but their properties."""

    __slots__ = (
        "additional", "all_of", "any_of", "closed", "default", "embedded", "enum", "exclusive_maximum",
        "exclusive_minimum", "format", "int_or_string", "items", "keys", "list_type", "map_type", "max_items",
        "max_length", "max_properties", "maximum", "min_items", "min_length", "min_properties", "minimum",
        "multiple_of", "not_", "nullable", "one_of", "open", "pattern", "preserve", "properties", "raw", "required",
        "rules", "type", "types", "unique",
    )  # fmt: skip

    def __init__(self, raw: JSON) -> None:
        self.raw = raw
        self.type: str = raw.get("type") or ""
        self.int_or_string = bool(raw.get("x-kubernetes-int-or-string"))
        self.types = ("integer", "string") if self.int_or_string else (self.type,) if self.type else ()
        self.format = known_format(raw.get("format") or "", self.types)
        self.nullable = bool(raw.get("nullable"))
        self.preserve = bool(raw.get("x-kubernetes-preserve-unknown-fields"))
        self.embedded = bool(raw.get("x-kubernetes-embedded-resource"))
        self.list_type: str = raw.get("x-kubernetes-list-type") or ""
        self.keys: tuple[str, ...] = tuple(raw.get("x-kubernetes-list-map-keys") or ())
        self.map_type: str = raw.get("x-kubernetes-map-type") or ""
        self.default = raw.get("default")
        self.rules: tuple[JSON, ...] = tuple(raw.get("x-kubernetes-validations") or ())
        self._read_values(raw)
        self._read_parts(raw)

    def _read_values(self, raw: JSON) -> None:
        self.enum: list[Any] | None = raw.get("enum") or None
        self.maximum: float | None = raw.get("maximum")
        self.minimum: float | None = raw.get("minimum")
        self.exclusive_maximum = bool(raw.get("exclusiveMaximum"))
        self.exclusive_minimum = bool(raw.get("exclusiveMinimum"))
        self.multiple_of: float | None = raw.get("multipleOf")
        self.max_length: int | None = raw.get("maxLength")
        self.min_length: int | None = raw.get("minLength")
        self.max_items: int | None = raw.get("maxItems")
        self.min_items: int | None = raw.get("minItems")
        self.max_properties: int | None = raw.get("maxProperties")
        self.min_properties: int | None = raw.get("minProperties")
        self.pattern: str = raw.get("pattern") or ""
        self.unique = bool(raw.get("uniqueItems"))
        self.required: tuple[str, ...] = tuple(raw.get("required") or ())

    def _read_parts(self, raw: JSON) -> None:
        properties: JSON = raw.get("properties") or {}
        self.properties = {name: Node(part) for name, part in properties.items()} if properties else _NO_NODES
        items, additional = raw.get("items"), raw.get("additionalProperties")
        self.items = Node(items) if isinstance(items, dict) else None
        self.additional = Node(additional) if isinstance(additional, dict) else None
        self.open = additional is True
        self.closed = additional is False
        self.all_of = tuple(Node(part) for part in raw.get("allOf") or ())
        self.any_of = tuple(Node(part) for part in raw.get("anyOf") or ())
        self.one_of = tuple(Node(part) for part in raw.get("oneOf") or ())
        self.not_ = Node(raw["not"]) if raw.get("not") is not None else None

    def member(self, name: str) -> Node | None:
        """The schema of a member of an object, if there is one."""
        return self.properties.get(name) or self.additional
