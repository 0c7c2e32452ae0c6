"""What must be true of the values that a scale subresource shows, wherever in an object they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.quoting import shown

JSON = dict[str, Any]
_MAX_INT32 = 2**31 - 1
_GO: dict[type, str] = {
    bool: "bool", int: "int64", float: "float64", str: "string", list: "[]interface {}",
    dict: "map[string]interface {}",
}  # fmt: skip


def validate_spec(obj: JSON, scale: Mapping[str, str] | None) -> list[FieldError]:
    """List what is wrong with the wanted number."""
    return [] if scale is None else _replicas(obj, scale.get("specReplicasPath") or "")


def validate_status(obj: JSON, scale: Mapping[str, str] | None) -> list[FieldError]:
    """List what is wrong with the present number and the selector."""
    if scale is None:
        return []
    errors = _replicas(obj, scale.get("statusReplicasPath") or "")
    selector = scale.get("labelSelectorPath")
    if selector:
        found, why = _dig(obj, selector, str)
        if why:
            errors.append(field_errors.invalid(selector, found, why))
    return errors


def _replicas(obj: JSON, path: str) -> list[FieldError]:
    found, why = _dig(obj, path, int)
    if why:
        return [field_errors.invalid(path, found, why)]
    if found < 0:
        return [field_errors.invalid(path, found, "should be a non-negative integer")]
    if found > _MAX_INT32:
        return [field_errors.invalid(path, found, f"should be less than or equal to {_MAX_INT32}")]
    return []


def _dig(obj: JSON, path: str, wanted: type) -> tuple[Any, str]:
    """The value at a path (its zero when absent), or why it cannot be read."""
    names = path.removeprefix(".").split(".")
    value: Any = obj
    for index, name in enumerate(names):
        if value is None:
            return wanted(), ""
        if not isinstance(value, dict):
            where = "." + ".".join(names[: index + 1])
            return wanted(), f"{where} accessor error: {_as(value)}, expected map[string]interface{{}}"
        if name not in value:
            return wanted(), ""
        value = value[name]
    if type(value) is wanted:
        return value, ""
    return wanted(), f"{path} accessor error: {_as(value)}, expected {_GO[wanted]}"


def _as(value: Any) -> str:
    return f"{shown(value)} is of the type {_GO.get(type(value), '<nil>')}"
