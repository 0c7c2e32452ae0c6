"""The rules of APIServices: a name that says group and version, priorities, and what only a service may have."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import base64
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote
from podwright.api.times import format_time
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_STATUSES = ("True", "False", "Unknown")
_LOCAL = {
    "type": "Available", "status": "True", "reason": "Local", "message": "Local APIServices are always available",
}  # fmt: skip
_HIGHEST_GROUP, _HIGHEST_VERSION = 20000, 1000


class APIServiceStrategy(Strategy):
    """Versions of groups, served here or by a service."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")
    allow_unconditional_update: ClassVar[bool] = False
    bare_finalizers: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in the service's port."""
        service = (obj.get("spec") or {}).get("service")
        if service is not None and service.get("port") is None:
            service["port"] = 443

    def validate_name(self, name: str) -> list[str]:
        """Any name will do that fits into a path; `validate_create` compares it with the spec."""
        return names.path_segment(name)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status; what this server serves itself is available at once."""
        obj["status"] = {}
        if (obj.get("spec") or {}).get("service") is None:
            obj["status"]["conditions"] = [{**_LOCAL, "lastTransitionTime": format_time(ctx.now)}]

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        group, version = spec.get("group") or "", spec.get("version") or ""
        name, wanted = obj["metadata"].get("name") or "", f"{version}.{group}"
        if name and name != wanted and not names.path_segment(name):
            detail = f'must be `spec.version+"."+spec.group`: {quote(wanted)}'
            errors.append(field_errors.invalid("metadata.name", name, detail))
        if not group and version != "v1":
            detail = "only v1 may have an empty group and it better be legacy kube"
            errors.append(field_errors.required("spec.group", detail))
        elif group:
            formats.complain(errors, "spec.group", group, names.dns1123_subdomain(group))
        formats.complain(errors, "spec.version", version, names.dns1035_label(version))
        for key, highest in (("groupPriorityMinimum", _HIGHEST_GROUP), ("versionPriority", _HIGHEST_VERSION)):
            value = spec.get(key) or 0
            if not 0 < value <= highest:
                detail = f"must be positive and less than {highest}"
                errors.append(field_errors.invalid(f"spec.{key}", value, detail))
        _validate_place(errors, spec)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed spec."""
        repeated = meta.repeated_on_update(obj, old, creations=1, namespaced=False, name_rule=names.path_segment)
        return repeated + self.validate_create(obj, ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the conditions."""
        errors = meta.repeated_on_update(obj, old, namespaced=False, name_rule=names.path_segment)
        for index, condition in enumerate((obj.get("status") or {}).get("conditions") or ()):
            if condition.get("status") not in _STATUSES:
                where = f"status.conditions[{index}].status"
                errors.append(field_errors.not_supported(where, condition.get("status") or "", _STATUSES))
        return errors


def _validate_place(errors: Errors, spec: JSON) -> None:
    service, bundle = spec.get("service"), base64.b64decode(spec.get("caBundle") or "")
    blind = bool(spec.get("insecureSkipTLSVerify"))
    if service is None:
        if bundle:
            detail = "local APIServices may not have a caBundle"
            errors.append(field_errors.invalid("spec.caBundle", f"{len(bundle)} bytes", detail))
        if blind:
            detail = "local APIServices may not have insecureSkipTLSVerify"
            errors.append(field_errors.invalid("spec.insecureSkipTLSVerify", blind, detail))
        return
    for key in ("namespace", "name"):
        if not service.get(key):
            errors.append(field_errors.required(f"spec.service.{key}"))
    port = service.get("port") or 0
    if problems := names.port_number(port):
        errors.append(field_errors.invalid("spec.service.port", port, f"port is not valid: {', '.join(problems)}"))
    if blind and bundle:
        detail = "may not be true if caBundle is present"
        errors.append(field_errors.invalid("spec.insecureSkipTLSVerify", blind, detail))
