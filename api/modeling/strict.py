"""The explaining decoder: what exactly is wrong with an object, in the form the API's clients know.

It walks a document beside its schema and reports the first value of a wrong type, or else every unknown and every
repeated field with its path. It is run only for documents the compiled validator did not take at once, or whose
text repeats a key, so it favours clarity over speed. It must never change a document.

A wrong type names the innermost type that has the field, the dotted path without indices and map keys, and the
expected type: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from podwright.api.modeling.fields import Kind
from podwright.api.modeling.gotime import time_problem
from podwright.api.quoting import quote
from podwright.api.schema import FieldSchema, TypeSchema

MAX_STRICT = 100  # further unknown and repeated fields are not reported


class Pairs(list[tuple[str, Any]]):
    """A JSON object with its repeated keys kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document. A "type" problem makes it undecodable and stands alone."""

    kind: Literal["unknown", "duplicate", "type"]
    path: str
    message: str


class _WrongTypeError(Exception):
    """A value of a wrong type is passed over: the first one is reported, unless the walk finds what ends it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem("type", path, message)


class _UnreadableError(_WrongTypeError):
    """A value whose type reads its own text, and cannot, ends the walk: it is what is reported."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the strict path (`spec.a[0].b`), the dotted path without indices, the type it is in."""

    path: str = ""
    fields: tuple[str, ...] = ()
    struct: str = ""

    def into(self, struct: str, name: str) -> _Place:
        return _Place(f"{self.path}.{name}" if self.path else name, (*self.fields, name), struct)

    def key(self, name: str) -> _Place:
        return _Place(f"{self.path}.{name}" if self.path else name, self.fields, self.struct)

    def index(self, number: int) -> _Place:
        return _Place(f"{self.path}[{number}]", self.fields, self.struct)


def problems_of(schema: TypeSchema, document: Any) -> list[Problem]:
    """Every problem of a decoded document, in document order. Repeated fields show only in `Pairs`."""
    walk = _Walk()
    try:
        walk.struct(schema, document, _Place(), schema.type_name)
    except _WrongTypeError as error:
        return [error.problem]
    return list(walk.found) if walk.wrong is None else [walk.wrong]


def has_duplicates(raw: bytes, dumped: bytes) -> bool:
    """Whether the text repeats a key somewhere: it then has more colons than what was parsed from it, dumped again."""
    return raw.count(b":") != dumped.count(b":") or b"\\u003a" in raw or b"\\u003A" in raw


def parse_pairs(raw: bytes) -> Any:
    """Parse JSON text, keeping repeated keys."""
    return json.loads(raw, object_pairs_hook=Pairs)


def repeated_fields(value: Any, path: str = "") -> Iterator[str]:
    """The paths of keys that a parse which kept them found more than once, as often as they are repeated."""
    if isinstance(value, Pairs):
        seen: set[str] = set()
        for key, child in value:
            where = f"{path}.{key}" if path else key
            if key in seen:
                yield where
            seen.add(key)
            yield from repeated_fields(child, where)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from repeated_fields(child, f"{path}[{i}]")


