"""The rules of ResourceClaims: what is asked for is fixed; schedulers and drivers write what came of it."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.resource.request import ResourceClaimSpec
from podwright.api.resources import find
from podwright.apiserver.strategies import meta, shown
from podwright.apiserver.strategies.devices.allocation import allocated, device_id, validate_status
from podwright.apiserver.strategies.devices.request import default_requests, request_names, validate_requests
from podwright.apiserver.strategies.devices.selection import default_toleration
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

ADMIN_LABEL = "resource.kubernetes.io/admin-access"
_ADMIN = f"admin access to devices requires the `{ADMIN_LABEL}: true` label on the containing namespace"


class ResourceClaimStrategy(Strategy):
    """Claims for devices."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")
    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in the defaults of requests and of tolerations."""
        default_requests(obj["spec"])
        for result in allocated(obj["status"]):
            for toleration in result.get("tolerations") or ():
                default_toleration(toleration)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start with nothing allocated."""
        obj["status"] = {}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep all but the status; what drivers say of devices goes with the devices."""
        super().prepare_status_update(obj, old, ctx)
        status: JSON = obj["status"]
        gone = {device_id(item)[:3] for item in allocated(old["status"])}
        gone -= {device_id(item)[:3] for item in allocated(status)}
        if gone and status.get("devices"):
            status["devices"] = [item for item in status["devices"] if device_id(item)[:3] not in gone]
            if not status["devices"]:
                del status["devices"]

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the requests."""
        errors: Errors = validate_admin(obj["spec"], "spec", ctx)
        validate_requests(errors, "spec", obj["spec"])
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        if obj["spec"] != old["spec"]:
            validate_requests(errors, "spec", obj["spec"])
            text = internal_text(ResourceClaimSpec, obj["spec"])
            errors.append(shown.ShownError("Invalid", "spec", text, "field is immutable"))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors = _validate_admin_results(obj, old, ctx)
        errors += meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        deleted = "deletionTimestamp" in obj["metadata"]
        validate_status(errors, obj["status"], old["status"], request_names(obj["spec"]), deleted=deleted)
        return errors


def validate_admin(spec: JSON, path: str, ctx: WriteContext) -> Errors:
    """List the first request for administration in a namespace that is not for it."""
    for index, request in enumerate((spec.get("devices") or {}).get("requests") or ()):
        if (request.get("exactly") or {}).get("adminAccess"):
            where = f"{path}.devices.requests[{index}].adminAccess"
            return [] if _for_admins(ctx) else [field_errors.forbidden(where, _ADMIN)]
    return []


def _for_admins(ctx: WriteContext) -> bool:
    namespace = ctx.lookup.get(find("namespaces"), ctx.namespace)
    labels: JSON = ((namespace or {}).get("metadata") or {}).get("labels") or {}
    return labels.get(ADMIN_LABEL) == "true"


def _validate_admin_results(obj: JSON, old: JSON, ctx: WriteContext) -> Errors:
    before = [item for item in allocated(old["status"]) if item.get("adminAccess")]
    for index, item in enumerate(allocated(obj["status"])):
        if item.get("adminAccess") and item not in before:
            where = f"status.allocation.devices.results[{index}].adminAccess"
            return [] if _for_admins(ctx) else [field_errors.forbidden(where, _ADMIN)]
    return []
