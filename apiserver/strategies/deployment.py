"""The rules of Deployments: how a rollout may proceed, and a selector that never changes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.apply.masks import Mask, hiding
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.rolling import amount, not_more_than_all, number_or_percent
from podwright.apiserver.strategies.workload import (
    not_decremented,
    validate_counts,
    validate_template_for,
    workload_warnings,
)
from podwright.apiserver.strategy import JSON, ScalePaths, Strategy, WriteContext, keep, set_generation

_COUNTS = ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
           "unavailableReplicas", "terminatingReplicas", "collisionCount")  # fmt: skip
_BOUNDED = ("updatedReplicas", "readyReplicas", "availableReplicas")


class DeploymentStrategy(Strategy):
    """Deployments: generation counts changes of the spec and of the annotations."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels",)
    scale: ClassVar[ScalePaths | None] = ScalePaths()
    masks: ClassVar[Mapping[str, Mask]] = {"": hiding("status"), "status": hiding("spec", "metadata.labels")}

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
            validate_template_for(errors, spec.get("template") or {}, selector, replicas=spec.get("replicas") or 0)
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
        not_decremented(errors, status, old.get("status") or {})
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
    where = f"{path}.maxUnavailable"
    number_or_percent(errors, where, unavailable)
    number_or_percent(errors, f"{path}.maxSurge", surge)
    if amount(unavailable) == 0 and amount(surge) == 0:
        errors.append(field_errors.invalid(where, unavailable, "may not be 0 when `maxSurge` is 0"))
    not_more_than_all(errors, where, unavailable)
