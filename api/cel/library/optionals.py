"""Values that may be missing: making them, asking for them, unwrapping them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from podwright.api.cel.errors import EvaluationError, no_such_overload
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.values import NONE, Duration, Optional, Timestamp, size_of

_ZEROS: Final = (Duration(0), Timestamp(-62135596800 * 10**9))


def _of_non_zero(value: Any) -> Optional:
    if isinstance(value, (Duration, Timestamp)):
        return Optional(True, value) if value not in _ZEROS else NONE
    empty = value is None or value in (False, 0, 0.0) if not hasattr(value, "__len__") else size_of(value) == 0
    return NONE if empty else Optional(True, value)


def _value(found: Optional) -> Any:
    if not found.present:
        msg = "optional.none() dereference"
        raise EvaluationError(msg)
    return found.inner


def _unwrap(items: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if not isinstance(item, Optional):
            msg = f"value {item} is not optional"
            raise EvaluationError(msg)
        if item.present:
            made.append(item.inner)
    return made


def _unused(*_args: Any) -> Any:
    raise no_such_overload()


OPTIONALS: Final[tuple[Overload, ...]] = (
    declare("optional.of", "(A) optional(A)", lambda value: Optional(True, value)),
    declare("optional.ofNonZeroValue", "(A) optional(A)", _of_non_zero),
    declare("optional.none", "() optional(A)", lambda: NONE),
    declare("optional.unwrap", "(list(optional(A))) list(A)", _unwrap),
    declare("unwrapOpt", "list(optional(A)).() list(A)", _unwrap),
    declare("value", "optional(A).() A", _value),
    declare("hasValue", "optional(A).() bool", lambda found: found.present),
    declare("or", "optional(A).(optional(A)) optional(A)", _unused),
    declare("orValue", "optional(A).(A) A", _unused),
    declare("_[?_]", "(list(A), int) optional(A)", _unused),
    declare("_[?_]", "(optional(list(A)), int) optional(A)", _unused),
    declare("_[?_]", "(map(K, V), K) optional(V)", _unused),
    declare("_[?_]", "(optional(map(K, V)), K) optional(V)", _unused),
    declare("_[_]", "(optional(list(A)), int) optional(A)", _unused),
    declare("_[_]", "(optional(map(K, V)), K) optional(V)", _unused),
)
