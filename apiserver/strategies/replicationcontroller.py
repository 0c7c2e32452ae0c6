"""The rules of ReplicationControllers: selector and labels come from the template where they are left out."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.labels import Selector
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.workload import validate_counts, validate_template_for, workload_warnings
from podwright.apiserver.strategy import (
    JSON,
    ScalePaths,
    Strategy,
    WriteContext,
    keep,
    raise_generation,
    set_generation,
)

_COUNTS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
_BOUNDED = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")


class ReplicationControllerStrategy(Strategy):
    """ReplicationControllers: their pods stay when they go, and generation counts changes of the spec."""

    default_propagation: ClassVar[str] = "Orphan"
    scale: ClassVar[ScalePaths | None] = ScalePaths()
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = {
        "status.replicas": lambda controller: str((controller.get("status") or {}).get("replicas") or 0)
    }

    def default(self, obj: JSON) -> None:
        """Fill in one replica, the template's labels as selector and labels, and the template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        if spec.get("replicas") is None:
            spec["replicas"] = 1
        if spec.get("template") is None:
            return
        default_template(spec)
        labels = spec["template"]["metadata"].get("labels")
        if labels and not spec.get("selector"):
            spec["selector"] = dict(labels)
        if labels and not obj["metadata"].get("labels"):
            obj["metadata"]["labels"] = dict(labels)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with no pods, at generation 1."""
        obj["status"] = {"replicas": 0}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        formats.not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
        if not spec.get("selector"):
            errors.append(field_errors.required("spec.selector"))
        replicas = spec.get("replicas") or 0
        formats.not_negative(errors, "spec.replicas", replicas)
        if spec.get("template") is None:
            errors.append(field_errors.required("spec.template"))
            return errors
        selector = Selector.from_map(spec.get("selector") or {})
        owner = "ReplicationController"
        validate_template_for(errors, spec["template"], selector, owner=owner, replicas=replicas)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed controller."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        problems = self.validate_create(obj, ctx)
        return errors + problems + problems  # clients see them of both checks the kind has

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return validate_counts(obj.get("status") or {}, _COUNTS, _BOUNDED)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a new name, and of a template that may have changed."""
        return workload_warnings(obj, old)
