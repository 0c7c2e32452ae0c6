"""Volume sources that live outside the cluster: what each of them must name.

The kinds are part of the API; whether a node can mount them is the node's affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_BYTE = "must be between 0 and 255, inclusive"
_PARTITION = "must be between 1 and 255, inclusive"
_HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas"
_RESERVED = "kubernetes.io and k8s.io namespaces are reserved"
_INITIATORS = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)$", re.ASCII),
    "eui": re.compile(r"^eui.[0-9A-Za-z]{16}$", re.ASCII),
    "naa": re.compile(r"^naa.[0-9A-Za-z]{32}$", re.ASCII),
}
_CACHING = ("None", "ReadOnly", "ReadWrite")
_DISK_KINDS = ("Dedicated", "Managed", "Shared")
_MANAGED_URI = ("/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}",)
_BLOB_URI = ("https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd",)


def _requires(*fields: str) -> Callable[[Errors, str, JSON], None]:
    def check(errors: Errors, path: str, source: JSON) -> None:
        errors.extend(field_errors.required(f"{path}.{name}") for name in fields if not source.get(name))

    return check


glusterfs = _requires("endpoints", "path")
rbd = _requires("monitors", "image")
cephfs = _requires("monitors")
azure_file = _requires("secretName", "shareName")
vsphere = _requires("volumePath")
photon = _requires("pdID")
portworx = _requires("volumeID")
scale_io = _requires("gateway", "system", "volumeName")


def _partition(errors: Errors, path: str, source: JSON, name: str) -> None:
    if not source.get(name):
        errors.append(field_errors.required(f"{path}.{name}"))
    number = source.get("partition") or 0
    if not 0 <= number <= 255:
        errors.append(field_errors.invalid(f"{path}.partition", number, _PARTITION))


def gce_disk(errors: Errors, path: str, source: JSON) -> None:
    """Check a disk of Google's cloud."""
    _partition(errors, path, source, "pdName")


def aws_disk(errors: Errors, path: str, source: JSON) -> None:
    """Check a disk of Amazon's cloud."""
    _partition(errors, path, source, "volumeID")


def nfs(errors: Errors, path: str, source: JSON) -> None:
    """Check an NFS share."""
    target = source.get("path") or ""
    if not source.get("server"):
        errors.append(field_errors.required(f"{path}.server"))
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
    if not target.startswith("/"):
        errors.append(field_errors.invalid(f"{path}.path", target, "must be an absolute path"))


def iscsi(errors: Errors, path: str, source: JSON) -> None:
    """Check an iSCSI disk."""
    if not source.get("targetPortal"):
        errors.append(field_errors.required(f"{path}.targetPortal"))
    iqn = source.get("iqn")
    if not iqn:
        errors.append(field_errors.required(f"{path}.iqn"))
    else:
        _initiator(errors, f"{path}.iqn", iqn)
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        errors.append(field_errors.invalid(f"{path}.lun", lun, _BYTE))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        errors.append(field_errors.required(f"{path}.secretRef"))
    initiator = source.get("initiatorName")
    if initiator is not None:
        _initiator(errors, f"{path}.initiatorname", initiator)


def _initiator(errors: Errors, path: str, name: str) -> None:
    form = _INITIATORS.get(name[:3])
    if form is None:
        detail = "must be valid format starting with iqn, eui, or naa"
        errors.append(field_errors.invalid(path, name, detail))
    elif not form.search(name):
        errors.append(field_errors.invalid(path, name, "must be valid format"))


def fibre_channel(errors: Errors, path: str, source: JSON) -> None:
    """Check a Fibre Channel disk."""
    targets, wwids = source.get("targetWWNs"), source.get("wwids")
    where = f"{path}.targetWWNs"
    if not targets and not wwids:
        errors.append(field_errors.required(where, "must specify either targetWWNs or wwids, but not both"))
    if targets and wwids:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(field_errors.invalid(where, targets, detail))
    if targets:
        lun = source.get("lun")
        if lun is None:
            errors.append(field_errors.required(f"{path}.lun", "lun is required if targetWWNs is specified"))
        elif not 0 <= lun <= 255:
            errors.append(field_errors.invalid(f"{path}.lun", lun, _BYTE))


