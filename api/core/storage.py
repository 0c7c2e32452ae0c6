"""Volume sources that are a storage system of their own, from host paths to cloud disks."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.references import LocalObjectReference
from podwright.api.core.values import AzureDataDiskCachingMode, AzureDataDiskKind, HostPathType, StorageMedium
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, Default, Int32, Map, Quantity, api_type


@api_type("core.v1")
class HostPathVolumeSource:
    """A file or directory of the node, mounted into the pod. It gives the pod access to the host: use with care."""

    path: Annotated[str, REQUIRED] = ""
    """The path on the node."""
    type: HostPathType | None = None
    """What must be at the path, or is made there; none checks nothing."""


@api_type("core.v1")
class EmptyDirVolumeSource:
    """An empty directory that lives as long as the pod."""

    medium: StorageMedium = ""
    """Where it is kept: empty for the node's disk, "Memory" for tmpfs, or huge pages."""
    size_limit: Quantity | None = None
    """The most it may hold."""


@api_type("core.v1")
class CSIVolumeSource:
    """A volume that a CSI driver makes for this pod alone."""

    driver: Annotated[str, REQUIRED] = ""
    """The driver's name."""
    read_only: bool | None = None
    """Whether to mount it read-only."""
    fs_type: str | None = None
    """The file system to mount; none leaves it to the driver."""
    volume_attributes: Map[str, str] = EMPTY
    """Settings for the driver."""
    node_publish_secret_ref: LocalObjectReference | None = None
    """A Secret handed to the driver."""


@api_type("core.v1")
class NFSVolumeSource:
    """A directory exported over NFS."""

    server: Annotated[str, REQUIRED] = ""
    """The server's host name or address."""
    path: Annotated[str, REQUIRED] = ""
    """The exported path."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class ISCSIVolumeSource:
    """An iSCSI disk."""

    target_portal: Annotated[str, REQUIRED] = ""
    """The target's address, with a port if not 860 or 3260."""
    iqn: Annotated[str, REQUIRED] = ""
    """The target's qualified name."""
    lun: Annotated[Int32, REQUIRED] = 0
    """The logical unit's number."""
    iscsi_interface: Annotated[str, Default("default")] = ""
    """The initiator's interface; "default" is TCP."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    portals: Annotated[tuple[str, ...], ATOMIC] = ()
    """Further addresses of the target."""
    chap_auth_discovery: bool = False
    """Whether discovery authenticates with CHAP."""
    chap_auth_session: bool = False
    """Whether sessions authenticate with CHAP."""
    secret_ref: LocalObjectReference | None = None
    """The Secret with the CHAP credentials."""
    initiator_name: str | None = None
    """An initiator name of its own for this volume."""


@api_type("core.v1")
class FCVolumeSource:
    """A Fibre Channel disk."""

    target_wwns: Annotated[tuple[str, ...], ATOMIC] = ()
    """World-wide names of the targets."""
    lun: Int32 | None = None
    """The logical unit's number."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    wwids: Annotated[tuple[str, ...], ATOMIC] = ()
    """World-wide ids of the volume, instead of targetWWNs and lun."""


@api_type("core.v1")
class CephFSVolumeSource:
    """A Ceph file system."""

    monitors: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """Addresses of Ceph monitors."""
    path: str = ""
    """The directory to mount; the default is "/"."""
    user: str = ""
    """The Ceph user; the default is "admin"."""
    secret_file: str = ""
    """A file on the node with the user's key."""
    secret_ref: LocalObjectReference | None = None
    """A Secret with the user's key, instead of secretFile."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class RBDVolumeSource:
    """A Ceph block device."""

    monitors: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """Addresses of Ceph monitors."""
    image: Annotated[str, REQUIRED] = ""
    """The image's name."""
    fs_type: str = ""
    """The file system on it."""
    pool: Annotated[str, Default("rbd")] = ""
    """The pool's name."""
    user: Annotated[str, Default("admin")] = ""
    """The Ceph user."""
    keyring: Annotated[str, Default("/etc/ceph/keyring")] = ""
    """A file on the node with the user's key."""
    secret_ref: LocalObjectReference | None = None
    """A Secret with the user's key, instead of keyring."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class GlusterfsVolumeSource:
    """A Glusterfs volume."""

    endpoints: Annotated[str, REQUIRED] = ""
    """The Endpoints object that lists the servers."""
    path: Annotated[str, REQUIRED] = ""
    """The volume's name."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class AzureFileVolumeSource:
    """An Azure file share."""

    secret_name: Annotated[str, REQUIRED] = ""
    """The Secret with the storage account's name and key."""
    share_name: Annotated[str, REQUIRED] = ""
    """The share's name."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class AzureDiskVolumeSource:
    """An Azure disk."""

    disk_name: Annotated[str, REQUIRED] = ""
    """The disk's name."""
    disk_uri: Annotated[str, REQUIRED] = ""
    """The disk's URI."""
    caching_mode: Annotated[AzureDataDiskCachingMode | None, Default("ReadWrite")] = None
    """How the host caches it: None, ReadOnly or ReadWrite."""
    fs_type: Annotated[str | None, Default("ext4")] = None
    """The file system on it."""
    read_only: Annotated[bool | None, Default(False)] = None
    """Whether to mount it read-only."""
    kind: Annotated[AzureDataDiskKind | None, Default("Shared")] = None
    """Shared, Dedicated or Managed."""


