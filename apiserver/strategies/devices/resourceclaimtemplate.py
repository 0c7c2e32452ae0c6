"""The rules of ResourceClaimTemplates: a claim's spec with labels and annotations, fixed once made."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.resource.resourceclaimtemplate import ResourceClaimTemplateSpec
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.devices.request import default_requests, validate_requests
from podwright.apiserver.strategies.devices.resourceclaim import validate_admin
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class ResourceClaimTemplateStrategy(Strategy):
    """Templates of claims for devices."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in the defaults of requests."""
        default_requests(obj["spec"]["spec"])

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the template."""
        errors: Errors = validate_admin(obj["spec"]["spec"], "spec.spec", ctx)
        metadata: JSON = obj["spec"].get("metadata") or {}
        meta.validate_annotations(errors, metadata.get("annotations"), "spec.metadata.annotations")
        formats.labels(errors, "spec.metadata.labels", metadata.get("labels"))
        errors += [
            field_errors.forbidden(f"spec.metadata.{name}", "cannot be set")
            for name, value in metadata.items()
            if value and name not in {"annotations", "labels"}
        ]
        validate_requests(errors, "spec.spec", obj["spec"]["spec"])
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        if obj["spec"] != old["spec"]:
            text = internal_text(ResourceClaimTemplateSpec, obj["spec"])
            errors.append(shown.ShownError("Invalid", "spec", text, "field is immutable"))
        return errors
