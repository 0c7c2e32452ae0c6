"""How much of a shared device can be asked for: single amounts or a range, and a default among them."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, quantity
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_VALUES_LIMIT = 10
_ORDER = "values must be sorted in ascending order"


def validate_policy(errors: Errors, path: str, policy: JSON, capacity: str) -> None:
    """Check a policy against the amount the device has."""
    values, span, default = (policy.get(name) for name in ("validValues", "validRange", "default"))
    if values and span is not None:
        detail = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
        errors.append(field_errors.forbidden(path, detail))
        return
    for name, given in (("validValues", values), ("validRange", span)):
        if given and default is None:
            errors.append(field_errors.required(f"{path}.default", f"required when {name} is defined"))
            return
    if values and default is not None:
        _validate_values(errors, f"{path}.validValues", values, default, capacity)
    elif span is not None and default is not None:
        _validate_range(errors, f"{path}.validRange", span, default, capacity)


def _validate_values(errors: Errors, path: str, values: list[str], default: str, capacity: str) -> None:
    amounts = [quantity.parse(value) for value in values]
    most = quantity.parse(capacity)
    for index in range(1, len(amounts)):
        if amounts[index] < amounts[index - 1]:
            errors.append(field_errors.invalid(f"{path}[{index}]", values[index], _ORDER))
    if len(values) > _VALUES_LIMIT:
        errors.append(field_errors.too_many(path, len(values), _VALUES_LIMIT))
        return
    for index, amount in enumerate(amounts):
        if amount > most:
            detail = f"option is larger than capacity value: {capacity}"
            errors.append(field_errors.invalid(f"{path}[{index}]", values[index], detail))
    for index, amount in enumerate(amounts):
        if amount in amounts[:index]:
            errors.append(field_errors.duplicate(f"{path}[{index}]", str(quantity.whole(values[index]))))
    if quantity.parse(default) not in amounts:
        detail = "default value is not valid according to the requestPolicy"
        errors.append(field_errors.invalid(path, default, detail))


def _validate_range(errors: Errors, path: str, span: JSON, default: str, capacity: str) -> None:
    least, most, step = (span.get(name) for name in ("min", "max", "step"))
    if least is None:
        errors.append(field_errors.required(f"{path}.min", "required when validRange is defined"))
        return
    for wrong, name, value, detail in (
        (_above(least, capacity), "min", least, f"min is larger than capacity value: {capacity}"),
        (_above(least, default), "default", default, f"default is less than min: {least}"),
        (most is not None and _above(least, most), "max", least, f"min is larger than max: {most}"),
        (most is not None and _above(most, capacity), "max", most, f"max is larger than capacity value: {capacity}"),
        (most is not None and _above(default, most), "default", default, f"default is more than max: {most}"),
    ):
        if wrong:
            errors.append(field_errors.invalid(f"{path}.{name}", value, detail))
    if step is not None:
        _validate_step(errors, f"{path}.step", step, least, [default] if most is None else [default, most], capacity)


def _validate_step(errors: Errors, path: str, step: str, least: str, values: list[str], capacity: str) -> None:
    size, base = quantity.milli(step), quantity.milli(least)
    if size <= 0:
        errors.append(field_errors.invalid(path, step, "must be greater than zero"))
        return
    if base + size > quantity.milli(capacity):
        first = quantity.canonical(f"{base + size}m")
        detail = f"one step {first} is larger than capacity value: {capacity}"
        errors.append(field_errors.invalid(path, step, detail))
    for value in values:
        if (quantity.milli(value) - base) % size:
            detail = f"value is not a multiple of a given step ({step}) from ({least})"
            errors.append(field_errors.invalid(path, value, detail))


def _above(one: str, other: str) -> bool:
    return quantity.parse(one) > quantity.parse(other)
