"""The rules of PodTemplates: a template as good as any workload's."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.pod.validate import validate_template
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed


class PodTemplateStrategy(Strategy):
    """PodTemplates: generation counts changes of the template."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in the template's defaults."""
        default_template(obj)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the template."""
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the template."""
        errors: Errors = []
        validate_template(errors, "template", obj.get("template") or {})
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed template."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        return errors + self.validate_create(obj, ctx)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a template that may have changed."""
        if old is not None and not spec_changed(obj, old):
            return []
        from podwright.apiserver.strategies.pod.warnings import template_warnings

        return template_warnings("template", obj.get("template") or {})
