"""The rules of CSIStorageCapacities: the numbers change, what they are numbers of does not."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, selectors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.warnings import NODE_LABELS
from podwright.apiserver.strategies.quantities import milli_of
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class CSIStorageCapacityStrategy(Strategy):
    """Room left for a storage class."""

    allow_unconditional_update: ClassVar[bool] = False

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new capacity."""
        errors: Errors = []
        selectors.validate(errors, "nodeTopology", obj.get("nodeTopology"))
        name = obj.get("storageClassName") or ""
        formats.complain(errors, "storageClassName", name, names.dns1123_subdomain(name))
        for field in ("capacity", "maximumVolumeSize"):
            amount = obj.get(field)
            if amount is not None and milli_of(amount) < 0:
                errors.append(field_errors.invalid(field, amount, "must be greater than or equal to 0"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed numbers, and what else changed."""
        errors = self.validate_create(obj, ctx)
        errors += meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        selectors.immutable(errors, "nodeTopology", obj.get("nodeTopology"), old.get("nodeTopology"))
        name = obj.get("storageClassName")
        if name != old.get("storageClassName"):
            errors.append(field_errors.invalid("storageClassName", name, "field is immutable"))
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of labels that have been replaced."""
        topology: JSON = obj.get("nodeTopology") or {}
        keys = [expression.get("key") or "" for expression in topology.get("matchExpressions") or ()]
        found = [
            f"nodeTopology.matchExpressions[{index}].key: {key} is {NODE_LABELS[key]}"
            for index, key in enumerate(keys)
            if key in NODE_LABELS
        ]
        labels: JSON = topology.get("matchLabels") or {}
        return found + [f"nodeTopology.matchLabels.{key}: {NODE_LABELS[key]}" for key in labels if key in NODE_LABELS]
