"""Mounts and block devices of a container: they name volumes of the pod and may not cover each other."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.paths import descending

JSON = dict[str, Any]

_PROPAGATION = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def validate_mounts(errors: Errors, path: str, container: JSON, volumes: dict[str, JSON]) -> None:
    """Check `volumeMounts` and `volumeDevices` of a container against the pod's good volumes."""
    mounts: list[JSON] = container.get("volumeMounts") or []
    devices: list[JSON] = container.get("volumeDevices") or []
    taken_devices = {device.get("name") or "": device.get("devicePath") or "" for device in devices}
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        name, target = mount.get("name") or "", mount.get("mountPath") or ""
        where = f"{path}.volumeMounts[{index}]"
        if not name:
            errors.append(field_errors.required(f"{where}.name"))
        if name not in volumes:
            errors.append(field_errors.not_found(f"{where}.name", name))
        if not target:
            errors.append(field_errors.required(f"{where}.mountPath"))
        if target in seen:
            errors.append(field_errors.invalid(f"{where}.mountPath", target, "must be unique"))
        seen.add(target)
        if taken_devices:
            if name in taken_devices:
                detail = "must not already exist in volumeDevices"
                errors.append(field_errors.invalid(f"{where}.name", name, detail))
            if target in taken_devices.values():
                detail = "must not already exist as a path in volumeDevices"
                errors.append(field_errors.invalid(f"{where}.mountPath", target, detail))
        if len(mount) > 2:
            _validate_options(errors, f"{path}.volumeMounts", where, mount, container)
    if devices:
        taken = {mount.get("name") or "": mount.get("mountPath") or "" for mount in mounts}
        _validate_devices(errors, f"{path}.volumeDevices", devices, taken, volumes)


def _validate_options(errors: Errors, path: str, where: str, mount: JSON, container: JSON) -> None:
    """Check sub-paths and propagation; their messages name the list's path, not the entry's."""
    below, expression = mount.get("subPath"), mount.get("subPathExpr")
    if below:
        descending(errors, f"{path}.subPath", below)
    if expression:
        if below:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(field_errors.invalid(f"{where}.subPathExpr", expression, detail))
        descending(errors, f"{path}.subPathExpr", expression)
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        if propagation not in _PROPAGATION:
            errors.append(field_errors.not_supported(f"{path}.mountPropagation", propagation, _PROPAGATION))
        if propagation == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
            detail = "Bidirectional mount propagation is available only to privileged containers"
            errors.append(field_errors.forbidden(f"{path}.mountPropagation", detail))
    recursive = mount.get("recursiveReadOnly")
    if recursive in {"Enabled", "IfPossible"}:
        if not mount.get("readOnly"):
            detail = "may only be specified when readOnly is true"
            errors.append(field_errors.forbidden(f"{path}.recursiveReadOnly", detail))
        if propagation not in {None, "None"}:
            detail = "may only be specified when mountPropagation is None or not specified"
            errors.append(field_errors.forbidden(f"{path}.recursiveReadOnly", detail))
    elif recursive not in {None, "Disabled"}:
        errors.append(field_errors.not_supported(f"{path}.recursiveReadOnly", recursive, _RECURSIVE))


def _validate_devices(
    errors: Errors, path: str, devices: list[JSON], mounts: dict[str, str], volumes: dict[str, JSON]
) -> None:
    names: set[str] = set()
    paths: set[str] = set()
    for index, device in enumerate(devices):
        name, target = device.get("name") or "", device.get("devicePath") or ""
        where = f"{path}[{index}]"
        volume = volumes.get(name)
        if not name:
            errors.append(field_errors.required(f"{where}.name"))
        if name in names:
            errors.append(field_errors.invalid(f"{where}.name", name, "must be unique"))
        if volume is None:
            errors.append(field_errors.not_found(f"{where}.name", name))
        elif not volume.get("persistentVolumeClaim") and not volume.get("ephemeral"):
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            errors.append(field_errors.invalid(f"{where}.name", name, detail))
        if not target:
            errors.append(field_errors.required(f"{where}.devicePath"))
        if target in paths:
            errors.append(field_errors.invalid(f"{where}.devicePath", target, "must be unique"))
        if ".." in target.split("/"):
            errors.append(field_errors.invalid(f"{where}.devicePath", target, "can not contain backsteps ('..')"))
        else:
            paths.add(target)
        if name in mounts:
            errors.append(field_errors.invalid(f"{where}.name", name, "must not already exist in volumeMounts"))
        if target in mounts.values():
            detail = "must not already exist as a path in volumeMounts"
            errors.append(field_errors.invalid(f"{where}.devicePath", target, detail))
        if name:
            names.add(name)