def flocker(errors: Errors, path: str, source: JSON) -> None:
    """Check a Flocker dataset."""
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID")
    if not name and not uuid:
        errors.append(field_errors.required(path, "one of datasetName and datasetUUID is required"))
    if name and uuid:
        detail = "datasetName and datasetUUID can not be specified simultaneously"
        errors.append(field_errors.invalid(path, "resource", detail))
    if "/" in name:
        errors.append(field_errors.invalid(f"{path}.datasetName", name, "must not contain '/'"))


def cinder(errors: Errors, path: str, source: JSON) -> None:
    """Check a Cinder disk."""
    if not source.get("volumeID"):
        errors.append(field_errors.required(f"{path}.volumeID"))
    _secret_name(errors, path, source)


def _secret_name(errors: Errors, path: str, source: JSON) -> None:
    secret = source.get("secretRef")
    if secret is not None and not secret.get("name"):
        errors.append(field_errors.required(f"{path}.secretRef.name"))


def quobyte(errors: Errors, path: str, source: JSON) -> None:
    """Check a Quobyte volume."""
    registry = source.get("registry")
    if not registry:
        errors.append(field_errors.required(f"{path}.registry", _HOST_PORTS))
    elif len(source.get("tenant") or "") >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(field_errors.required(f"{path}.tenant", detail))
    else:
        for pair in registry.split(","):
            host, colon, _ = pair.rpartition(":")
            if not colon or (":" in host and not host.startswith("[")):
                errors.append(field_errors.invalid(f"{path}.registry", registry, _HOST_PORTS))
    if not source.get("volume"):
        errors.append(field_errors.required(f"{path}.volume"))


def flex(errors: Errors, path: str, source: JSON) -> None:
    """Check a volume of an out-of-tree plugin."""
    if not source.get("driver"):
        errors.append(field_errors.required(f"{path}.driver"))
    for key in source.get("options") or {}:
        domain = f".{key.partition('/')[0].lower()}"
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            errors.append(field_errors.invalid(f"{path}.options[{key}]", key, _RESERVED))


def azure_disk(errors: Errors, path: str, source: JSON) -> None:
    """Check a disk of Microsoft's cloud."""
    uri = source.get("diskURI") or ""
    errors.extend(field_errors.required(f"{path}.{name}") for name in ("diskName", "diskURI") if not source.get(name))
    for name, allowed in (("cachingMode", _CACHING), ("kind", _DISK_KINDS)):
        value = source.get(name)
        if value is not None and value not in allowed:
            errors.append(field_errors.not_supported(f"{path}.{name}", value, allowed))
    kind = source.get("kind")
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        errors.append(field_errors.not_supported(f"{path}.diskURI", uri, _MANAGED_URI))
    if kind is not None and kind != "Managed" and not uri.startswith("https://"):
        errors.append(field_errors.not_supported(f"{path}.diskURI", uri, _BLOB_URI))


def storage_os(errors: Errors, path: str, source: JSON) -> None:
    """Check a StorageOS volume of a pod."""
    storage_os_names(errors, path, source)
    _secret_name(errors, path, source)


def storage_os_names(errors: Errors, path: str, source: JSON) -> None:
    """Check what a StorageOS volume is called."""
    name, namespace = source.get("volumeName"), source.get("volumeNamespace")
    if not name:
        errors.append(field_errors.required(f"{path}.volumeName"))
    else:
        formats.dns_label(errors, f"{path}.volumeName", name)
    if namespace:
        formats.dns_label(errors, f"{path}.volumeNamespace", namespace)


def csi(errors: Errors, path: str, source: JSON) -> None:
    """Check a volume of a CSI driver."""
    driver = source.get("driver") or ""
    if not driver:
        errors.append(field_errors.required(f"{path}.driver"))
    if len(driver) > 63:
        errors.append(field_errors.too_long(f"{path}.driver", "", 63))
    formats.complain(errors, f"{path}.driver", driver, names.dns1123_subdomain(driver.lower()))
    secret = source.get("nodePublishSecretRef")
    if secret is not None:
        name = secret.get("name")
        if not name:
            errors.append(field_errors.required(f"{path}.nodePublishSecretRef.name"))
        else:
            formats.complain(errors, f"{path}.name", name, names.dns1123_subdomain(name))
