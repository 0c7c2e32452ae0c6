"""Rules that classes and claims share: selectors, settings, tolerations."""

from __future__ import annotations

from typing import Any, Final

import orjson

from podwright.api import field_errors, names
from podwright.apiserver.strategies import drivers, formats
from podwright.apiserver.strategies.devices.items import each
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

SELECTORS_LIMIT: Final = 32
CONFIG_LIMIT: Final = 32
DATA_LIMIT: Final = 10 * 1024
TAINT_EFFECTS: Final = ("NoExecute", "NoSchedule", "None")
_OPERATORS = ("Equal", "Exists")


def default_toleration(toleration: JSON) -> None:
    """Fill in the operator."""
    if not toleration.get("operator"):
        toleration["operator"] = "Equal"


def validate_selectors(errors: Errors, path: str, selectors: list[JSON] | None) -> None:
    """Check selectors: an expression each."""
    each(errors, path, selectors, SELECTORS_LIMIT, _validate_selector)


def _validate_selector(errors: Errors, path: str, selector: JSON) -> None:
    cel = selector.get("cel")
    if cel is None:
        errors.append(field_errors.required(f"{path}.cel"))
        return
    from podwright.apiserver.strategies.devices.expressions import problem_of  # the engine loads with the first one

    problem = problem_of(f"{path}.cel.expression", cel.get("expression") or "")
    if problem is not None:
        errors.append(problem)


def validate_settings(errors: Errors, path: str, settings: JSON, *, stored: bool = False) -> None:
    """Check settings for a driver; `stored` ones may be longer than what is new."""
    opaque = settings.get("opaque")
    if opaque is None:
        errors.append(field_errors.required(f"{path}.opaque"))
        return
    drivers.driver_name(errors, f"{path}.opaque.driver", opaque.get("driver"))
    validate_data(errors, f"{path}.opaque.parameters", opaque.get("parameters"), stored=stored)


def validate_data(errors: Errors, path: str, data: Any, *, stored: bool = False) -> None:
    """Check that there is an object that is not too large."""
    if data is None:
        errors.append(field_errors.required(path))
    elif not stored and len(orjson.dumps(data)) > DATA_LIMIT:
        errors.append(field_errors.too_long(path, "", DATA_LIMIT))
    elif not isinstance(data, dict):
        errors.append(field_errors.invalid(path, "<value omitted>", "must be a valid JSON object"))


def validate_toleration(errors: Errors, path: str, toleration: JSON) -> None:
    """Check a toleration."""
    key, value, effect = (toleration.get(name) or "" for name in ("key", "value", "effect"))
    operator = toleration.get("operator") or ""
    if key:
        formats.complain(errors, f"{path}.key", key, names.label_key(key))
    if operator == "Exists":
        if value:
            errors.append(field_errors.invalid(f"{path}.value", value, "must be empty for operator `Exists`"))
    elif operator == "Equal":
        formats.complain(errors, f"{path}.value", value, names.label_value(value))
    else:
        formats.one_of(errors, f"{path}.operator", operator, _OPERATORS)
    if effect and effect not in TAINT_EFFECTS:
        errors.append(field_errors.not_supported(f"{path}.effect", effect, TAINT_EFFECTS))
