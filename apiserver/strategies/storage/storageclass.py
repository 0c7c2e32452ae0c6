"""The rules of StorageClasses: how volumes are made never changes, only who may ask for them does."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import drivers, formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.warnings import NODE_LABELS
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_RECLAIM = ("Delete", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")
_FIXED = ("parameters", "provisioner", "reclaimPolicy")


class StorageClassStrategy(Strategy):
    """Storage classes."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in that volumes go with their claim, and are bound at once."""
        if obj.get("reclaimPolicy") is None:
            obj["reclaimPolicy"] = "Delete"
        if obj.get("volumeBindingMode") is None:
            obj["volumeBindingMode"] = "Immediate"

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new class."""
        errors: Errors = []
        drivers.provisioner(errors, "provisioner", obj.get("provisioner"))
        drivers.parameters(errors, "parameters", obj.get("parameters"), required=False)
        policy, mode = obj.get("reclaimPolicy"), obj.get("volumeBindingMode")
        if policy and policy not in _RECLAIM:
            errors.append(field_errors.not_supported("reclaimPolicy", policy, _RECLAIM))
        if mode not in _BINDING:
            errors.append(field_errors.not_supported("volumeBindingMode", mode, _BINDING))
        _validate_topologies(errors, "allowedTopologies", obj.get("allowedTopologies") or ())
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        rule = names.dns1123_subdomain
        errors = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=rule)
        errors += self.validate_create(obj, ctx)
        errors += [
            field_errors.forbidden(name, f"updates to {name} are forbidden.")
            for name in _FIXED
            if (obj.get(name) or None) != (old.get(name) or None)
        ]
        if obj.get("volumeBindingMode") != old.get("volumeBindingMode"):
            errors.append(field_errors.invalid("volumeBindingMode", obj["volumeBindingMode"], "field is immutable"))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of labels that have been replaced."""
        return list(_label_warnings(obj.get("allowedTopologies") or ()))


def _label_warnings(terms: Sequence[JSON]) -> Iterable[str]:
    for index, term in enumerate(terms):
        for position, expression in enumerate(term.get("matchLabelExpressions") or ()):
            key = expression.get("key") or ""
            if key in NODE_LABELS:
                where = f"allowedTopologies[{index}].matchLabelExpressions[{position}].key"
                yield f"{where}: {key} is {NODE_LABELS[key]}"


def _validate_topologies(errors: Errors, path: str, terms: Sequence[JSON]) -> None:
    seen: list[dict[str, frozenset[str]]] = []
    for index, term in enumerate(terms):
        found: dict[str, frozenset[str]] = {}
        for position, expression in enumerate(term.get("matchLabelExpressions") or ()):
            where = f"{path}[{index}].matchLabelExpressions[{position}]"
            key = expression.get("key") or ""
            found_here = _validate_expression(errors, where, key, expression.get("values") or ())
            if key in found:
                errors.append(field_errors.duplicate(f"{where}.key", key))
            found[key] = found_here
        if found in seen:
            errors.append(field_errors.duplicate(f"{path}[{index}].matchLabelExpressions", ""))
        seen.append(found)


def _validate_expression(errors: Errors, path: str, key: str, values: Sequence[str]) -> frozenset[str]:
    seen: set[str] = set()
    if not values:
        errors.append(field_errors.required(f"{path}.values"))
    for index, value in enumerate(values):
        if value in seen:
            errors.append(field_errors.duplicate(f"{path}.values[{index}]", value))
        seen.add(value)
    formats.complain(errors, f"{path}.key", key, names.label_key(key))
    return frozenset(seen)
