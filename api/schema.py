"""One plain tree per type that everything reads which must know a type's shape.

OpenAPI, explain, strategic merge patch, apply and strict decoding all need the same facts: the fields, their
kinds, how lists merge, what is required. `schema_of` derives them from a schema class, once; custom resources
build the same tree from their own definition. A tree is shared and must never be changed.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from podwright.api.modeling.fields import Default, Kind, Merge, Presence, Scalar, TypeName, Wire
from podwright.api.modeling.names import json_name

_PLAIN: dict[Any, Scalar] = {
    str: Scalar("string"),
    bool: Scalar("boolean", type_name="bool"),
    Any: Scalar("any", type_name="interface {}"),
}


@dataclass(slots=True, kw_only=True)
class FieldSchema:
    """One field of a type, or (as `item`) what a list or map holds.

    `ref` is the type of an object, or of the objects in a list or map; `item` describes any other list or map
    content. A value of kind "either" is an object of type `ref`, or what `item` describes. `attribute` is the Python
    name. `nullable` fields are absent when None and kept when zero.
    """

    name: str
    kind: Kind
    ref: TypeSchema | None = None
    item: FieldSchema | None = None
    format: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
    patch_strategy: tuple[str, ...] = ()
    merge_key: str = ""
    list_type: str = ""
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""
    default: Any = None
    attribute: str = ""
    type_name: str = ""
    nullable: bool = False
    always: bool = False
    omit_zero: bool = False
    describe: Callable[[], str] | None = field(default=None, repr=False)

    @property
    def doc(self) -> str:
        """The description, as explain and OpenAPI show it."""
        return self.describe() if self.describe else ""


@dataclass(slots=True, kw_only=True)
class TypeSchema:
    """One object type: `fields` maps JSON names to fields, in the order they are written.

    `open` types keep fields they do not know (custom resources may ask for that). `map_type` is "atomic" for types
    that apply replaces as a whole.
    """

    name: str
    fields: dict[str, FieldSchema]
    cls: type[Any] | None = None
    open: bool = False
    map_type: str = ""
    describe: Callable[[], str] | None = field(default=None, repr=False)

    @property
    def doc(self) -> str:
        """The description of the type."""
        return self.describe() if self.describe else ""

    @property
    def short_name(self) -> str:
        """The name without its package: "PodSpec"."""
        return self.name.rpartition(".")[2]

    @property
    def type_name(self) -> str:
        """The name with its package's version, as decoding errors use it: "v1.PodSpec"."""
        return ".".join(self.name.rsplit(".", 2)[-2:])


@cache
def schema_of(cls: type[Any]) -> TypeSchema:
    """The schema of a class declared with `api_type`. Raises TypeError for an annotation without a meaning here."""
    return _Reader().type(cls)


def _class_doc(cls: type[Any]) -> str:
    import inspect

    return inspect.getdoc(cls) or ""


def _field_doc(cls: type[Any], attribute: str) -> Callable[[], str]:
    def describe() -> str:
        from podwright.api.modeling.docs import field_doc

        return field_doc(cls, attribute)

    return describe


