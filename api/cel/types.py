"""The types of the expression language, as plain values.

A type is its kind, its name and its parameters; two types are the same when these are. An object type carries the
declaration of its fields with it (`decl`), which does not take part in comparison: names are unique per program.
Nothing here knows values or expressions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from podwright.api.cel.declared import Declared

Kind = Literal[
    "bool", "int", "uint", "double", "string", "bytes", "null", "timestamp", "duration", "dyn", "error", "list", "map",
    "type", "param", "object", "opaque",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """One type: `list(int)` is Type("list", "list", (INT,))."""

    kind: Kind
    name: str
    params: tuple[Type, ...] = ()
    decl: Declared | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """Return the form in which errors name the type."""
        return _FORMATS.get(self.kind, self.name) if not self.params else _with_params(self)


def _with_params(found: Type) -> str:
    return f"{found.name}({', '.join(str(part) for part in found.params)})"


_FORMATS: Final[dict[Kind, str]] = {
    "error": "!error!",
    "null": "null",
    "timestamp": "timestamp",
    "duration": "duration",
}

BOOL: Final = Type("bool", "bool")
INT: Final = Type("int", "int")
UINT: Final = Type("uint", "uint")
DOUBLE: Final = Type("double", "double")
STRING: Final = Type("string", "string")
BYTES: Final = Type("bytes", "bytes")
NULL: Final = Type("null", "null_type")
TIMESTAMP: Final = Type("timestamp", "google.protobuf.Timestamp")
DURATION: Final = Type("duration", "google.protobuf.Duration")
DYN: Final = Type("dyn", "dyn")
ERROR: Final = Type("error", "error")
TYPE: Final = Type("type", "type")

QUANTITY: Final = Type("object", "kubernetes.Quantity")
URL: Final = Type("object", "kubernetes.URL")
SEMVER: Final = Type("object", "kubernetes.Semver")
FORMAT: Final = Type("object", "kubernetes.NamedFormat")
IP: Final = Type("opaque", "net.IP")
CIDR: Final = Type("opaque", "net.CIDR")
AUTHORIZER: Final = Type("object", "kubernetes.authorization.Authorizer")
PATH_CHECK: Final = Type("object", "kubernetes.authorization.PathCheck")
GROUP_CHECK: Final = Type("object", "kubernetes.authorization.GroupCheck")
RESOURCE_CHECK: Final = Type("object", "kubernetes.authorization.ResourceCheck")
DECISION: Final = Type("object", "kubernetes.authorization.Decision")

SCALAR_KINDS: Final = frozenset({"bool", "int", "uint", "double", "timestamp", "duration"})


def list_of(item: Type) -> Type:
    """Return the type of lists of `item`."""
    return Type("list", "list", (item,))


def map_of(key: Type, value: Type) -> Type:
    """Return the type of maps."""
    return Type("map", "map", (key, value))


def optional_of(inner: Type) -> Type:
    """Return the type of optional values."""
    return Type("opaque", "optional_type", (inner,))


def type_of(inner: Type) -> Type:
    """Return the type of the type `inner` itself, as `type(int)`."""
    return Type("type", "type", (inner,))


def param(name: str) -> Type:
    """Return a type variable."""
    return Type("param", name)


def is_dyn_or_error(found: Type) -> bool:
    """Return whether nothing is known statically of values of the type."""
    return found.kind in {"dyn", "error"}


def is_optional(found: Type) -> bool:
    """Return whether the type is an optional."""
    return found.name == "optional_type" and found.kind == "opaque"


def unwrap_optional(found: Type) -> tuple[Type, bool]:
    """Return the type inside an optional and True, or the type itself and False."""
    return (found.params[0], True) if is_optional(found) else (found, False)


def is_scalar(found: Type) -> bool:
    """Return whether values of the type have a constant size."""
    return found.kind in SCALAR_KINDS or (is_optional(found) and is_scalar(found.params[0]))
