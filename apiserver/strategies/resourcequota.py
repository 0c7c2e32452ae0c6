"""The rules of ResourceQuotas: what can be bounded, and which scopes fit which resource."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import amount_value
from podwright.apiserver.strategies.quantities import default_resource_list
from podwright.apiserver.strategies.resource_names import (
    CLAIM_USE,
    POD_COMPUTE,
    POD_COUNT,
    is_quota_standard,
    quota_name,
)
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_PODS: Final = POD_COUNT | POD_COMPUTE
SCOPES: Final = {
    "BestEffort": POD_COUNT,
    "CrossNamespacePodAffinity": _PODS,
    "NotBestEffort": _PODS,
    "NotTerminating": _PODS,
    "PriorityClass": _PODS,
    "Terminating": _PODS,
    "VolumeAttributesClass": CLAIM_USE,
}
"""Each scope with the resources without a domain that it can narrow."""

_VALUELESS: Final = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity")
_ONLY_EXISTS: Final = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_CONFLICTS: Final = (frozenset(("BestEffort", "NotBestEffort")), frozenset(("Terminating", "NotTerminating")))


class ResourceQuotaStrategy(Strategy):
    """Quotas: scopes are fixed, because what was counted before would not be counted after."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Spell amounts canonically."""
        spec: JSON = obj.get("spec") or {}
        status: JSON = obj.get("status") or {}
        obj["spec"], obj["status"] = spec, status
        for amounts in (spec.get("hard"), status.get("hard"), status.get("used")):
            default_resource_list(amounts)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with nothing counted."""
        obj["status"] = {}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_amounts(errors, "spec.hard", spec.get("hard"))
        _validate_scopes(errors, spec)
        _validate_selector(errors, spec)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed quota."""
        errors = self.validate_create(obj, ctx)
        scopes: list[str] | None = (obj.get("spec") or {}).get("scopes")
        if set(scopes or ()) != set((old.get("spec") or {}).get("scopes") or ()):
            errors.append(field_errors.invalid("spec.scopes", scopes, "field is immutable"))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors: Errors = []
        status: JSON = obj.get("status") or {}
        for name in ("hard", "used"):
            _validate_amounts(errors, f"status.{name}", status.get(name))
        return errors


def _validate_amounts(errors: Errors, path: str, amounts: JSON | None) -> None:
    for name, amount in (amounts or {}).items():
        where = f"{path}[{name}]"
        quota_name(errors, where, name)
        amount_value(errors, where, name, amount)


def _misfits(scope: str, spec: JSON) -> int:
    """How many bounded resources a scope cannot narrow."""
    fitting: Collection[str] | None = SCOPES.get(scope)
    hard = spec.get("hard") or {}
    return 0 if fitting is None else sum(is_quota_standard(name) and name not in fitting for name in hard)


def _validate_scopes(errors: Errors, spec: JSON) -> None:
    scopes: list[str] = spec.get("scopes") or []
    path = "spec.scopes"
    for scope in scopes:
        problems = [] if scope in SCOPES else ["unsupported scope"]
        problems += ["unsupported scope applied to resource"] * _misfits(scope, spec)
        errors.extend(field_errors.invalid(path, scopes, problem) for problem in problems)
    if any(pair <= set(scopes) for pair in _CONFLICTS):
        errors.append(field_errors.invalid(path, scopes, "conflicting scopes"))


def _validate_selector(errors: Errors, spec: JSON) -> None:
    selector: JSON | None = spec.get("scopeSelector")
    if selector is None:
        return
    path = "spec.scopeSelector.matchExpressions"
    expressions: list[JSON] = selector.get("matchExpressions") or []
    for expression in expressions:
        scope: str = expression.get("scopeName") or ""
        operator: str = expression.get("operator") or ""
        if scope not in SCOPES:
            errors.append(field_errors.invalid(f"{path}.scopeName", scope, "unsupported scope"))
        text = _shown(expressions)
        detail = "unsupported scope applied to resource"
        errors.extend([shown.ShownError("Invalid", path, text, detail)] * _misfits(scope, spec))
        if scope in _VALUELESS and operator != "Exists":
            errors.append(field_errors.invalid(f"{path}.operator", operator, _ONLY_EXISTS))
        _validate_values(errors, path, operator, expression.get("values") or [])
    used = {expression.get("scopeName") for expression in expressions}
    if any(pair <= used for pair in _CONFLICTS):
        errors.append(field_errors.invalid(path, spec.get("scopes"), "conflicting scopes"))


def _validate_values(errors: Errors, path: str, operator: str, values: list[str]) -> None:
    if operator in {"In", "NotIn"}:
        if not values:
            detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            errors.append(field_errors.required(f"{path}.values", detail))
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            errors.append(field_errors.invalid(f"{path}.values", values, detail))
    else:
        errors.append(field_errors.invalid(f"{path}.operator", operator, "not a valid selector operator"))


def _shown(expressions: list[JSON]) -> str:
    members = [
        {"ScopeName": e.get("scopeName") or "", "Operator": e.get("operator") or "", "Values": e.get("values")}
        for e in expressions
    ]
    return shown.compact({"MatchExpressions": members})
