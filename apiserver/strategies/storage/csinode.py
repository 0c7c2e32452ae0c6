"""The rules of CSINodes: drivers come and go; what a driver calls the node stays."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.storage.csinode import CSINodeDriver
from podwright.apiserver.strategies import drivers, formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_NODE_ID_LIMIT = 256


class CSINodeStrategy(Strategy):
    """The CSI drivers of nodes."""

    returns_object_on_delete: ClassVar[bool] = True
    allow_unconditional_update: ClassVar[bool] = False

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the drivers."""
        errors: Errors = []
        _validate_drivers(errors, "spec.drivers", _drivers(obj))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed drivers."""
        rule = names.dns1123_subdomain
        errors = self.validate_create(obj, ctx)
        errors += meta.repeated_on_update(obj, old, changes=0, creations=1, namespaced=False, name_rule=rule)
        errors += self.validate_create(obj, ctx)
        for before in _drivers(old):
            for driver in _drivers(obj):
                if driver.get("name") == before.get("name") and _fixed(driver) != _fixed(before):
                    text = internal_text(CSINodeDriver, _fixed(driver))
                    errors.append(shown.ShownError("Invalid", "spec.drivers", text, "field is immutable"))
        return errors


def _drivers(obj: JSON) -> Sequence[JSON]:
    return (obj.get("spec") or {}).get("drivers") or ()


def _fixed(driver: JSON) -> JSON:
    return {name: value for name, value in driver.items() if name != "allocatable" and value}


def _validate_drivers(errors: Errors, path: str, found: Sequence[JSON]) -> None:
    seen: set[str] = set()
    for index, driver in enumerate(found):
        where, name = f"{path}[{index}]", driver.get("name") or ""
        drivers.driver_name(errors, f"{where}.name", name)
        node = driver.get("nodeID") or ""
        if not node:
            errors.append(field_errors.required(f"{where}.nodeID"))
        if len(node.encode()) > _NODE_ID_LIMIT:
            errors.append(field_errors.invalid(f"{where}.nodeID", node, "must be 256 characters or less"))
        formats.not_negative(errors, f"{where}.allocatable.count", (driver.get("allocatable") or {}).get("count"))
        if name in seen:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        seen.add(name)
        _validate_keys(errors, where, driver.get("topologyKeys") or ())


def _validate_keys(errors: Errors, path: str, keys: Sequence[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if not key:
            errors.append(field_errors.required(path))
        if key in seen:
            errors.append(field_errors.duplicate(path, key))
        seen.add(key)
        formats.qualified_name(errors, path, key)