@api_type("core.v1")
class GCEPersistentDiskVolumeSource:
    """A Google Compute Engine disk."""

    pd_name: Annotated[str, REQUIRED] = ""
    """The disk's name."""
    fs_type: str = ""
    """The file system on it."""
    partition: Int32 = 0
    """The partition to mount; 0 is the whole disk."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class AWSElasticBlockStoreVolumeSource:
    """An AWS block store volume."""

    volume_id: Annotated[str, REQUIRED] = ""
    """The volume's id."""
    fs_type: str = ""
    """The file system on it."""
    partition: Int32 = 0
    """The partition to mount; 0 is the whole volume."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class CinderVolumeSource:
    """An OpenStack Cinder volume."""

    volume_id: Annotated[str, REQUIRED] = ""
    """The volume's id."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    secret_ref: LocalObjectReference | None = None
    """A Secret with the parameters to reach OpenStack."""


@api_type("core.v1")
class VsphereVirtualDiskVolumeSource:
    """A vSphere virtual disk."""

    volume_path: Annotated[str, REQUIRED] = ""
    """The path of the disk's file."""
    fs_type: str = ""
    """The file system on it."""
    storage_policy_name: str = ""
    """The storage policy's name."""
    storage_policy_id: str = ""
    """The storage policy's id."""


@api_type("core.v1")
class FlexVolumeSource:
    """A volume made by a plug-in program on the node. Outdated: use CSI."""

    driver: Annotated[str, REQUIRED] = ""
    """The plug-in's name."""
    fs_type: str = ""
    """The file system on it."""
    secret_ref: LocalObjectReference | None = None
    """A Secret handed to the plug-in."""
    read_only: bool = False
    """Whether to mount it read-only."""
    options: Map[str, str] = EMPTY
    """Settings for the plug-in."""


@api_type("core.v1")
class FlockerVolumeSource:
    """A Flocker dataset."""

    dataset_name: str = ""
    """The dataset's name."""
    dataset_uuid: str = ""
    """The dataset's id, instead of its name."""


@api_type("core.v1")
class QuobyteVolumeSource:
    """A Quobyte volume."""

    registry: Annotated[str, REQUIRED] = ""
    """Addresses of Quobyte registries, with commas between."""
    volume: Annotated[str, REQUIRED] = ""
    """The volume's name."""
    read_only: bool = False
    """Whether to mount it read-only."""
    user: str = ""
    """The user to mount as."""
    group: str = ""
    """The group to mount as."""
    tenant: str = ""
    """The tenant that owns the volume."""


@api_type("core.v1")
class PhotonPersistentDiskVolumeSource:
    """A Photon Controller disk."""

    pd_id: Annotated[str, REQUIRED] = ""
    """The disk's id."""
    fs_type: str = ""
    """The file system on it."""


@api_type("core.v1")
class PortworxVolumeSource:
    """A Portworx volume."""

    volume_id: Annotated[str, REQUIRED] = ""
    """The volume's id."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class ScaleIOVolumeSource:
    """A ScaleIO volume."""

    gateway: Annotated[str, REQUIRED] = ""
    """The address of the API gateway."""
    system: Annotated[str, REQUIRED] = ""
    """The storage system's name."""
    secret_ref: Annotated[LocalObjectReference | None, REQUIRED] = None
    """A Secret with the user's credentials."""
    ssl_enabled: bool = False
    """Whether to speak TLS with the gateway."""
    protection_domain: str = ""
    """The protection domain's name."""
    storage_pool: str = ""
    """The storage pool's name."""
    storage_mode: Annotated[str, Default("ThinProvisioned")] = ""
    """ThickProvisioned or ThinProvisioned."""
    volume_name: str = ""
    """The volume's name."""
    fs_type: Annotated[str, Default("xfs")] = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class StorageOSVolumeSource:
    """A StorageOS volume."""

    volume_name: str = ""
    """The volume's name in its namespace."""
    volume_namespace: str = ""
    """The volume's StorageOS namespace; none means the pod's."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    secret_ref: LocalObjectReference | None = None
    """A Secret with the credentials for the StorageOS API."""


@api_type("core.v1")
class GitRepoVolumeSource:
    """A clone of a git repository. Outdated: clone in an init container."""

    repository: Annotated[str, REQUIRED] = ""
    """The repository's URL."""
    revision: str = ""
    """The commit to check out."""
    directory: str = ""
    """The directory to clone into."""