class _Walk:
    def __init__(self) -> None:
        self.found: dict[Problem, None] = {}
        self.wrong: Problem | None = None
        """The first wrong type."""

    def _strict(self, kind: Literal["unknown", "duplicate"], path: str) -> None:
        if len(self.found) < MAX_STRICT:
            self.found[Problem(kind, path, f"{kind} field {quote(path)}")] = None

    def struct(self, schema: TypeSchema, value: Any, place: _Place, type_name: str) -> None:
        if value is None:
            return
        if not isinstance(value, (dict, Pairs)):
            raise _wrong(value, place, type_name)
        for name, child in self._members(value, place, known=None if schema.open else schema.fields):
            shape = schema.fields.get(name)
            if shape is not None:
                self._go_on(self.field, shape, child, place.into(schema.short_name, name))
            elif not schema.open:
                self._strict("unknown", place.key(name).path)

    def _members(
        self, value: dict[str, Any] | Pairs, place: _Place, known: dict[str, FieldSchema] | None
    ) -> Iterable[tuple[str, Any]]:
        if isinstance(value, dict):
            yield from value.items()
            return
        seen: set[str] = set()
        for name, child in value:
            if name in seen and (known is None or name in known):
                self._strict("duplicate", place.key(name).path)
            seen.add(name)
            yield name, child

    def field(self, shape: FieldSchema, value: Any, place: _Place) -> None:
        if value is None:
            return
        if shape.kind == "object":
            if shape.ref is not None:
                self.struct(shape.ref, value, place, shape.type_name)
        elif shape.kind == "either" and shape.ref is not None and shape.item is not None:
            if isinstance(value, (dict, Pairs)):
                self.struct(shape.ref, value, place, shape.ref.type_name)
            else:
                self.field(shape.item, value, place)
        elif shape.kind == "list":
            if not isinstance(value, list) or isinstance(value, Pairs):
                raise _wrong(value, place, shape.type_name)
            for number, item in enumerate(value):
                self._go_on(self._inner, shape, item, place.index(number))
        elif shape.kind == "map":
            if not isinstance(value, (dict, Pairs)):
                raise _wrong(value, place, shape.type_name)
            for name, item in self._members(value, place, known=None):
                self._go_on(self._inner, shape, item, place.key(name))
        else:
            _SCALARS[shape.kind](shape, value, place)

    def _go_on(
        self, look: Callable[[FieldSchema, Any, _Place], None], shape: FieldSchema, value: Any, place: _Place
    ) -> None:
        """Look at a value; what is of a wrong type is remembered and passed over."""
        try:
            look(shape, value, place)
        except _UnreadableError:
            raise
        except _WrongTypeError as error:
            self.wrong = self.wrong or error.problem

    def _inner(self, shape: FieldSchema, value: Any, place: _Place) -> None:
        if shape.ref is not None:
            self.struct(shape.ref, value, place, shape.ref.type_name)
        elif shape.item is not None:
            self.field(shape.item, value, place)


def _json_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, (dict, Pairs)) else "array"


def _wrong(value: Any, place: _Place, type_name: str, got: str = "") -> _WrongTypeError:
    target = f"Go struct field {place.struct}.{'.'.join(place.fields)}" if place.struct else "Go value"
    return _WrongTypeError(
        place.path, f"json: cannot unmarshal {got or _json_kind(value)} into {target} of type {type_name}"
    )


def _string(shape: FieldSchema, value: Any, place: _Place) -> None:
    if not isinstance(value, str):
        raise _wrong(value, place, shape.type_name)


def _boolean(shape: FieldSchema, value: Any, place: _Place) -> None:
    if not isinstance(value, bool):
        raise _wrong(value, place, shape.type_name)


def _integer(shape: FieldSchema, value: Any, place: _Place) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, place, shape.type_name)
    bits = 63 if shape.format == "int64" else 31
    if isinstance(value, float) or not -(2**bits) <= value < 2**bits:
        raise _wrong(value, place, shape.type_name, f"number {json.dumps(value)}")


def _number(shape: FieldSchema, value: Any, place: _Place) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, place, shape.type_name)


def _int_or_string(shape: FieldSchema, value: Any, place: _Place) -> None:
    if not isinstance(value, str):
        try:
            _integer(shape, value, place)
        except _WrongTypeError as error:
            raise _UnreadableError(place.path, error.problem.message) from error


def _quantity(_: FieldSchema, value: Any, place: _Place) -> None:
    from podwright.api.quantity import QuantityError, parse

    text = json.dumps(value) if isinstance(value, (bool, list, dict)) else value
    try:
        parse(text)
    except QuantityError as error:
        raise _UnreadableError(place.path, str(error)) from error


def _time(shape: FieldSchema, value: Any, place: _Place) -> None:
    if not isinstance(value, str):
        raise _UnreadableError(place.path, _wrong(value, place, "string").problem.message)
    why = time_problem(value, micro=shape.kind == "microtime")
    if why:
        raise _UnreadableError(place.path, why)


def _bytes(shape: FieldSchema, value: Any, place: _Place) -> None:
    if not isinstance(value, str):
        raise _wrong(value, place, shape.type_name)
    text = value.replace("\n", "").replace("\r", "")
    try:
        base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error, or text that is not even ASCII
        odd = re.search(r"[^A-Za-z0-9+/]", text)
        at = odd.start() if odd else len(text) - len(text) % 4
        raise _WrongTypeError(place.path, f"illegal base64 data at input byte {at}") from error


def _any(_: FieldSchema, value: Any, place: _Place) -> None:
    """Anything goes."""


_SCALARS: dict[Kind, Callable[[FieldSchema, Any, _Place], None]] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "int-or-string": _int_or_string,
    "quantity": _quantity,
    "time": _time,
    "microtime": _time,
    "bytes": _bytes,
    "any": _any,
}
