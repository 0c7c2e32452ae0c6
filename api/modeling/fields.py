"""The vocabulary in which schema classes are written.

A class is declared once, as a frozen dataclass whose annotations say everything the API must know of a field:

    @api_type("core.v1")
    class ContainerPort:
        \"\"\"A port a container listens on.\"\"\"

        name: str = ""
        \"\"\"A name unique in the pod.\"\"\"
        container_port: Annotated[Int32, REQUIRED] = 0
        \"\"\"The port's number.\"\"\"

The string below a field is its description; it is read from the source only when somebody asks
(`podwright.api.modeling.docs`), so it costs nothing at start-up. The annotation also decides when the field is
left out of JSON, as the API's own encoder does it: `X | None` (a pointer there) is left out when None,
a plain scalar when zero, a list or map when empty, a plain object never; `ALWAYS` and `OMIT_ZERO` change that.
Nothing here may hold behaviour: these are marks for `podwright.api.schema` to read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, dataclass_transform

from podwright.api.modeling.frozen import freeze

Kind = Literal[
    "object", "map", "list", "string", "integer", "number", "boolean", "any", "int-or-string", "quantity", "time",
    "microtime", "bytes", "either",
]  # fmt: skip

T = TypeVar("T")

if TYPE_CHECKING:
    Map = Mapping
else:
    Map = dict  # read-only to type checkers, a plain dict (the fast case) to the validator

PACKAGES: Final[Mapping[str, str]] = {
    "apiregistration.v1": "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
    "meta.v1": "io.k8s.apimachinery.pkg.apis.meta.v1",
    "version": "io.k8s.apimachinery.pkg.version",
    "apiextensions.v1": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
}


class _Empty(dict[str, Any]):
    """The shared default of map fields: an empty dict that cannot be filled."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __setitem__(self, key: str, value: object) -> None:
        msg = "cannot change the shared empty map"
        raise TypeError(msg)


EMPTY: Final[Mapping[str, Any]] = _Empty()


@dataclass(frozen=True, slots=True)
class Scalar:
    """What a type alias stands for: its kind, its OpenAPI format and the name decoding errors call it by."""

    kind: Kind
    format: str = ""
    type_name: str = "string"
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """How strategic merge patch and apply treat a list, map or object.

    `key` is the strategic merge key; `keys` are the list-map keys where they differ from (key,).
    """

    strategy: tuple[str, ...] = ()
    key: str = ""
    list_type: str = ""
    keys: tuple[str, ...] = ()
    map_type: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """When a field must be given and when it is written although zero."""

    required: bool = False
    always: bool = False
    omit_zero: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """The JSON name of a field that no rule yields."""

    name: str


@dataclass(frozen=True, slots=True)
class Default:
    """The value the API documents for a field that is not given."""

    value: Any


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name decoding errors give a map type that has one."""

    name: str


REQUIRED: Final = Presence(required=True, always=True)
REQUIRED_IF_KNOWN: Final = Presence(required=True)  # documented as required, yet left out when zero
ALWAYS: Final = Presence(always=True)
OMIT_ZERO: Final = Presence(omit_zero=True)

ATOMIC: Final = Merge(list_type="atomic")
ATOMIC_MAP: Final = Merge(map_type="atomic")
SET: Final = Merge(list_type="set")
MERGE_SET: Final = Merge(("merge",), list_type="set")
REPLACE: Final = Merge(strategy=("replace",))


def merge_by(key: str, *, keys: tuple[str, ...] = (), list_type: str = "map", retain_keys: bool = False) -> Merge:
    """A list whose items are merged by `key`; `keys` are apply's keys where they differ; list_type "" has none."""
    strategy = ("merge", "retainKeys") if retain_keys else ("merge",)
    return Merge(strategy, key, list_type, (keys or (key,)) if list_type == "map" else ())


def map_by(*keys: str) -> Merge:
    """A list that apply merges by `keys` and that strategic merge replaces."""
    return Merge(list_type="map", keys=keys)


def named(type_name: str, *values: str) -> Scalar:
    """A string type with a name of its own and, if it is closed, the values it may take."""
    return Scalar("string", type_name=type_name, enum=values)


Int32 = Annotated[int, Scalar("integer", "int32", "int32")]
Int64 = Annotated[int, Scalar("integer", "int64", "int64")]
Float64 = Annotated[float, Scalar("number", "double", "float64")]
Quantity = Annotated[str, Scalar("quantity", type_name="resource.Quantity")]
IntOrString = Annotated[int | str, Scalar("int-or-string", "int-or-string", "int32")]
Time = Annotated[datetime, Scalar("time", "date-time")]
MicroTime = Annotated[datetime, Scalar("microtime", "date-time")]
Bytes = Annotated[bytes, Scalar("bytes", "byte", "[]uint8")]
UID = Annotated[str, Scalar("string", type_name="types.UID")]
AnyValue = Annotated[Any, Scalar("any", type_name="interface {}")]
RawObject = Annotated[Any, Scalar("any", type_name="runtime.RawExtension")]  # an object of a shape that others define


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(dataclasses.field,))
def api_type(package: str, *, atomic: bool = False) -> Callable[[type[T]], type[T]]:
    """Declare a schema class: frozen, slotted, keyword-only, every field with a default.

    `package` is the API package in short ("core.v1"); the class name names the type in it. An `atomic` type is
    owned and replaced as a whole by apply.
    """
    prefix = PACKAGES.get(package) or f"io.k8s.api.{package}"

    def declare(cls: type[T]) -> type[T]:
        made = freeze(cls)
        made.__api_name__ = f"{prefix}.{cls.__name__}"  # type: ignore[attr-defined]
        made.__api_atomic__ = atomic  # type: ignore[attr-defined]
        return made

    return declare
