"""The rules of Deployments: how a rollout may proceed, and a selector that never changes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.workload import validate_counts, validate_template_for, workload_warnings
from podwright.apiserver.strategy import JSON, ScalePaths, Strategy, WriteContext, keep, set_generation

_COUNTS = ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
           "unavailableReplicas", "terminatingReplicas", "collisionCount")  # fmt: skip
_BOUNDED = ("updatedReplicas", "readyReplicas", "availableReplicas")


class DeploymentStrategy(Strategy):
    """Deployments: generation counts changes of the spec and of the annotations."""

    scale: ClassVar[ScalePaths | None] = ScalePaths()

    def default(self, obj: JSON) -> None:
        """Fill in one replica, a rolling update in quarters, and the template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        if spec.get("replicas") is None:
            spec["replicas"] = 1
        default_template(spec)
        strategy: JSON = spec.get("strategy") or {}
        spec["strategy"] = strategy
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling: JSON = strategy.get("rollingUpdate") or {}
            strategy["rollingUpdate"] = rolling
            if rolling.get("maxUnavailable") is None:
                rolling["maxUnavailable"] = "25%"
            if rolling.get("maxSurge") is None:
                rolling["maxSurge"] = "25%"
        if spec.get("revisionHistoryLimit") is None:
            spec["revisionHistoryLimit"] = 10
        if spec.get("progressDeadlineSeconds") is None:
            spec["progressDeadlineSeconds"] = 600

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status, at generation 1."""
        obj["status"] = {}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec and of the annotations."""
        keep(obj, old, "status")
        before = old["metadata"]
        same_notes = (obj["metadata"].get("annotations") or {}) == (before.get("annotations") or {})
        changed = obj.get("spec") != old.get("spec") or not same_notes
        set_generation(obj, (before.get("generation") or 0) + changed)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        formats.not_negative(errors, "spec.replicas", spec.get("replicas"))
        selector = selectors.parse_workload(errors, "spec.selector", spec.get("selector"))
        if selector is not None:
            validate_template_for(errors, spec.get("template") or {}, selector)
        _validate_strategy(errors, "spec.strategy", spec.get("strategy") or {})
        formats.not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
        formats.not_negative(errors, "spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
        deadline = spec.get("progressDeadlineSeconds")
        if deadline is not None:
            where = "spec.progressDeadlineSeconds"
            formats.not_negative(errors, where, deadline)
            if deadline <= (spec.get("minReadySeconds") or 0):
                errors.append(field_errors.invalid(where, deadline, "must be greater than minReadySeconds"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed deployment."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        errors += self.validate_create(obj, ctx)
        selector, before = (obj.get("spec") or {}).get("selector"), (old.get("spec") or {}).get("selector")
        selectors.immutable(errors, "spec.selector", selector, before)
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        status: JSON = obj.get("status") or {}
        errors = validate_counts(status, _COUNTS, _BOUNDED)
        before, count = (old.get("status") or {}).get("collisionCount"), status.get("collisionCount")
        if before is not None and (count is None or count < before):
            errors.append(field_errors.invalid("status.collisionCount", count or 0, "cannot be decremented"))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a new name, and of a template that may have changed."""
        return workload_warnings(obj, old)


def _validate_strategy(errors: Errors, path: str, strategy: JSON) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            detail = "may not be specified when strategy `type` is 'Recreate'"
            errors.append(field_errors.forbidden(f"{path}.rollingUpdate", detail))
    elif kind != "RollingUpdate":
        shown_rolling = rolling and {
            "MaxUnavailable": rolling.get("maxUnavailable", 0),
            "MaxSurge": rolling.get("maxSurge", 0),
        }
        text = shown.compact({"Type": kind, "RollingUpdate": shown_rolling})
        detail = 'supported values: "Recreate", "RollingUpdate"'
        errors.append(shown.ShownError("NotSupported", path, text, detail))
    elif rolling is None:
        detail = "this should be defaulted and never be nil"
        errors.append(field_errors.required(f"{path}.rollingUpdate", detail))
    else:
        _validate_rolling(errors, f"{path}.rollingUpdate", rolling)


def _validate_rolling(errors: Errors, path: str, rolling: JSON) -> None:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    for name, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        if isinstance(value, str):
            formats.complain(errors, f"{path}.{name}", value, names.percent(value))
        else:
            formats.not_negative(errors, f"{path}.{name}", value)
    where = f"{path}.maxUnavailable"
    if _amount(unavailable) == 0 and _amount(surge) == 0:
        errors.append(field_errors.invalid(where, unavailable, "may not be 0 when `maxSurge` is 0"))
    if isinstance(unavailable, str) and not names.percent(unavailable) and _amount(unavailable) > 100:
        errors.append(field_errors.invalid(where, unavailable, "must not be greater than 100%"))


def _amount(value: Any) -> int:
    """Return a number or a percentage as a number."""
    if isinstance(value, int):
        return value
    digits = str(value).removesuffix("%")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
