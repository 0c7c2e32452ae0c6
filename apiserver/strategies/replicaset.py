"""The rules of ReplicaSets: a count of pods of one template, found by a selector that never changes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, selectors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.workload import validate_counts, validate_template_for, workload_warnings
from podwright.apiserver.strategy import JSON, ScalePaths, Strategy, WriteContext, keep, set_generation

_COUNTS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas",
           "observedGeneration")  # fmt: skip
_BOUNDED = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")


class ReplicaSetStrategy(Strategy):
    """ReplicaSets: generation counts changes of the spec."""

    scale: ClassVar[ScalePaths | None] = ScalePaths()

    def default(self, obj: JSON) -> None:
        """Fill in one replica and the template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        if spec.get("replicas") is None:
            spec["replicas"] = 1
        default_template(spec)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with no pods, at generation 1."""
        obj["status"] = {"replicas": 0}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        before = old["metadata"].get("generation") or 0
        set_generation(obj, before + (obj.get("spec") != old.get("spec")))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        formats.not_negative(errors, "spec.replicas", spec.get("replicas"))
        formats.not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
        selector = selectors.parse_workload(errors, "spec.selector", spec.get("selector"))
        if selector is not None:
            validate_template_for(errors, spec.get("template") or {}, selector, replicas=spec.get("replicas") or 0)
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
        return validate_counts(obj.get("status") or {}, _COUNTS, _BOUNDED)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a new name, and of a template that may have changed."""
        return workload_warnings(obj, old)
