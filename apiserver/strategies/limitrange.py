"""The rules of LimitRanges: bounds and defaults that do not contradict each other."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.quantity import compare
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import may_overcommit
from podwright.apiserver.strategies.quantities import canonical_amount, copy_missing, default_resource_list, milli_of
from podwright.apiserver.strategies.resource_names import limited_name
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

TYPES: Final = ("Pod", "Container", "PersistentVolumeClaim")
_LISTS: Final = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
# What may not exceed what: (smaller, larger, the field and whose value a message shows, message).
_ORDERED: Final = (
    ("min", "max", "min", "min", "min value {0} is greater than max value {1}"),
    (
        "min", "defaultRequest", "defaultRequest", "defaultRequest",
        "min value {0} is greater than default request value {1}",
    ),
    (
        "defaultRequest", "max", "defaultRequest", "defaultRequest",
        "default request value {0} is greater than max value {1}",
    ),
    (
        "defaultRequest", "default", "defaultRequest", "defaultRequest",
        "default request value {0} is greater than default limit value {1}",
    ),
    ("min", "default", "default", "min", "min value {0} is greater than default value {1}"),
    ("default", "max", "default", "max", "default value {0} is greater than max value {1}"),
)  # fmt: skip


class LimitRangeStrategy(Strategy):
    """Limit ranges: a container's missing defaults follow from its bounds."""

    allow_create_on_update: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Spell amounts canonically and derive the defaults of containers."""
        for limit in (obj.get("spec") or {}).get("limits") or ():
            if limit.get("type") == "Container":
                _derive(limit)
            for name in _LISTS:
                default_resource_list(limit.get(name))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the limits."""
        errors: Errors = []
        seen: set[str] = set()
        for index, limit in enumerate((obj.get("spec") or {}).get("limits") or ()):
            _validate_limit(errors, f"spec.limits[{index}]", limit, seen)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed limits; everything may change."""
        errors = meta.repeated_on_update(obj, old, changes=0, creations=1, name_rule=names.dns1123_subdomain)
        return errors + self.validate_create(obj, ctx)


def _derive(limit: JSON) -> None:
    default, request = dict(limit.get("default") or {}), dict(limit.get("defaultRequest") or {})
    copy_missing(limit.get("max"), default)
    copy_missing(default, request)
    copy_missing(limit.get("min"), request)
    for name, amounts in (("default", default), ("defaultRequest", request)):
        if amounts:
            limit[name] = amounts


def _validate_limit(errors: Errors, path: str, limit: JSON, seen: set[str]) -> None:
    kind = limit.get("type") or ""
    problems = names.qualified_name(kind)
    if not problems and "/" not in kind and kind not in TYPES:
        problems = ["must be a standard limit type or fully qualified"]
    formats.complain(errors, f"{path}.type", kind, problems)
    if kind in seen:
        errors.append(field_errors.duplicate(f"{path}.type", kind))
    seen.add(kind)
    used = [name for name in _LISTS if limit.get(name)]
    for name in used:
        if kind == "Pod" and name in {"default", "defaultRequest"}:
            errors.append(field_errors.forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'"))
            continue
        for resource in limit[name]:
            limited_name(errors, f"{path}.{name}[{resource}]", resource, kind)
    if kind == "PersistentVolumeClaim" and not any("storage" in (limit.get(name) or {}) for name in ("min", "max")):
        detail = "either minimum or maximum storage value is required, but neither was provided"
        errors.append(field_errors.required(f"{path}.limits", detail))
    counted = [name for name in used if kind != "Pod" or name not in {"default", "defaultRequest"}]
    for resource in sorted({resource for name in counted for resource in limit[name]}):
        _validate_resource(errors, path, resource, {name: limit[name].get(resource) for name in counted})


def _validate_resource(errors: Errors, path: str, resource: str, amounts: dict[str, str | None]) -> None:
    get: Callable[[str], str | None] = amounts.get
    for small, large, field, value, text in _ORDERED:
        low, high = get(small), get(large)
        if low is not None and high is not None and compare(low, high) > 0:
            detail = text.format(canonical_amount(low), canonical_amount(high))
            shown = low if value == small else high
            errors.append(field_errors.invalid(f"{path}.{field}[{resource}]", canonical_amount(shown), detail))
    ratio, low, high = get("maxLimitRequestRatio"), get("min"), get("max")
    if ratio is not None:
        where, text = f"{path}.maxLimitRequestRatio[{resource}]", canonical_amount(ratio)
        if compare(ratio, "1") < 0:
            errors.append(field_errors.invalid(where, text, f"ratio {text} is less than 1"))
        if low is not None and high is not None and milli_of(low):
            possible = milli_of(high) / milli_of(low)
            if milli_of(ratio) / 1000 > possible:
                detail = f"ratio {text} is greater than max/min = {possible:f}"
                errors.append(field_errors.invalid(where, text, detail))
    default, request = get("default"), get("defaultRequest")
    if default is not None and request is not None and not may_overcommit(resource) and compare(default, request):
        detail = (
            f"default value {canonical_amount(default)} must equal to defaultRequest value "
            f"{canonical_amount(request)} in {resource}"
        )
        errors.append(field_errors.invalid(f"{path}.defaultRequest[{resource}]", canonical_amount(request), detail))
