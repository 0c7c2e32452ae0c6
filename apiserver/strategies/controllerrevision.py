"""The rules of ControllerRevisions: the state they hold is there and never changes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class ControllerRevisionStrategy(Strategy):
    """ControllerRevisions."""

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new revision."""
        errors: Errors = []
        if obj.get("data") is None:
            errors.append(field_errors.required("data", "data is mandatory"))
        formats.not_negative(errors, "revision", obj.get("revision"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed revision."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        errors += self.validate_create(obj, ctx)
        if obj.get("data") != old.get("data"):
            text = shown.compact(obj.get("data"))
            errors.append(shown.ShownError("Invalid", "data", text, "field is immutable"))
        return errors
