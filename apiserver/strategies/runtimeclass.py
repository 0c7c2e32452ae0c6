"""The rules of RuntimeClasses: a handler that never changes, an overhead, and where pods of the class can run."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.affinity import validate_tolerations
from podwright.apiserver.strategies.pod.resources import validate_requirements
from podwright.apiserver.strategies.pod.spelling import spelled_toleration
from podwright.apiserver.strategies.pod.warnings import NODE_LABELS
from podwright.apiserver.strategies.quantities import default_resource_list
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class RuntimeClassStrategy(Strategy):
    """Runtime classes."""

    allow_create_on_update: ClassVar[bool] = True
    allow_unconditional_update: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Spell amounts canonically."""
        default_resource_list((obj.get("overhead") or {}).get("podFixed"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a class."""
        errors: Errors = []
        handler = obj.get("handler") or ""
        if handler:
            formats.complain(errors, "handler", handler, names.dns1123_label(handler))
        else:
            errors.append(field_errors.required("handler"))
        fixed = (obj.get("overhead") or {}).get("podFixed")
        if fixed:
            validate_requirements(errors, "overhead", {"limits": fixed}, ())
        scheduling: JSON = obj.get("scheduling") or {}
        formats.labels(errors, "scheduling.nodeSelector", scheduling.get("nodeSelector"))
        tolerations: list[JSON] = scheduling.get("tolerations") or []
        validate_tolerations(errors, "scheduling.tolerations", tolerations)
        for index, toleration in enumerate(tolerations):
            if toleration in tolerations[:index]:
                text = shown.compact(spelled_toleration(toleration))
                errors.append(shown.ShownError("Duplicate", f"scheduling.tolerations[{index}]", text))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed class."""
        errors = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=names.dns1123_subdomain)
        errors += self.validate_create(obj, ctx)
        if obj.get("handler") != old.get("handler"):
            errors.append(field_errors.invalid("handler", obj.get("handler") or "", "field is immutable"))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of labels that have been replaced."""
        wanted = (obj.get("scheduling") or {}).get("nodeSelector") or ()
        return [f"scheduling.nodeSelector: {NODE_LABELS[key]}" for key in wanted if key in NODE_LABELS]
