"""The rules of DaemonSets: updates that surge or go without, never both, and a selector that never changes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from contextlib import suppress
from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.pod.validate import validate_template
from podwright.apiserver.strategies.rolling import amount, not_more_than_all, number_or_percent
from podwright.apiserver.strategies.workload import (
    matches_template,
    not_decremented,
    restarted_for_ever,
    shared_disks,
    validate_counts,
    workload_warnings,
)
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_ALWAYS_SHOWN = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
_COUNTS = (*_ALWAYS_SHOWN, "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
           "collisionCount")  # fmt: skip


class DaemonSetStrategy(Strategy):
    """DaemonSets: generation counts changes of the spec, an annotation those of the template."""

    def default(self, obj: JSON) -> None:
        """Fill in an update of one node after the other, and the template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        default_template(spec)
        _set_template_generation(obj, max(_template_generation(obj), 1))
        strategy: JSON = spec.get("updateStrategy") or {}
        spec["updateStrategy"] = strategy
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling: JSON = strategy.get("rollingUpdate") or {}
            strategy["rollingUpdate"] = rolling
            if rolling.get("maxUnavailable") is None:
                rolling["maxUnavailable"] = 1
            if rolling.get("maxSurge") is None:
                rolling["maxSurge"] = 0
        if spec.get("revisionHistoryLimit") is None:
            spec["revisionHistoryLimit"] = 10

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start on no node, at generation 1 of spec and template."""
        obj["status"] = dict.fromkeys(_ALWAYS_SHOWN, 0)
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec and of the template."""
        keep(obj, old, "status")
        spec, before = obj.get("spec") or {}, old.get("spec") or {}
        raise_generation(obj, old, changed=spec != before)
        _set_template_generation(obj, _template_generation(old) + (spec.get("template") != before.get("template")))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        template: JSON = spec.get("template") or {}
        wanted = spec.get("selector")
        selectors.validate(errors, "spec.selector", wanted)
        with suppress(SelectorError):  # reported by the check before
            matches_template(errors, "spec.template", Selector.from_label_selector(wanted), template)
        if wanted is not None and not wanted.get("matchLabels") and not wanted.get("matchExpressions"):
            text, detail = shown.selector(wanted), "empty selector is invalid for daemonset"
            errors.append(shown.ShownError("Invalid", "spec.selector", text, detail))
        validate_template(errors, "spec.template", template)
        pod: JSON = template.get("spec") or {}
        shared_disks(errors, "spec.template.spec.volumes", pod.get("volumes") or ())
        restarted_for_ever(errors, "spec.template.spec", pod, "DaemonSet")
        formats.not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
        _validate_strategy(errors, "spec.updateStrategy", spec.get("updateStrategy") or {})
        formats.not_negative(errors, "spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed set."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        problems = self.validate_create(obj, ctx)
        errors += problems + problems  # clients see them of both checks the kind has
        selector, before = (obj.get("spec") or {}).get("selector"), (old.get("spec") or {}).get("selector")
        selectors.immutable(errors, "spec.selector", selector, before)
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        status: JSON = obj.get("status") or {}
        errors = validate_counts(status, _COUNTS, ())
        not_decremented(errors, status, old.get("status") or {})
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a template that may have changed."""
        return workload_warnings(obj, old, named=False)


def _template_generation(obj: JSON) -> int:
    text = str((obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _set_template_generation(obj: JSON, generation: int) -> None:
    annotations: JSON = obj["metadata"].get("annotations") or {}
    obj["metadata"]["annotations"] = {**annotations, TEMPLATE_GENERATION: str(generation)}


def _validate_strategy(errors: Errors, path: str, strategy: JSON) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        if rolling is None:
            errors.append(field_errors.required(f"{path}.rollingUpdate"))
        else:
            _validate_rolling(errors, f"{path}.rollingUpdate", rolling)
    elif kind != "OnDelete":
        text = shown.compact({"Type": kind, "RollingUpdate": _shown_rolling(rolling)})
        detail = 'supported values: "RollingUpdate", "OnDelete"'
        errors.append(shown.ShownError("NotSupported", path, text, detail))


def _shown_rolling(rolling: JSON | None) -> Any:
    return rolling and {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}


def _validate_rolling(errors: Errors, path: str, rolling: JSON) -> None:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    for check in (number_or_percent, not_more_than_all):
        for name, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
            check(errors, f"{path}.{name}", value)
    if amount(unavailable) and amount(surge):
        detail = "may not be set when maxUnavailable is non-zero"
        errors.append(field_errors.invalid(f"{path}.maxSurge", surge, detail))
    elif not amount(unavailable) and not amount(surge):
        errors.append(field_errors.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