class _Reader:
    """Reads one class. One that refers to itself meets its own tree; two must not refer to each other."""

    def __init__(self) -> None:
        self._reading: dict[type[Any], TypeSchema] = {}

    def type(self, cls: type[Any]) -> TypeSchema:
        """Read a class."""
        hints = get_type_hints(cls, include_extras=True)
        map_type = "atomic" if cls.__api_atomic__ else ""
        made = TypeSchema(
            name=cls.__api_name__, fields={}, cls=cls, map_type=map_type, describe=lambda: _class_doc(cls)
        )
        self._reading[cls] = made
        for part in dataclasses.fields(cls):
            found = self._field(cls, part.name, hints[part.name])
            made.fields[found.name] = found
        del self._reading[cls]
        return made

    def _ref(self, cls: type[Any]) -> TypeSchema:
        if cls in self._reading:
            return self._reading[cls]
        return schema_of(cls)

    def _field(self, cls: type[Any], attribute: str, hint: Any) -> FieldSchema:
        found = self._shape(hint, f"{cls.__name__}.{attribute}")
        found.attribute = attribute
        found.name = found.name or json_name(attribute)
        found.describe = _field_doc(cls, attribute)
        return found

    def _shape(self, hint: Any, where: str) -> FieldSchema:
        """Read one annotation: marks outermost, then `| None`, then the type itself."""
        hint, marks = _unwrap(hint)
        nullable = False
        if get_origin(hint) in {types.UnionType, Union} and type(None) in get_args(hint):
            nullable = True
            rest = tuple(part for part in get_args(hint) if part is not type(None))
            hint, inner = _unwrap(rest[0] if len(rest) == 1 else Union[rest])  # noqa: UP007 - built at run time
            marks = [*inner, *marks]
        found = self._typed(hint, marks, where)
        found.nullable = nullable
        for mark in marks:
            _MARKS.get(type(mark), _no_mark)(found, mark)
        return found

    def _typed(self, hint: Any, marks: list[Any], where: str) -> FieldSchema:
        scalar = next((mark for mark in marks if isinstance(mark, Scalar)), None) or _scalar(hint)
        if scalar is not None:
            return FieldSchema(
                name="", kind=scalar.kind, format=scalar.format, enum=scalar.enum, type_name=scalar.type_name
            )
        if hasattr(hint, "__api_name__"):
            ref = self._ref(hint)
            return FieldSchema(name="", kind="object", ref=ref, type_name=ref.type_name)
        arguments = get_args(hint)
        if get_origin(hint) is tuple and len(arguments) == 2 and arguments[1] is ...:
            return _holder("list", self._shape(arguments[0], where), "[]")
        if get_origin(hint) is dict and _unwrap(arguments[0])[0] is str:
            key = self._shape(arguments[0], where)
            return _holder("map", self._shape(arguments[1], where), f"map[{key.type_name}]")
        if get_origin(hint) in {types.UnionType, Union} and hasattr(arguments[0], "__api_name__"):
            other = self._shape(Union[arguments[1:]], where)  # noqa: UP007 - built at run time
            return FieldSchema(name="", kind="either", ref=self._ref(arguments[0]), item=other)
        msg = f"cannot read the annotation of {where}: {hint!r}"
        raise TypeError(msg)


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        return inner, marks
    return hint, []


def _scalar(hint: Any) -> Scalar | None:
    return _PLAIN.get(hint) if isinstance(hint, type) or hint is Any else None


def _holder(kind: Kind, item: FieldSchema, prefix: str) -> FieldSchema:
    return FieldSchema(
        name="",
        kind=kind,
        ref=item.ref if item.kind == "object" else None,
        item=None if item.kind == "object" else item,
        type_name=prefix + item.type_name,
    )


def _merge(found: FieldSchema, mark: Merge) -> None:
    found.patch_strategy, found.merge_key = mark.strategy, mark.key
    found.list_type, found.list_map_keys, found.map_type = mark.list_type, mark.keys, mark.map_type


def _presence(found: FieldSchema, mark: Presence) -> None:
    found.required, found.always, found.omit_zero = mark.required, mark.always, mark.omit_zero


def _wire(found: FieldSchema, mark: Wire) -> None:
    found.name = mark.name


def _default(found: FieldSchema, mark: Default) -> None:
    found.default = mark.value


def _type_name(found: FieldSchema, mark: TypeName) -> None:
    found.type_name = mark.name


def _no_mark(found: FieldSchema, mark: object) -> None:
    """Scalars were read before; other libraries' marks mean nothing here."""


_MARKS: dict[type, Callable[[FieldSchema, Any], None]] = {
    Merge: _merge,
    Presence: _presence,
    Wire: _wire,
    Default: _default,
    TypeName: _type_name,
}
