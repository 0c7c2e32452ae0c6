"""The rules of PodDisruptionBudgets: one bound, as a number or percentage, over the pods of a selector."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import Any, ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import conditions, formats, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

_COUNTS: Final = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
_BOUNDS: Final = ("minAvailable", "maxUnavailable")
_POLICIES: Final = ("AlwaysAllow", "IfHealthyBudget")
_MEMBERS: Final = (
    ("MinAvailable", "minAvailable", None),
    ("Selector", "selector", None),
    ("MaxUnavailable", "maxUnavailable", None),
    ("UnhealthyPodEvictionPolicy", "unhealthyPodEvictionPolicy", None),
)


class PodDisruptionBudgetStrategy(Strategy):
    """Budgets: a PUT must say which version it replaces, so that no bound is loosened unseen."""

    allow_unconditional_update: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Write the counts out, which are never left out."""
        status: JSON = obj.get("status") or {}
        obj["status"] = status
        for name in _COUNTS:
            status.setdefault(name, 0)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with nothing counted, at generation 1."""
        obj["status"] = dict.fromkeys(_COUNTS, 0)
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        given = [name for name in _BOUNDS if spec.get(name) is not None]
        if len(given) > 1:
            text = shown.members(spec, _MEMBERS)
            detail = "minAvailable and maxUnavailable cannot be both set"
            errors.append(shown.ShownError("Invalid", "spec", text, detail))
        for name in given:
            _validate_bound(errors, f"spec.{name}", spec[name])
        policy = spec.get("unhealthyPodEvictionPolicy")
        if policy is not None and policy not in _POLICIES:
            errors.append(field_errors.not_supported("spec.unhealthyPodEvictionPolicy", policy, _POLICIES))
        selectors.validate(errors, "spec.selector", spec.get("selector"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed budget; every field of the spec may change."""
        return self.validate_create(obj, ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors: Errors = []
        status: JSON = obj.get("status") or {}
        conditions.validate(errors, "status.conditions", status.get("conditions"))
        for name in _COUNTS:
            formats.not_negative(errors, f"status.{name}", status.get(name))
        return errors


def _validate_bound(errors: Errors, path: str, value: Any) -> None:
    if not isinstance(value, str):
        formats.not_negative(errors, path, value)
        return
    problems = names.percent(value)
    formats.complain(errors, path, value, problems)
    if not problems and int(value.removesuffix("%")) > 100:
        errors.append(field_errors.invalid(path, value, "must not be greater than 100%"))
