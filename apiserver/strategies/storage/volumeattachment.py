"""The rules of VolumeAttachments: what is attached where is fixed; its status is the attacher's."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.storage.volumeattachment import VolumeAttachmentSpec
from podwright.apiserver.strategies import drivers, formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategies.storage.volumespec import default_volume_spec, validate_volume_spec
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

_ONE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
_SIZE = 256 * 1024
_MESSAGE = 1024
_MAX_INT32 = 2**31 - 1


class VolumeAttachmentStrategy(Strategy):
    """Attachments of volumes to nodes."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")
    returns_object_on_delete: ClassVar[bool] = True
    allow_unconditional_update: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Fill in the defaults of a volume that is written out."""
        inline = obj["spec"].get("source", {}).get("inlineVolumeSpec")
        if inline is not None:
            default_volume_spec(inline)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start detached."""
        obj["status"] = {"attached": False}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status."""
        keep(obj, old, "status")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new attachment."""
        errors = _validate(obj)
        spec: JSON = obj["spec"]
        drivers.driver_name(errors, "spec.attacher", spec.get("attacher"))
        name = spec["source"].get("persistentVolumeName")
        if name is not None:
            formats.complain(errors, "spec.source.persistentVolumeName", name, names.dns1123_subdomain(name))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what may not change."""
        rule = names.dns1123_subdomain
        errors = meta.repeated_on_update(obj, old, changes=0, creations=1, namespaced=False, name_rule=rule)
        errors += _validate(obj) * 2
        if obj["spec"] != old["spec"]:
            text = internal_text(VolumeAttachmentSpec, obj["spec"])
            errors.append(shown.ShownError("Invalid", "spec", text, "field is immutable"))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return _validate(obj)


def _validate(obj: JSON) -> Errors:
    errors: Errors = []
    spec: JSON = obj["spec"]
    source: JSON = spec["source"]
    if not spec.get("attacher"):
        errors.append(field_errors.required("spec.attacher"))
    name, inline = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    if name is None and inline is None:
        errors.append(field_errors.required("spec.source", _ONE))
    elif name is not None and inline is not None:
        errors.append(field_errors.forbidden("spec.source", _ONE))
    elif inline is not None:
        validate_volume_spec(errors, "spec.source.inlineVolumeSpec", inline, "", inline=True)
    elif not name:
        detail = "must specify non empty persistentVolumeName"
        errors.append(field_errors.required("spec.source.persistentVolumeName", detail))
    node = spec.get("nodeName") or ""
    formats.complain(errors, "spec.nodeName", node, names.dns1123_subdomain(node))
    status: JSON = obj.get("status") or {}
    known: JSON = status.get("attachmentMetadata") or {}
    if sum(len(key.encode()) + len(value.encode()) for key, value in known.items()) > _SIZE:
        errors.append(field_errors.too_long("status.attachmentMetadata", "", _SIZE))
    for field in ("attachError", "detachError"):
        _validate_error(errors, f"status.{field}", status.get(field) or {})
    return errors


def _validate_error(errors: Errors, path: str, error: JSON) -> None:
    if len((error.get("message") or "").encode()) > _MESSAGE:
        errors.append(field_errors.too_long(f"{path}.message", "", _SIZE))
    code = error.get("errorCode")
    if code is not None and code < 0:
        errors.append(field_errors.invalid(f"{path}.errorCode", code, names.in_range(code, 0, _MAX_INT32)[0]))
