"""Volumes of a pod: exactly one source each, unique names, and the sources' own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import external_volumes
from podwright.apiserver.strategies.pod.paths import descending, file_mode, no_backsteps, not_reserved
from podwright.apiserver.strategies.pod.projected import validate_downward_item, validate_projected
from podwright.apiserver.strategies.quantities import milli_of

JSON = dict[str, Any]
Check = Callable[[Errors, str, JSON], None]

_HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_ONE_TYPE = "may not specify more than 1 volume type"
# Where the path that messages name differs from the field's own name.
_SHOWN_AS = {"gcePersistentDisk": "persistentDisk"}
_REFUSED_AS = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}


def validate_volumes(
    errors: Errors, path: str, volumes: Sequence[JSON], pod_name: str, *, in_pod: bool
) -> dict[str, JSON]:
    """Check `spec.volumes` and return the good ones by name. `pod_name` is "" for templates."""
    good: dict[str, JSON] = {}
    claims = {f"{pod_name}-{volume.get('name')}" for volume in volumes if pod_name and volume.get("ephemeral")}
    for index, volume in enumerate(volumes):
        where = f"{path}[{index}]"
        before = len(errors)
        name = volume.get("name") or ""
        _validate_source(errors, where, volume, pod_name, in_pod=in_pod)
        if not name:
            errors.append(field_errors.required(f"{where}.name"))
        else:
            formats.dns_label(errors, f"{where}.name", name)
        if name in good:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        if len(errors) == before:
            good[name] = volume
        claim = volume.get("persistentVolumeClaim")
        if claims and claim and claim.get("claimName") in claims:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            where = f"{where}.persistentVolumeClaim.claimName"
            errors.append(field_errors.invalid(where, claim["claimName"], detail))
    return good


def _validate_source(errors: Errors, path: str, volume: JSON, pod_name: str, *, in_pod: bool) -> None:
    kinds = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    if len(kinds) == 1 and kinds[0] in SOURCES:  # the usual case needs no order
        kind = kinds[0]
        SOURCES[kind](errors, f"{path}.{_SHOWN_AS.get(kind, kind)}", volume[kind])
    else:
        found = False
        for kind, check in SOURCES.items():
            source = volume.get(kind)
            if source is None:
                continue
            if found:
                errors.append(field_errors.forbidden(f"{path}.{_REFUSED_AS.get(kind, kind)}", _ONE_TYPE))
            else:
                found = True
                check(errors, f"{path}.{_SHOWN_AS.get(kind, kind)}", source)
        if not found:
            errors.append(field_errors.required(path, "must specify a volume type"))
    if "iscsi" in volume:
        _validate_portal(errors, path, volume)
    if "ephemeral" in volume and len(kinds) == 1:
        _validate_claim_name(errors, path, volume, pod_name)
    if in_pod and "image" in volume and not volume["image"].get("reference"):
        errors.append(field_errors.required(f"{path}.image.reference"))


def _validate_portal(errors: Errors, path: str, volume: JSON) -> None:
    source, name = volume["iscsi"], volume.get("name") or ""
    if source.get("initiatorName") is not None and len(f"{name}:{source.get('targetPortal') or ''}") > 64:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName"
            " is specified."
        )
        errors.append(field_errors.invalid(f"{path}.name", name, detail))


def _validate_claim_name(errors: Errors, path: str, volume: JSON, pod_name: str) -> None:
    name = volume.get("name")
    if pod_name and name:
        claim = f"{pod_name}-{name}"
        problems = [f'PVC name "{claim}": {problem}' for problem in names.dns1123_subdomain(claim)]
        formats.complain(errors, f"{path}.name", name, problems)


def _empty_dir(errors: Errors, path: str, source: JSON) -> None:
    limit = source.get("sizeLimit")
    if limit is not None and milli_of(limit) < 0:
        errors.append(field_errors.forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity"))


def _host_path(errors: Errors, path: str, source: JSON) -> None:
    target = source.get("path")
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
        return
    no_backsteps(errors, f"{path}.path", target)
    kind = source.get("type")
    if kind is not None and kind not in _HOST_PATH_TYPES:
        errors.append(field_errors.not_supported(f"{path}.type", kind, _HOST_PATH_TYPES))


def _git_repo(errors: Errors, path: str, source: JSON) -> None:
    if not source.get("repository"):
        errors.append(field_errors.required(f"{path}.repository"))
    descending(errors, f"{path}.directory", source.get("directory") or "")


def _secret(errors: Errors, path: str, source: JSON) -> None:
    _keyed(errors, path, source, "secretName")


def _config_map(errors: Errors, path: str, source: JSON) -> None:
    _keyed(errors, path, source, "name")


def _keyed(errors: Errors, path: str, source: JSON, name: str) -> None:
    if not source.get(name):
        errors.append(field_errors.required(f"{path}.{name}"))
    file_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    for index, item in enumerate(source.get("items") or ()):
        validate_key_to_path(errors, f"{path}.items[{index}]", item)


def validate_key_to_path(errors: Errors, path: str, item: JSON) -> None:
    """Check which key of a ConfigMap or Secret becomes which file."""
    target = item.get("path") or ""
    if not item.get("key"):
        errors.append(field_errors.required(f"{path}.key"))
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
    not_reserved(errors, f"{path}.path", target)
    file_mode(errors, f"{path}.mode", item.get("mode"))


def _downward(errors: Errors, path: str, source: JSON) -> None:
    file_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    for item in source.get("items") or ():
        validate_downward_item(errors, path, item)


def _claim(errors: Errors, path: str, source: JSON) -> None:
    if not source.get("claimName"):
        errors.append(field_errors.required(f"{path}.claimName"))


def _ephemeral(errors: Errors, path: str, source: JSON) -> None:
    if source.get("volumeClaimTemplate") is None:
        errors.append(field_errors.required(f"{path}.volumeClaimTemplate"))
    else:
        from podwright.apiserver.strategies.pod.claims import validate_claim_template

        validate_claim_template(errors, f"{path}.volumeClaimTemplate", source["volumeClaimTemplate"])


def _image(errors: Errors, path: str, source: JSON) -> None:
    formats.one_of(errors, f"{path}.pullPolicy", source.get("pullPolicy"), _PULL_POLICIES)


# In the order in which a second source is noticed.
SOURCES: Mapping[str, Check] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git_repo,
    "gcePersistentDisk": external_volumes.gce_disk,
    "awsElasticBlockStore": external_volumes.aws_disk,
    "secret": _secret,
    "nfs": external_volumes.nfs,
    "iscsi": external_volumes.iscsi,
    "glusterfs": external_volumes.glusterfs,
    "flocker": external_volumes.flocker,
    "persistentVolumeClaim": _claim,
    "rbd": external_volumes.rbd,
    "cinder": external_volumes.cinder,
    "cephfs": external_volumes.cephfs,
    "quobyte": external_volumes.quobyte,
    "downwardAPI": _downward,
    "fc": external_volumes.fibre_channel,
    "flexVolume": external_volumes.flex,
    "configMap": _config_map,
    "azureFile": external_volumes.azure_file,
    "vsphereVolume": external_volumes.vsphere,
    "photonPersistentDisk": external_volumes.photon,
    "portworxVolume": external_volumes.portworx,
    "azureDisk": external_volumes.azure_disk,
    "storageos": external_volumes.storage_os,
    "projected": validate_projected,
    "scaleIO": external_volumes.scale_io,
    "csi": external_volumes.csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
