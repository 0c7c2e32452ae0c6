"""The spec of a persistent volume, which attachments may carry too."""

from __future__ import annotations

import posixpath
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.affinity import validate_node_selector
from podwright.apiserver.strategies.pod.claims import VOLUME_MODES, validate_access_modes
from podwright.apiserver.strategies.pod.volume_defaults import default_source
from podwright.apiserver.strategies.quantities import canonical_amount, default_resource_list, milli_of, whole_of
from podwright.apiserver.strategies.storage.sources import SOURCES, validate_iscsi_name

JSON = dict[str, Any]

_RECLAIM = ("Delete", "Recycle", "Retain")
_ONE_TYPE = "may not specify more than 1 volume type"
_INLINE = "may not be specified in the context of inline volumes"
# Where the path that messages name differs from the field's own name.
_SHOWN_AS = {"gcePersistentDisk": "persistentDisk"}
_REFUSED_AS = {"cephfs": "cephFS"}


def default_volume_spec(spec: JSON) -> None:
    """Fill in the volume mode, the sources' defaults and canonical amounts."""
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    default_resource_list(spec.get("capacity"))
    for name in SOURCES:
        source = spec.get(name)
        if source is not None:
            default_source(name, source)


def validate_volume_spec(errors: Errors, path: str, spec: JSON, name: str, *, inline: bool = False) -> None:
    """Check a spec; an `inline` one belongs to an attachment, describes a CSI volume and has no claim."""
    if inline:
        _validate_inline(errors, path, spec)
    modes = spec.get("accessModes") or ()
    if not modes:
        errors.append(field_errors.required(f"{path}.accessModes"))
    validate_access_modes(errors, f"{path}.accessModes", modes)
    if not inline:
        _validate_capacity(errors, f"{path}.capacity", spec.get("capacity"))
    policy = spec.get("persistentVolumeReclaimPolicy")
    where = f"{path}.persistentVolumeReclaimPolicy"
    if policy and inline and policy != "Retain":
        errors.append(field_errors.forbidden(where, "may only be Retain in the context of inline volumes"))
    elif policy and not inline and policy not in _RECLAIM:
        errors.append(field_errors.not_supported(where, policy, _RECLAIM))
    affinity = spec.get("nodeAffinity")
    if affinity is not None and inline:
        errors.append(field_errors.forbidden(f"{path}.nodeAffinity", _INLINE))
    elif affinity is not None:
        _validate_affinity(errors, f"{path}.nodeAffinity", affinity)
    _validate_source(errors, path, spec, name)
    target = (spec.get("hostPath") or {}).get("path")
    if policy == "Recycle" and target and posixpath.normpath(target) == "/":
        errors.append(field_errors.forbidden(where, "may not be 'recycle' for a hostPath mount of '/'"))
    _validate_class(errors, path, spec, inline=inline)


def _validate_inline(errors: Errors, path: str, spec: JSON) -> None:
    if spec.get("claimRef") is not None:
        errors.append(field_errors.forbidden(f"{path}.claimRef", _INLINE))
    if spec.get("capacity"):
        errors.append(field_errors.forbidden(f"{path}.capacity", _INLINE))
    if spec.get("csi") is None:
        errors.append(field_errors.required(f"{path}.csi", "has to be specified in the context of inline volumes"))


def _validate_capacity(errors: Errors, path: str, capacity: JSON | None) -> None:
    if not capacity:
        errors.append(field_errors.required(path))
    if not capacity or "storage" not in capacity or len(capacity) > 1:
        errors.append(field_errors.not_supported(path, capacity or None, ("storage",)))
    for name, amount in (capacity or {}).items():
        where = f"{path}[{name}]"
        basic_amount(errors, where, amount)
        if milli_of(amount) <= 0:
            errors.append(field_errors.invalid(where, canonical_amount(amount), "must be greater than zero"))


def basic_amount(errors: Errors, path: str, amount: str) -> None:
    """Check that an amount is not negative."""
    if milli_of(amount) < 0:
        errors.append(field_errors.invalid(path, whole_of(amount), "must be a valid resource quantity"))


def _validate_affinity(errors: Errors, path: str, affinity: JSON) -> None:
    if affinity.get("required") is None:
        errors.append(field_errors.required(f"{path}.required", "must specify required node constraints"))
    else:
        validate_node_selector(errors, f"{path}.required", affinity["required"])


def _validate_source(errors: Errors, path: str, spec: JSON, name: str) -> None:
    found = False
    for kind, check in SOURCES.items():
        source = spec.get(kind)
        if source is None:
            continue
        if found and kind != "flexVolume":
            errors.append(field_errors.forbidden(f"{path}.{_REFUSED_AS.get(kind, kind)}", _ONE_TYPE))
            continue
        found = True
        where = f"{path}.{_SHOWN_AS.get(kind, kind)}"
        check(errors, where, source)
        if kind == "iscsi":
            validate_iscsi_name(errors, where, source, name)
        if kind == "local" and spec.get("nodeAffinity") is None:
            errors.append(field_errors.required(f"{path}.nodeAffinity", "Local volume requires node affinity"))
    if not found:
        errors.append(field_errors.required(path, "must specify a volume type"))


def _validate_class(errors: Errors, path: str, spec: JSON, *, inline: bool) -> None:
    name, mode, attributes = (spec.get(key) for key in ("storageClassName", "volumeMode", "volumeAttributesClassName"))
    if name and inline:
        errors.append(field_errors.forbidden(f"{path}.storageClassName", _INLINE))
    elif name:
        formats.complain(errors, f"{path}.storageClassName", name, names.dns1123_subdomain(name))
    if mode is not None and inline and mode != "Filesystem":
        detail = "may not specify volumeMode other than Filesystem in the context of inline volumes"
        errors.append(field_errors.forbidden(f"{path}.volumeMode", detail))
    elif mode is not None and not inline and mode not in VOLUME_MODES:
        errors.append(field_errors.not_supported(f"{path}.volumeMode", mode, VOLUME_MODES))
    if attributes is None:
        return
    where = f"{path}.volumeAttributesClassName"
    if not attributes:
        errors.append(field_errors.required(where, "an empty string is disallowed"))
    else:
        formats.complain(errors, where, attributes, names.dns1123_subdomain(attributes))
    if spec.get("csi") is None:
        detail = "has to be specified when using volumeAttributesClassName"
        errors.append(field_errors.required(f"{path}.csi", detail))
