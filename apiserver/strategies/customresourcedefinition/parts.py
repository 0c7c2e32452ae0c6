"""What a version's columns, subresources and selectable fields must be."""

from __future__ import annotations

from typing import Any, Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.structural.node import Node
from podwright.apiserver.strategies.customresourcedefinition.paths import PathError, resolve

JSON = dict[str, Any]
_TYPES: Final = ("boolean", "date", "integer", "number", "string")
_FORMATS: Final = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_MAX_SELECTABLE: Final = 8


def simple_path(path: str, value: str) -> list[FieldError]:
    """Check a simple JSON path, as columns and scales use them. A column whose path nobody can read stays empty."""
    if not value.startswith("."):
        return [field_errors.invalid(path, value, "must be a simple json path starting with .")]
    return []


def columns(found: list[JSON], path: str) -> list[FieldError]:
    """List what is wrong with printer columns."""
    errors: list[FieldError] = []
    for index, column in enumerate(found):
        where = f"{path}[{index}]"
        if not column.get("name"):
            errors.append(field_errors.required(f"{where}.name"))
        kind, form = column.get("type") or "", column.get("format") or ""
        if not kind:
            errors.append(field_errors.required(f"{where}.type", f"must be one of {','.join(_TYPES)}"))
        elif kind not in _TYPES:
            errors.append(field_errors.invalid(f"{where}.type", kind, f"must be one of {','.join(_TYPES)}"))
        if form and form not in _FORMATS:
            errors.append(field_errors.invalid(f"{where}.format", form, f"must be one of {','.join(_FORMATS)}"))
        value = column.get("jsonPath") or ""
        if value:
            errors += simple_path(f"{where}.JSONPath", value)
        else:
            errors.append(field_errors.required(f"{where}.JSONPath"))
    return errors


def subresources(found: JSON | None, path: str) -> list[FieldError]:
    """List what is wrong with the scale subresource's paths."""
    scale = (found or {}).get("scale")
    if scale is None:
        return []
    errors: list[FieldError] = []
    for key, root in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        where, value = f"{path}.scale.{key}", scale.get(key) or ""
        if not value:
            errors.append(field_errors.required(where))
            continue
        bad = simple_path(where, value)
        if not bad and not value.startswith(f"{root}."):
            bad = [field_errors.invalid(where, value, f"should be a json path under {root}")]
        errors += bad
    where, value = f"{path}.scale.labelSelectorPath", scale.get("labelSelectorPath") or ""
    if value:
        bad = simple_path(where, value)
        if not bad and not value.startswith((".spec.", ".status.")):
            bad = [field_errors.invalid(where, value, "should be a json path under either .spec or .status")]
        errors += bad
    return errors


def selectable_fields(found: list[JSON], schema: JSON | None, path: str, *, as_before: bool) -> list[FieldError]:
    """List what is wrong with selectable fields; too many are let through when there were as many before."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    node = Node(schema or {})
    for index, field in enumerate(found):
        where, value = f"{path}[{index}].jsonPath", field.get("jsonPath") or ""
        if not value:
            errors.append(field_errors.required(where))
            continue
        try:
            target = resolve(node, value, brackets=False)
        except PathError as error:
            errors.append(field_errors.invalid(where, value, f"is an invalid path: {error}"))
            continue
        if f"{value}.".startswith(".metadata."):
            errors.append(field_errors.invalid(where, value, "must not point to fields in metadata"))
        if target.type not in {"string", "boolean", "integer"}:
            detail = "must point to a field of type string, boolean or integer. Enum string fields and strings with "
            errors.append(field_errors.invalid(where, value, detail + "formats are allowed."))
        if value in seen:
            errors.append(field_errors.duplicate(where, value))
        seen.add(value)
    if len(seen) > _MAX_SELECTABLE and not as_before:
        errors.append(field_errors.too_many(path, len(seen), _MAX_SELECTABLE))
    return errors
