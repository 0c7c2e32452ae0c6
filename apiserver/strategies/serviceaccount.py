"""The rules of ServiceAccounts: nothing but metadata is checked; secrets are named, whether they are there or not."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_LIMITED = "kubernetes.io/enforce-mountable-secrets"
_OUTDATED = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"


class ServiceAccountStrategy(Strategy):
    """Identities of pods; DELETE answers the object."""

    returns_object_on_delete: ClassVar[bool] = True

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Keep the names of secrets alone."""
        _only_names(obj)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the names of secrets alone."""
        _only_names(obj)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed account."""
        return meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of an annotation on its way out, once."""
        if _limits_secrets(obj) and not (old is not None and _limits_secrets(old)):
            return [f"metadata.annotations[{_LIMITED}]: {_OUTDATED}"]
        return []


def _only_names(obj: JSON) -> None:
    if obj.get("secrets"):
        obj["secrets"] = [{key: value for key, value in secret.items() if key == "name"} for secret in obj["secrets"]]


def _limits_secrets(obj: JSON) -> bool:
    return _LIMITED in (obj["metadata"].get("annotations") or {})
