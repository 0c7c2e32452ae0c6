"""What a definition's names must look like."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError

JSON = dict[str, Any]


def label(errors: list[FieldError], path: str, value: str, start: str = "") -> None:
    """Check a label that begins with a letter; all that is wrong with it is one error."""
    found = names.dns1035_label(value)
    if found:
        errors.append(field_errors.invalid(path, value, start + ",".join(found)))


def validate_names(found: JSON, path: str) -> list[FieldError]:
    """List what is wrong with names; whether they are there is another question."""
    errors: list[FieldError] = []
    for key in ("plural", "singular"):
        if found.get(key):
            label(errors, f"{path}.{key}", found[key])
    for key in ("kind", "listKind"):
        value = found.get(key) or ""
        problems = names.dns1035_label(value.lower()) if value else []
        if problems:
            detail = "may have mixed case, but should otherwise match: " + ",".join(problems)
            errors.append(field_errors.invalid(f"{path}.{key}", value, detail))
    for index, value in enumerate(found.get("shortNames") or ()):
        label(errors, f"{path}.shortNames[{index}]", value)
    kind = found.get("kind") or ""
    if kind and kind == found.get("listKind"):
        errors.append(field_errors.invalid(f"{path}.listKind", kind, "kind and listKind may not be the same"))
    for index, value in enumerate(found.get("categories") or ()):
        label(errors, f"{path}.categories[{index}]", value)
    return errors
