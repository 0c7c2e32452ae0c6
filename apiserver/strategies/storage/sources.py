"""Volume sources as persistent volumes have them: most are those of pods, some name Secrets with their namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import drivers, formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import external_volumes, volumes
from podwright.apiserver.strategies.pod.paths import no_backsteps

JSON = dict[str, Any]
Check = Callable[[Errors, str, JSON], None]

_SECRETS = ("controllerPublishSecretRef", "controllerExpandSecretRef", "nodeStageSecretRef", "nodePublishSecretRef",
            "nodeExpandSecretRef")  # fmt: skip
_ISCSI_NAME = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is"
    " specified."
)


def validate_iscsi_name(errors: Errors, path: str, source: JSON, name: str) -> None:
    """Check that volume name and portal are short enough together when the volume has an initiator of its own."""
    portal = source.get("targetPortal") or ""
    if source.get("initiatorName") is not None and len(f"{name}:{portal}") > 64:
        errors.append(field_errors.invalid(f"{path}.targetportal", portal, _ISCSI_NAME))


def _glusterfs(errors: Errors, path: str, source: JSON) -> None:
    external_volumes.glusterfs(errors, path, source)
    namespace = source.get("endpointsNamespace")
    if namespace is not None:
        formats.dns_label(errors, f"{path}.endpointsNamespace", namespace)


def _iscsi(errors: Errors, path: str, source: JSON) -> None:
    external_volumes.iscsi(errors, path, source)
    _required(errors, f"{path}.secretRef", source.get("secretRef"), ("name",))


def _cinder(errors: Errors, path: str, source: JSON) -> None:
    if not source.get("volumeID"):
        errors.append(field_errors.required(f"{path}.volumeID"))
    _required(errors, f"{path}.secretRef", source.get("secretRef"), ("name", "namespace"))


def _azure_file(errors: Errors, path: str, source: JSON) -> None:
    external_volumes.azure_file(errors, path, source)
    if source.get("secretNamespace") == "":
        errors.append(field_errors.required(f"{path}.secretNamespace"))


def _storage_os(errors: Errors, path: str, source: JSON) -> None:
    external_volumes.storage_os_names(errors, path, source)
    _required(errors, f"{path}.secretRef", source.get("secretRef"), ("name", "namespace"))


def _local(errors: Errors, path: str, source: JSON) -> None:
    target = source.get("path") or ""
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
    else:
        no_backsteps(errors, f"{path}.path", target)


def _csi(errors: Errors, path: str, source: JSON) -> None:
    drivers.driver_name(errors, f"{path}.driver", source.get("driver"))
    if not source.get("volumeHandle"):
        errors.append(field_errors.required(f"{path}.volumeHandle"))
    for field in _SECRETS:
        secret = source.get(field)
        if secret is not None:
            _validate_secret(errors, f"{path}.{field}", secret)


def _validate_secret(errors: Errors, path: str, secret: JSON) -> None:
    name, namespace = secret.get("name"), secret.get("namespace")
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    else:
        formats.complain(errors, f"{path}.name", name, names.dns1123_subdomain(name))
    if not namespace:
        errors.append(field_errors.required(f"{path}.namespace"))
    else:
        formats.dns_label(errors, f"{path}.namespace", namespace)


def _required(errors: Errors, path: str, value: JSON | None, fields: Sequence[str]) -> None:
    if value is not None:
        errors.extend(field_errors.required(f"{path}.{name}") for name in fields if not value.get(name))


# In the order in which a second source is noticed.
SOURCES: Mapping[str, Check] = {
    "hostPath": volumes.SOURCES["hostPath"],
    "gcePersistentDisk": external_volumes.gce_disk,
    "awsElasticBlockStore": external_volumes.aws_disk,
    "glusterfs": _glusterfs,
    "flocker": external_volumes.flocker,
    "nfs": external_volumes.nfs,
    "rbd": external_volumes.rbd,
    "quobyte": external_volumes.quobyte,
    "cephfs": external_volumes.cephfs,
    "iscsi": _iscsi,
    "cinder": _cinder,
    "fc": external_volumes.fibre_channel,
    "flexVolume": external_volumes.flex,
    "azureFile": _azure_file,
    "vsphereVolume": external_volumes.vsphere,
    "photonPersistentDisk": external_volumes.photon,
    "portworxVolume": external_volumes.portworx,
    "azureDisk": external_volumes.azure_disk,
    "scaleIO": external_volumes.scale_io,
    "local": _local,
    "storageos": _storage_os,
    "csi": _csi,
}
