"""The rules of status conditions in their common form: `meta.v1` Condition lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_STATUSES: Final = ("False", "True", "Unknown")
_REASON: Final = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_REASON_RE: Final = re.compile(_REASON)
_REASON_TEXT: Final = (
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or "
    f"'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '{_REASON}')"
)
_MAX_REASON: Final = 1024
_MAX_MESSAGE: Final = 32768


def validate(errors: Errors, path: str, conditions: Sequence[JSON] | None) -> None:
    """Check a list of conditions: unique types, and all that a condition must say."""
    seen: set[str] = set()
    for index, condition in enumerate(conditions or ()):
        where, kind = f"{path}[{index}]", condition.get("type") or ""
        if kind in seen:
            errors.append(field_errors.duplicate(f"{where}.type", kind))
        seen.add(kind)
        _validate_one(errors, where, kind, condition)


def _validate_one(errors: Errors, path: str, kind: str, condition: JSON) -> None:
    formats.complain(errors, f"{path}.type", kind, names.qualified_name(kind))
    status = condition.get("status") or ""
    if status not in _STATUSES:
        errors.append(field_errors.not_supported(f"{path}.status", status, _STATUSES))
    generation = condition.get("observedGeneration") or 0
    if generation < 0:
        detail = "must be greater than or equal to zero"
        errors.append(field_errors.invalid(f"{path}.observedGeneration", generation, detail))
    if not condition.get("lastTransitionTime"):
        errors.append(field_errors.required(f"{path}.lastTransitionTime", "must be set"))
    reason = condition.get("reason") or ""
    if not reason:
        errors.append(field_errors.required(f"{path}.reason", "must be set"))
    elif not _REASON_RE.fullmatch(reason):
        errors.append(field_errors.invalid(f"{path}.reason", reason, _REASON_TEXT))
    if len(reason.encode()) > _MAX_REASON:
        errors.append(field_errors.too_long(f"{path}.reason", reason, _MAX_REASON))
    message = condition.get("message") or ""
    if len(message.encode()) > _MAX_MESSAGE:
        errors.append(field_errors.too_long(f"{path}.message", message, _MAX_MESSAGE))
