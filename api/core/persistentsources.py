"""Volume sources whose form differs in persistent volumes: they name Secrets of any namespace."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.references import ObjectReference, SecretReference
from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, Default, Int32, Map, api_type


@api_type("core.v1")
class AzureFilePersistentVolumeSource:
    """An Azure file share."""

    secret_name: Annotated[str, REQUIRED] = ""
    """The Secret with the storage account's name and key."""
    share_name: Annotated[str, REQUIRED] = ""
    """The share's name."""
    read_only: bool = False
    """Whether to mount it read-only."""
    secret_namespace: Annotated[str | None, ALWAYS] = None
    """The Secret's namespace; none means that of the pod."""


@api_type("core.v1")
class CSIPersistentVolumeSource:
    """A volume that a CSI driver provides."""

    driver: Annotated[str, REQUIRED] = ""
    """The driver's name."""
    volume_handle: Annotated[str, REQUIRED] = ""
    """What the driver calls the volume. It cannot be changed."""
    read_only: bool = False
    """Whether to publish it read-only."""
    fs_type: str = ""
    """The file system to mount."""
    volume_attributes: Map[str, str] = EMPTY
    """What the driver said of the volume when it made it."""
    controller_publish_secret_ref: SecretReference | None = None
    """A Secret for the driver when the volume is attached to or detached from a node."""
    node_stage_secret_ref: SecretReference | None = None
    """A Secret for the driver when a node prepares the volume."""
    node_publish_secret_ref: SecretReference | None = None
    """A Secret for the driver when a node mounts the volume for a pod."""
    controller_expand_secret_ref: SecretReference | None = None
    """A Secret for the driver when the volume grows."""
    node_expand_secret_ref: SecretReference | None = None
    """A Secret for the driver when a node makes the file system grow."""


@api_type("core.v1")
class CephFSPersistentVolumeSource:
    """A Ceph file system."""

    monitors: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """Addresses of Ceph monitors."""
    path: str = ""
    """The directory to mount; the default is "/"."""
    user: str = ""
    """The Ceph user; the default is "admin"."""
    secret_file: str = ""
    """A file on the node with the user's key."""
    secret_ref: SecretReference | None = None
    """A Secret with the user's key, instead of secretFile."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class CinderPersistentVolumeSource:
    """An OpenStack Cinder volume."""

    volume_id: Annotated[str, REQUIRED] = ""
    """The volume's id."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    secret_ref: SecretReference | None = None
    """A Secret with the parameters to reach OpenStack."""


@api_type("core.v1")
class FlexPersistentVolumeSource:
    """A volume made by a plug-in program on the node. Outdated: use CSI."""

    driver: Annotated[str, REQUIRED] = ""
    """The plug-in's name."""
    fs_type: str = ""
    """The file system on it."""
    secret_ref: SecretReference | None = None
    """A Secret handed to the plug-in."""
    read_only: bool = False
    """Whether to mount it read-only."""
    options: Map[str, str] = EMPTY
    """Settings for the plug-in."""


@api_type("core.v1")
class GlusterfsPersistentVolumeSource:
    """A Glusterfs volume."""

    endpoints: Annotated[str, REQUIRED] = ""
    """The Endpoints object that lists the servers."""
    path: Annotated[str, REQUIRED] = ""
    """The volume's name."""
    read_only: bool = False
    """Whether to mount it read-only."""
    endpoints_namespace: str | None = None
    """The namespace of the Endpoints object; none means that of the claim."""


@api_type("core.v1")
class ISCSIPersistentVolumeSource:
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
    secret_ref: SecretReference | None = None
    """The Secret with the CHAP credentials."""
    initiator_name: str | None = None
    """An initiator name of its own for this volume."""


@api_type("core.v1")
class LocalVolumeSource:
    """A disk, partition or directory of one node."""

    path: Annotated[str, REQUIRED] = ""
    """The path on the node: of a directory, or of a block device."""
    fs_type: str | None = None
    """The file system to mount, for a block device."""


@api_type("core.v1")
class RBDPersistentVolumeSource:
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
    secret_ref: SecretReference | None = None
    """A Secret with the user's key, instead of keyring."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class ScaleIOPersistentVolumeSource:
    """A ScaleIO volume."""

    gateway: Annotated[str, REQUIRED] = ""
    """The address of the API gateway."""
    system: Annotated[str, REQUIRED] = ""
    """The storage system's name."""
    secret_ref: Annotated[SecretReference | None, REQUIRED] = None
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
class StorageOSPersistentVolumeSource:
    """A StorageOS volume."""

    volume_name: str = ""
    """The volume's name in its namespace."""
    volume_namespace: str = ""
    """The volume's StorageOS namespace; none means the pod's."""
    fs_type: str = ""
    """The file system on it."""
    read_only: bool = False
    """Whether to mount it read-only."""
    secret_ref: ObjectReference | None = None
    """A Secret with the credentials for the StorageOS API."""
