"""The rules of PersistentVolumeClaims: what was asked for stays; a bound one may ask for more or other attributes."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import copy
from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.core.claims import PersistentVolumeClaimSpec
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_form
from podwright.apiserver.strategies.pod.claims import validate_claim_spec
from podwright.apiserver.strategies.pod.resources import amount_value
from podwright.apiserver.strategies.pod.update import difference
from podwright.apiserver.strategies.pod.warnings import claim_spec_warnings
from podwright.apiserver.strategies.quantities import default_resource_list, milli_of
from podwright.apiserver.strategies.storage.datasources import keep_known_source, match_sources
from podwright.apiserver.strategies.storage.volumespec import basic_amount
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

CLASS_NOTE = "volume.beta.kubernetes.io/storage-class"
_FIXED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_STATES = ("ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress",
           "NodeResizeInfeasible")  # fmt: skip
_STATES_SHOWN = tuple(sorted(_STATES))


class PersistentVolumeClaimStrategy(Strategy):
    """Claims for storage."""

    returns_object_on_delete: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in the volume mode and the phase, and spell amounts canonically."""
        spec, status = obj["spec"], obj["status"]
        if spec.get("volumeMode") is None:
            spec["volumeMode"] = "Filesystem"
        if not status.get("phase"):
            status["phase"] = "Pending"
        for amounts in (
            spec["resources"].get("limits"),
            spec["resources"].get("requests"),
            status.get("capacity"),
            status.get("allocatedResources"),
        ):
            default_resource_list(amounts)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start pending; both spellings of the data source agree."""
        obj["status"] = {"phase": "Pending"}
        keep_known_source(obj["spec"], {})
        match_sources(obj["spec"])

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status; both spellings of the data source agree."""
        keep(obj, old, "status")
        keep_known_source(obj["spec"], old["spec"])
        match_sources(obj["spec"])

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the spec; labels may change this way."""
        keep(obj, old, "spec")

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new claim."""
        errors: Errors = []
        validate_claim_spec(errors, "spec", obj["spec"])
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed claim, and what may not change."""
        spec, before = obj["spec"], copy.deepcopy(old["spec"])
        match_sources(before)
        errors: Errors = []
        grouped = any((before.get(name) or {}).get("apiGroup") is not None for name in ("dataSource", "dataSourceRef"))
        validate_claim_spec(errors, "spec", spec, any_group=grouped)
        errors *= 2
        errors += meta.repeated_on_update(obj, old, creations=2, name_rule=names.dns1123_subdomain)
        _validate_fixed(errors, obj, old, before)
        _validate_size(errors, spec, before, old.get("status") or {})
        if spec.get("volumeMode") != before.get("volumeMode"):
            errors.append(field_errors.invalid("volumeMode", spec.get("volumeMode"), "field is immutable"))
        name = "volumeAttributesClassName"
        if before.get(name) is not None and not spec.get(name):
            to = "nil" if spec.get(name) is None else "an empty string"
            errors.append(field_errors.forbidden(f"spec.{name}", f"update from non-nil value to {to} is forbidden"))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        status: JSON = obj["status"]
        for name, amount in (status.get("capacity") or {}).items():
            basic_amount(errors, f"status.capacity[{name}]", amount)
        where = "status.allocatedResourceStatus"
        for name, state in (status.get("allocatedResourceStatuses") or {}).items():
            _validate_key(errors, where, name)
            if state not in _STATES:
                errors.append(field_errors.not_supported(where, name, _STATES_SHOWN))
        where = "status.allocatedResources"
        for name, amount in (status.get("allocatedResources") or {}).items():
            if not _validate_key(errors, where, name):
                continue
            basic_amount(errors, f"{where}[{name}]", amount)
            amount_value(errors, f"{where}[{name}]", "storage", amount)
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Warn of the class given by an annotation, and of parts of bytes."""
        if ctx.subresource:
            return []
        found: list[str] = []
        if CLASS_NOTE in (obj["metadata"].get("annotations") or {}):
            use = 'deprecated since v1.8; use "storageClassName" attribute instead'
            found.append(f"metadata.annotations[{CLASS_NOTE}]: {use}")
        return found + claim_spec_warnings("spec", obj["spec"])


def _validate_fixed(errors: Errors, obj: JSON, old: JSON, before: JSON) -> None:
    masked: JSON = copy.deepcopy(obj["spec"])
    wanted: JSON = copy.deepcopy(before)
    if not before.get("volumeName"):
        _take(wanted, masked, "volumeName")
    notes: JSON = obj["metadata"].get("annotations") or {}
    earlier: JSON = old["metadata"].get("annotations") or {}
    named, former = masked.get("storageClassName"), before.get("storageClassName")
    note = earlier.get(CLASS_NOTE)
    if former is None and named is not None and note is not None and named == note == notes.get(CLASS_NOTE, note):
        masked.pop("storageClassName")
    else:
        if notes.get(CLASS_NOTE) != note:
            where = f"metadata.annotations[{CLASS_NOTE}]"
            errors.append(field_errors.invalid(where, notes.get(CLASS_NOTE) or "", "field is immutable"))
        if former is None and named is not None and note in {None, named}:
            masked.pop("storageClassName")
    requests = masked["resources"].get("requests")
    if obj["status"].get("phase") == "Bound" and requests:
        _take(requests, before["resources"].get("requests") or {}, "storage")
    _take(masked, before, "volumeAttributesClassName")
    if masked != wanted:
        changes = difference(_form(wanted), _form(masked))
        errors.append(field_errors.forbidden("spec", f"{_FIXED}\n{changes}"))


def _take(target: JSON, source: JSON, name: str) -> None:
    if source.get(name) is None:
        target.pop(name, None)
    else:
        target[name] = source[name]


def _form(spec: JSON) -> dict[str, Any]:
    return internal_form(PersistentVolumeClaimSpec, spec)


def _validate_size(errors: Errors, spec: JSON, before: JSON, status: JSON) -> None:
    size, former = _storage(spec["resources"].get("requests")), _storage(before["resources"].get("requests"))
    if size < former and size <= _storage(status.get("capacity")):
        detail = "field can not be less than status.capacity"
        errors.append(field_errors.forbidden("spec.resources.requests.storage", detail))


def _storage(amounts: JSON | None) -> int:
    return milli_of((amounts or {}).get("storage", "0"))


def _validate_key(errors: Errors, path: str, name: str) -> bool:
    problems = names.qualified_name(name)
    formats.complain(errors, path, name, problems)
    if not problems and name != "storage" and ("/" not in name or name.partition("/")[0].endswith("kubernetes.io")):
        errors.append(field_errors.not_supported(path, name, ("storage",)))
        return False
    return not problems
