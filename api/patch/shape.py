"""Walking a document and its schema side by side: what strategic merge must know of each field.

A shape says what is known of a map: the type of an object, the field that is a map, or nothing (None: merge maps,
replace lists). This module only reads schemas; it must never look at documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podwright.api.schema import FieldSchema, TypeSchema

Shape = TypeSchema | FieldSchema | None


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field merges. `inner` is the shape of its value, or of a list's elements."""

    inner: Shape = None
    replace: bool = False  # never merged, always taken whole
    merge: bool = False  # a list that merges element by element
    retain_keys: bool = False  # a patch names all keys that may stay
    key: str = ""  # what elements are told apart by; empty for scalars


_UNKNOWN = Rule()


def rule(shape: Shape, key: str) -> Rule:
    """Return how the value under `key` of a map of this shape merges."""
    if shape is None:
        return _UNKNOWN
    if isinstance(shape, TypeSchema):
        found = shape.fields.get(key)
        return _UNKNOWN if found is None else _rule_of(found)
    if shape.ref is not None:
        return Rule(inner=shape.ref)
    return _UNKNOWN if shape.item is None else _rule_of(shape.item)


def _rule_of(field: FieldSchema) -> Rule:
    strategy = field.patch_strategy
    inner: Shape = field if field.kind == "map" else field.ref
    return Rule(
        inner=inner,
        replace="replace" in strategy,
        merge="merge" in strategy,
        retain_keys="retainKeys" in strategy,
        key=field.merge_key,
    )


def identity(element: Any, key: str) -> Any:
    """Return what tells a list's element apart from others: the value of its merge key, or itself; hashable."""
    value = element.get(key) if key and isinstance(element, dict) else element
    return value if isinstance(value, (str, int, float)) else repr(value)
