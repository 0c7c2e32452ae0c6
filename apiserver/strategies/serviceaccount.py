"""The rules of ServiceAccounts: nothing but metadata is checked; lists of references may name what is not there yet."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class ServiceAccountStrategy(Strategy):
    """Identities of pods; DELETE answers the object."""

    returns_object_on_delete: ClassVar[bool] = True

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed account."""
        return meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
