"""Controls of where a pod's files come from."""

from __future__ import annotations

from typing import Final

from podwright.apiserver.pod_security.violation import JSON, Violation, counted, named, quoted, use

_ALLOWED: Final = frozenset(
    (
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
        "secret",
    )
)  # fmt: skip
_REFUSED: Final = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
)  # fmt: skip


def host_paths(metadata: JSON, spec: JSON) -> Violation | None:
    """No files of the node."""
    del metadata
    names = [volume["name"] for volume in spec.get("volumes") or () if volume.get("hostPath") is not None]
    return Violation("hostPath volumes", named(names, "volume")) if names else None


def sources(metadata: JSON, spec: JSON) -> Violation | None:
    """Only sources that neither name a node's files nor carry credentials of a storage system."""
    del metadata
    refused = [volume for volume in spec.get("volumes") or () if not any(volume.get(s) is not None for s in _ALLOWED)]
    if not refused:
        return None
    names, types = [volume["name"] for volume in refused], sorted({_type_of(volume) for volume in refused})
    noun = counted("restricted volume type", types)
    return Violation("restricted volume types", f"{named(names, 'volume')} {use(names)} {noun} {quoted(types)}")


def _type_of(volume: JSON) -> str:
    return next((source for source in _REFUSED if volume.get(source) is not None), "unknown")
