"""The rules of Leases: who holds something, for how long, until when."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_COORDINATED = ("preferredHolder", "strategy")


class LeaseStrategy(Strategy):
    """Leases: a PUT creates them, and must say which version it replaces."""

    allow_create_on_update: ClassVar[bool] = True
    allow_unconditional_update: ClassVar[bool] = False

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Drop the fields of coordinated leader election, which is not offered."""
        spec: JSON = obj.get("spec") or {}
        for name in _COORDINATED:
            spec.pop(name, None)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Drop the fields of coordinated leader election, which is not offered."""
        self.prepare_create(obj, ctx)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        duration = spec.get("leaseDurationSeconds")
        if duration is not None and duration <= 0:
            errors.append(field_errors.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"))
        transitions = spec.get("leaseTransitions")
        if transitions is not None and transitions < 0:
            detail = "must be greater than or equal to 0"
            errors.append(field_errors.invalid("spec.leaseTransitions", transitions, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed lease; every field may change."""
        return [
            *meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain),
            *self.validate_create(obj, ctx),
        ]
