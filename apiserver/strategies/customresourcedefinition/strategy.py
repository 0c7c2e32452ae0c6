"""The rules of CustomResourceDefinitions: their names, versions and schemas.

The status belongs to the server, except for the list of stored versions, which whoever migrated objects may shorten.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from podwright.api.apply.masks import Mask, hiding
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote
from podwright.apiserver.strategy import (
    JSON,
    Strategy,
    WriteContext,
    keep,
    raise_generation,
    set_generation,
    spec_changed,
)


class DefinitionStrategy(Strategy):
    """CustomResourceDefinitions."""

    allow_unconditional_update: ClassVar[bool] = False
    bare_finalizers: ClassVar[bool] = True
    masks: ClassVar[Mapping[str, Mask]] = {"": hiding("status"), "status": hiding("metadata", "spec")}

    def default(self, obj: JSON) -> None:
        """Fill in the singular, the kind of lists, and a conversion that changes nothing."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        found: JSON = spec.setdefault("names", {})
        kind = found.get("kind") or ""
        if kind and not found.get("singular"):
            found["singular"] = kind.lower()
        if kind and not found.get("listKind"):
            found["listKind"] = f"{kind}List"
        if spec.get("conversion") is None:
            spec["conversion"] = {"strategy": "None"}
        conversion: JSON = spec["conversion"]
        service = ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service")
        if service and service.get("port") is None:
            service["port"] = 443

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1 with nothing accepted yet."""
        set_generation(obj, 1)
        obj["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": None}
        _note_storage(obj)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status, count changes of the spec, and note a new storage version."""
        keep(obj, old, "status")
        obj["status"] = dict(obj.get("status") or {})
        _note_storage(obj)
        raise_generation(obj, old, changed=spec_changed(obj, old))

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep everything but the status, in which the storage version cannot be missing."""
        keep(obj, old, *((set(obj) | set(old)) - {"status", "metadata", "apiVersion", "kind"}))
        kept = {"managedFields", "resourceVersion"}
        keep(obj["metadata"], old["metadata"], *((set(obj["metadata"]) | set(old["metadata"])) - kept))
        _note_storage(obj)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new definition."""
        from podwright.apiserver.strategies.customresourcedefinition import validate

        return validate.validate_new(obj)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed definition."""
        from podwright.apiserver.strategies.customresourcedefinition import validate

        return validate.validate_change(obj, old)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        from podwright.apiserver.strategies.customresourcedefinition import naming

        return naming.validate_names((obj.get("status") or {}).get("acceptedNames") or {}, "status.acceptedNames")

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Tell of the formats that no check goes with, and that were not there before."""
        from podwright.apiserver.strategies.customresourcedefinition.schema import unknown_formats

        before = set(unknown_formats(old["spec"])) if old is not None else set[str]()
        return [f"unrecognized format {quote(name)}" for name in unknown_formats(obj["spec"]) if name not in before]

    def begin_deletion(self, obj: JSON, now: datetime) -> bool:
        """Mark a definition as ending: its objects go first."""
        from podwright.apiserver.custom.lifecycle import terminating

        if "deletionTimestamp" not in obj["metadata"]:
            terminating(obj, now)
        return True


def _note_storage(obj: JSON) -> None:
    """Make sure that the storage version is among those that objects may be stored in."""
    status: JSON = obj.setdefault("status", {})
    stored: list[str] = list(status.get("storedVersions") or ())
    versions: list[JSON] = obj["spec"].get("versions") or []
    storage = next((version.get("name") or "" for version in versions if version.get("storage")), "")
    if storage and storage not in stored:
        stored.append(storage)
    status["storedVersions"] = stored or None
