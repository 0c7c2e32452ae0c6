"""What a claim for storage asks for: of claims themselves, and of those a pod carries as templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import amount_value
from podwright.apiserver.strategies.quantities import canonical_amount, milli_of

JSON = dict[str, Any]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")


def validate_claim_template(errors: Errors, path: str, template: JSON) -> None:
    """Check a claim template: labels and annotations only, and a claim's spec."""
    metadata: JSON = template.get("metadata") or {}
    meta.validate_annotations(errors, metadata.get("annotations"), f"{path}.metadata.annotations")
    formats.labels(errors, f"{path}.metadata.labels", metadata.get("labels"))
    for name, value in metadata.items():
        if value and name not in {"annotations", "labels"}:
            errors.append(field_errors.forbidden(f"{path}.metadata.{name}", "cannot be set"))
    validate_claim_spec(errors, f"{path}.spec", template.get("spec") or {})


def validate_access_modes(errors: Errors, path: str, modes: Sequence[str]) -> None:
    """Check that the modes are known, and that the one for a single pod stands alone."""
    errors.extend(field_errors.not_supported(path, mode, _MODES) for mode in modes if mode not in _MODES)
    if "ReadWriteOncePod" in modes and any(mode in _MODES[:3] for mode in modes):
        errors.append(field_errors.forbidden(path, "may not use ReadWriteOncePod with other access modes"))


def validate_claim_spec(errors: Errors, path: str, spec: JSON, *, any_group: bool = False) -> None:
    """Check a claim's spec; `any_group` lets API groups pass that an earlier version of the claim had."""
    modes = spec.get("accessModes") or ()
    where = f"{path}.accessModes"
    if not modes:
        errors.append(field_errors.required(where, "at least 1 access mode is required"))
    selectors.validate(errors, f"{path}.selector", spec.get("selector"))
    validate_access_modes(errors, where, modes)
    _validate_storage(errors, f"{path}.resources[storage]", spec.get("resources") or {})
    for name in ("storageClassName", "volumeAttributesClassName"):
        if spec.get(name):
            formats.complain(errors, f"{path}.{name}", spec[name], names.dns1123_subdomain(spec[name]))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.append(field_errors.not_supported(f"{path}.volumeMode", mode, VOLUME_MODES))
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for name, value in (("dataSource", source), ("dataSourceRef", reference)):
        if value is not None:
            _validate_source(errors, f"{path}.{name}", value, any_group=any_group)
    if source is not None and reference is not None:
        if reference.get("namespace"):
            detail = "may not be specified when dataSourceRef.namespace is specified"
        elif any(source.get(key) != reference.get(key) for key in ("apiGroup", "kind", "name")):
            detail = "must match dataSourceRef"
        else:
            return
        errors.append(shown.ShownError("Invalid", path, "{}", detail))


def _validate_storage(errors: Errors, path: str, resources: JSON) -> None:
    amount = (resources.get("requests") or {}).get("storage")
    if amount is None:
        errors.append(field_errors.required(path))
    elif milli_of(amount) <= 0:
        errors.append(field_errors.invalid(path, canonical_amount(amount), "must be greater than zero"))
    else:
        amount_value(errors, path, "storage", amount)


def _validate_source(errors: Errors, path: str, source: JSON, *, any_group: bool) -> None:
    group, kind = source.get("apiGroup") or "", source.get("kind") or ""
    errors.extend(field_errors.required(f"{path}.{name}") for name in ("name", "kind") if not source.get(name))
    if not group and kind != "PersistentVolumeClaim":
        detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(field_errors.invalid(path, kind, detail))
    if group and not any_group:
        formats.dns_subdomain(errors, f"{path}.apiGroup", group)
    if source.get("namespace"):
        formats.dns_label(errors, f"{path}.namespace", source["namespace"])
