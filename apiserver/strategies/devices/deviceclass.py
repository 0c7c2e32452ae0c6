"""The rules of DeviceClasses: selectors and settings for drivers."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.devices.items import each
from podwright.apiserver.strategies.devices.selection import CONFIG_LIMIT, validate_selectors, validate_settings
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import is_extended
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation, spec_changed


class DeviceClassStrategy(Strategy):
    """Classes of devices; generation counts changes of the spec."""

    returns_object_on_delete: ClassVar[bool] = True

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec."""
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        return _validate(obj["spec"], {})

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed class; what did not change was checked before."""
        rule = names.dns1123_subdomain
        errors = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=rule)
        return errors + _validate(obj["spec"], old["spec"])


def _validate(spec: JSON, before: JSON) -> Errors:
    errors: Errors = []
    if not spec.get("selectors") or spec["selectors"] != before.get("selectors"):
        validate_selectors(errors, "spec.selectors", spec.get("selectors"))
    stored = spec.get("config") == before.get("config")

    def settings(errors: Errors, path: str, item: JSON) -> None:
        validate_settings(errors, path, item, stored=stored)

    each(errors, "spec.config", spec.get("config"), CONFIG_LIMIT, settings)
    name = spec.get("extendedResourceName")
    if name is not None and not is_extended(name):
        detail = "must be a valid extended resource name"
        errors.append(field_errors.invalid("spec.extendedResourceName", name, detail))
    return errors
