"""The values of the language, where Python's own do not say enough.

int, double, bool, string, bytes, null, list and string-keyed map are Python's own values, so that a JSON document is a
value without copying. The rest is here: uint, times, optionals, the keys of maps, and the lazy views that give the
parts of a typed document their values. Values are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from podwright.api.cel.errors import EvaluationError, no_such_key
from podwright.api.cel.types import Type

if TYPE_CHECKING:
    from podwright.api.cel.declared import Declared

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1
_YEAR_1: Final = -62135596800 * 10**9
_YEAR_10000: Final = 253402300800 * 10**9


class UInt(int):
    """An unsigned 64-bit number; equal to the int of the same value, as the language has it."""

    __slots__ = ()


class BoolKey:
    """A bool as the key of a map, where Python's own would be the same key as 0 or 1."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __hash__(self) -> int:
        return hash(("bool", self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoolKey) and other.value is self.value


_BOOL_KEYS: Final = {True: BoolKey(True), False: BoolKey(False)}


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A moment, in nanoseconds since 1970 (UTC); its year is 1 to 9999."""

    nanos: int


@dataclass(frozen=True, slots=True, eq=False)
class Optional:
    """A value that may be missing."""

    present: bool
    inner: Any = None


NONE: Final = Optional(False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of a library's own type; `content` compares by Python's equality."""

    type: Type
    content: Any


class Fields:
    """What has fields that are found out on demand: objects, and what derives from this elsewhere."""

    __slots__ = ()

    def get(self, name: str) -> Any:
        """Return a field's value. Raises EvaluationError."""
        raise NotImplementedError

    def has(self, name: str) -> bool:
        """Return whether the field is there."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class ObjectView(Fields):
    """An object of a typed document, or a message that an expression made (then `declared` may be open)."""

    document: Mapping[str, Any]
    declared: Declared

    def get(self, name: str) -> Any:
        """Return a field's value. Raises EvaluationError if it is not there."""
        field = self.declared.fields.get(name)
        key = name if field is None else field.key
        if key not in self.document:
            raise no_such_key(name)
        found = self.document[key]
        return found if field is None else field.declared.value(found)

    def has(self, name: str) -> bool:
        """Return whether a field is there."""
        field = self.declared.fields.get(name)
        return (name if field is None else field.key) in self.document


class ListView(Sequence[Any]):
    """A list of a typed document; items become values when they are read.

    `merge` is "set" or "map" for lists that compare and add as such, by `keys`.
    """

    __slots__ = ("documents", "item", "keys", "merge")

    def __init__(self, documents: Sequence[Any], item: Declared, merge: str = "", keys: tuple[str, ...] = ()) -> None:
        self.documents = documents
        self.item = item
        self.merge = merge
        self.keys = keys

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, index: Any) -> Any:
        found = self.documents[index]
        if isinstance(index, slice):
            return [self.item.value(part) for part in found]
        return self.item.value(found)

    def __iter__(self) -> Iterator[Any]:
        if self.item.convert is None:
            return iter(self.documents)
        return map(self.item.convert, self.documents)


class MapView(Mapping[str, Any]):
    """A map of a typed document; what it holds becomes a value when it is read."""

    __slots__ = ("documents", "item")

    def __init__(self, documents: Mapping[str, Any], item: Declared) -> None:
        self.documents = documents
        self.item = item

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, key: str) -> Any:
        return self.item.value(self.documents[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.documents)

    def __contains__(self, key: object) -> bool:
        return key in self.documents


def map_key(value: Any) -> Any:
    """Return the key under which a value stands in a map. Raises EvaluationError for what cannot be a key."""
    kind = type(value)
    if kind is str or kind is int or kind is UInt:
        return value
    if kind is bool:
        return _BOOL_KEYS[value]
    if kind is float and value == value and abs(value) < 2**64 and value == int(value):  # noqa: PLR0124 - not a number
        return int(value)
    msg = f"unsupported key type: {type_name(value)}"
    raise EvaluationError(msg)


def key_value(key: Any) -> Any:
    """Return the value that a map's key denotes."""
    return key.value if type(key) is BoolKey else key


def is_list(value: Any) -> bool:
    """Return whether a value is a list."""
    return isinstance(value, (list, ListView))


def is_map(value: Any) -> bool:
    """Return whether a value is a map."""
    return isinstance(value, (dict, MapView))


def checked_int(value: int) -> int:
    """Return a value that fits into 64 bits. Raises EvaluationError."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvaluationError(INTEGER_OVERFLOW)


def checked_uint(value: int) -> UInt:
    """Return a value as uint. Raises EvaluationError."""
    if 0 <= value <= UINT_MAX:
        return UInt(value)
    msg = "unsigned integer overflow"
    raise EvaluationError(msg)


def checked_duration(nanos: int) -> Duration:
    """Return a span that fits into 64 bits of nanoseconds. Raises EvaluationError."""
    if INT_MIN <= nanos <= INT_MAX:
        return Duration(nanos)
    msg = "duration overflow"
    raise EvaluationError(msg)


def checked_timestamp(nanos: int) -> Timestamp:
    """Return a moment of the years 1 to 9999. Raises EvaluationError."""
    if _YEAR_1 <= nanos < _YEAR_10000:
        return Timestamp(nanos)
    msg = "timestamp overflow"
    raise EvaluationError(msg)


INTEGER_OVERFLOW: Final = "integer overflow"

_NAMES: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null_type",
    list: "list",
    ListView: "list",
    dict: "map",
    MapView: "map",
    Duration: "google.protobuf.Duration",
    Timestamp: "google.protobuf.Timestamp",
    Optional: "optional_type",
    Type: "type",
}


def type_name(value: Any) -> str:
    """Return the name of a value's type, as type() compares it."""
    name = _NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, ObjectView):
        return value.declared.type.name
    return value.type.name if isinstance(value, Opaque) else "dyn"


def size_of(value: Any) -> int:
    """Return the size that costs are counted with: characters, bytes, items or entries; 1 for everything else."""
    if isinstance(value, (str, bytes, list, dict, ListView, MapView)):
        return len(value)
    if isinstance(value, Optional) and value.present:
        return size_of(value.inner)
    if isinstance(value, Opaque) and isinstance(value.content, SizedContent):
        return value.content.size
    return 1


class SizedContent:
    """What a library's value derives from when its size counts."""

    __slots__ = ()

    @property
    def size(self) -> int:
        """The number of bytes."""
        return 1
