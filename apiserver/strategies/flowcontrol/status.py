"""The rules of the status that flow schemas and priority levels have: conditions, one of a type."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]


def validate(status: JSON) -> Errors:
    """List what is wrong with a status."""
    errors: Errors = []
    seen: set[str] = set()
    for index, condition in enumerate(status.get("conditions") or ()):
        where, kind = f"status.conditions[{index}].type", condition.get("type") or ""
        if kind in seen:
            errors.append(field_errors.duplicate(where, kind))
        seen.add(kind)
        if not kind:
            errors.append(field_errors.required(where, "must not be empty"))
    return errors
