"""Every schema class that is served, and documents made at random from a schema."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from podwright.api.authentication.tokenrequest import TokenRequest
from podwright.api.autoscaling.scale import Scale
from podwright.api.meta import DeleteOptions, Status
from podwright.api.policy.eviction import Eviction
from podwright.api.resources import RESOURCES
from podwright.api.schema import FieldSchema, TypeSchema, schema_of

CLASSES: list[type[Any]] = [row.cls for row in RESOURCES] + [TokenRequest, Scale, DeleteOptions, Status, Eviction]
IDS = [f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}" for cls in CLASSES]


def all_types() -> Iterator[TypeSchema]:
    """Every type below the served classes, each once."""
    seen: set[str] = set()
    todo = [schema_of(cls) for cls in CLASSES]
    while todo:
        schema = todo.pop()
        if schema.name not in seen:
            seen.add(schema.name)
            yield schema
            todo += [shape.ref for shape in schema.fields.values() if shape.ref]


def untyped(value: Any) -> Any:
    """The document without any kind and apiVersion; typed objects cannot tell `null` from an empty list or map."""
    if isinstance(value, dict):
        return {name: untyped(inner) or None for name, inner in value.items() if name not in {"kind", "apiVersion"}}
    return ([untyped(inner) for inner in value] or None) if isinstance(value, list) else value


TEXT = st.text("abcXYZ0189-./ äß", max_size=6)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "boolean": st.booleans(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "any": st.one_of(TEXT, st.dictionaries(TEXT, TEXT, max_size=2)),
    "int-or-string": st.one_of(st.integers(-5, 5), TEXT),
    # Canonical ones: only pruning spells amounts anew.
    "quantity": st.one_of(st.sampled_from(["100m", "1", "0", "1536Mi", "1e3", "500m"]), st.integers(0, 9)),
    "time": st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05+02:00"]),
    "microtime": st.sampled_from(["2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.120000-01:00"]),
    "bytes": st.binary(max_size=5).map(lambda raw: base64.b64encode(raw).decode()),
}


def documents(schema: TypeSchema, *, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Documents of a type with some of its fields, nulls among them; below `depth` objects are empty.

    They carry no kind and no apiVersion: typed objects always do.
    """
    shapes = {name: shape for name, shape in schema.fields.items() if name not in {"kind", "apiVersion"}}
    if depth == 0 or not shapes:
        return st.just({})
    fields = {name: st.one_of(st.none(), _value(shape, depth)) for name, shape in shapes.items()}
    names = st.lists(st.sampled_from(sorted(fields)), max_size=5, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen}))


def _value(shape: FieldSchema, depth: int) -> st.SearchStrategy[Any]:
    if shape.kind == "integer":
        return st.integers(-3, 3)
    if shape.kind == "object":
        return st.deferred(lambda: documents(shape.ref, depth=depth - 1)) if shape.ref else st.just({})
    if shape.kind in {"list", "map"}:
        ref = shape.ref
        inner = st.deferred(lambda: documents(ref, depth=depth - 1)) if ref else _value(_item(shape), depth)
        many = st.one_of(st.none(), inner)
        return st.lists(many, max_size=2) if shape.kind == "list" else st.dictionaries(TEXT, many, max_size=2)
    return _SCALARS[shape.kind]


def _item(shape: FieldSchema) -> FieldSchema:
    assert shape.item is not None
    return shape.item
