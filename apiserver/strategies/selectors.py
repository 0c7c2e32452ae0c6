"""Label selectors inside specs: their form, and the two ways messages report a bad one."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_WITH_VALUES = ("In", "NotIn")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def validate(errors: Errors, path: str, selector: JSON | None) -> None:
    """Check a LabelSelector; none at all is fine."""
    if not selector:
        return
    if selector.get("matchLabels"):
        formats.labels(errors, f"{path}.matchLabels", selector["matchLabels"])
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        _validate_expression(errors, f"{path}.matchExpressions[{index}]", expression)


def parse_workload(errors: Errors, path: str, selector: JSON | None) -> Selector | None:
    """Check the selector a workload finds its pods by: there, not empty, well formed; None when it is not usable."""
    if selector is None:
        errors.append(field_errors.required(path))
    else:
        validate(errors, path, selector)
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            errors.append(_shown(path, selector, "empty selector is invalid for deployment"))
    try:
        return Selector.from_label_selector(selector)
    except SelectorError:
        errors.append(_shown(path, selector, "invalid label selector"))
        return None


def immutable(errors: Errors, path: str, selector: JSON | None, old: JSON | None) -> None:
    """Check that a selector has not changed."""
    if selector != old:
        errors.append(_shown(path, selector, "field is immutable"))


def _shown(path: str, selector: JSON | None, detail: str) -> field_errors.FieldError:
    return shown.ShownError("Invalid", path, shown.selector(selector), detail)


def operator_and_values(errors: Errors, path: str, expression: JSON) -> None:
    """Check that an expression's operator is known, and that it has values or none as its operator wants."""
    operator, values = expression.get("operator") or "", expression.get("values") or ()
    if operator in _WITH_VALUES:
        if not values:
            detail = "must be specified when `operator` is 'In' or 'NotIn'"
            errors.append(field_errors.required(f"{path}.values", detail))
    elif operator in _WITHOUT_VALUES:
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field_errors.forbidden(f"{path}.values", detail))
    else:
        errors.append(field_errors.invalid(f"{path}.operator", operator, "not a valid selector operator"))


def _validate_expression(errors: Errors, path: str, expression: JSON) -> None:
    operator_and_values(errors, path, expression)
    formats.qualified_name(errors, f"{path}.key", expression.get("key") or "")
    for index, value in enumerate(expression.get("values") or ()):
        formats.complain(errors, f"{path}.values[{index}]", value, names.label_value(value))
