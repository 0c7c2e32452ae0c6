"""The rules of VolumeAttributesClasses: driver and attributes never change."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import drivers, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_FIXED = ("driverName", "parameters")


class VolumeAttributesClassStrategy(Strategy):
    """Classes of volume attributes."""

    returns_object_on_delete: ClassVar[bool] = True

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new class."""
        errors: Errors = []
        drivers.provisioner(errors, "driverName", obj.get("driverName"))
        drivers.parameters(errors, "parameters", obj.get("parameters"), required=True)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        rule = names.dns1123_subdomain
        errors = self.validate_create(obj, ctx)
        errors += meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=rule)
        errors += [
            field_errors.forbidden(name, f"updates to {name} are forbidden.")
            for name in _FIXED
            if (obj.get(name) or None) != (old.get(name) or None)
        ]
        return errors + self.validate_create(obj, ctx)
