"""The types that mutating policies make, when the kind that they change is known: `Object.spec` has its spec's fields.

What a schema does not say is let through: `open` types, quantities, times and the like take anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from podwright.api.cel.declared import Declared, Field
from podwright.api.cel.messages import MutationMessages
from podwright.api.cel.schema_types import list_of, map_of, scalar, untyped
from podwright.api.cel.types import Type
from podwright.api.schema import FieldSchema, TypeSchema

_ROOT: Final = "Object"
_SCALARS: Final = frozenset(("string", "integer", "boolean"))


class TypedMessages(Mapping[str, Declared]):
    """`Object` and the types below it, for one kind."""

    def __init__(self, schema: TypeSchema) -> None:
        self._schema = schema
        self._others = MutationMessages()

    def __getitem__(self, name: str) -> Declared:
        first, *path = name.split(".")
        if first != _ROOT:
            return self._others[name]
        found: TypeSchema | None = self._schema
        for part in path:
            if found is None or (found.open and part not in found.fields):
                return Declared(Type("object", name), open_fields=True)
            found = _inner(found.fields[part])
        return Declared(Type("object", name), open_fields=True) if found is None else _object(found, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._others)

    def __len__(self) -> int:
        return len(self._others)


def _object(schema: TypeSchema, name: str) -> Declared:
    return Declared(
        Type("object", name),
        fields=lambda: {key: Field(key, _field(part, f"{name}.{key}")) for key, part in schema.fields.items()},
        open_fields=schema.open,
    )


def _inner(field: FieldSchema) -> TypeSchema | None:
    """The type of the objects in a field, however deep in lists and maps; None where nothing is known of them."""
    while field.ref is None and field.item is not None:
        field = field.item
    return field.ref


def _field(field: FieldSchema, name: str) -> Declared:
    if field.kind == "object":
        return untyped() if field.ref is None else _object(field.ref, name)
    if field.kind in {"list", "map"}:
        if field.ref is not None:
            item = _object(field.ref, name)
        else:
            item = untyped() if field.item is None else _field(field.item, name)
        return map_of(item) if field.kind == "map" else list_of(item)
    return scalar(field.kind) if field.kind in _SCALARS else untyped()
