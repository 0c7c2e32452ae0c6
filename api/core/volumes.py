"""A pod's volumes and where containers mount them."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.claims import EphemeralVolumeSource, PersistentVolumeClaimVolumeSource
from podwright.api.core.projection import (
    ConfigMapVolumeSource,
    DownwardAPIVolumeSource,
    ProjectedVolumeSource,
    SecretVolumeSource,
)
from podwright.api.core.storage import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    AzureFileVolumeSource,
    CephFSVolumeSource,
    CinderVolumeSource,
    CSIVolumeSource,
    EmptyDirVolumeSource,
    FCVolumeSource,
    FlexVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    GitRepoVolumeSource,
    GlusterfsVolumeSource,
    HostPathVolumeSource,
    ISCSIVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    RBDVolumeSource,
    ScaleIOVolumeSource,
    StorageOSVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from podwright.api.core.values import MountPropagationMode, PullPolicy, RecursiveReadOnlyMode
from podwright.api.modeling.fields import REQUIRED, api_type


@api_type("core.v1")
class ImageVolumeSource:
    """The content of an OCI image or artifact, read-only."""

    reference: str = ""
    """The image's name, as containers name theirs."""
    pull_policy: PullPolicy = ""
    """When to pull it: Always, Never or IfNotPresent."""


@api_type("core.v1")
class Volume:
    """A directory or device that the pod's containers can mount. Exactly one source is set."""

    name: Annotated[str, REQUIRED] = ""
    """The volume's name, unique in the pod."""
    host_path: HostPathVolumeSource | None = None
    """A file or directory of the node."""
    empty_dir: EmptyDirVolumeSource | None = None
    """Scratch space of the pod."""
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    """A Google Compute Engine disk. Outdated: use CSI."""
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    """An AWS block store volume. Outdated: use CSI."""
    git_repo: GitRepoVolumeSource | None = None
    """A clone of a git repository. Outdated."""
    secret: SecretVolumeSource | None = None
    """Files from a Secret."""
    nfs: NFSVolumeSource | None = None
    """An NFS export."""
    iscsi: ISCSIVolumeSource | None = None
    """An iSCSI logical unit."""
    glusterfs: GlusterfsVolumeSource | None = None
    """A Glusterfs volume. Outdated."""
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    """Persistent storage, by its claim."""
    rbd: RBDVolumeSource | None = None
    """A Ceph block device. Outdated."""
    flex_volume: FlexVolumeSource | None = None
    """A volume made by a plug-in program. Outdated: use CSI."""
    cinder: CinderVolumeSource | None = None
    """An OpenStack Cinder volume. Outdated: use CSI."""
    cephfs: CephFSVolumeSource | None = None
    """A Ceph file system. Outdated."""
    flocker: FlockerVolumeSource | None = None
    """A Flocker dataset. Outdated."""
    downward_api: DownwardAPIVolumeSource | None = None
    """Files that show the pod's own fields."""
    fc: FCVolumeSource | None = None
    """A Fibre Channel logical unit."""
    azure_file: AzureFileVolumeSource | None = None
    """An Azure file share. Outdated: use CSI."""
    config_map: ConfigMapVolumeSource | None = None
    """Files from a ConfigMap."""
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    """A vSphere virtual disk. Outdated: use CSI."""
    quobyte: QuobyteVolumeSource | None = None
    """A Quobyte volume. Outdated."""
    azure_disk: AzureDiskVolumeSource | None = None
    """An Azure disk. Outdated: use CSI."""
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    """A Photon Controller disk. Outdated."""
    projected: ProjectedVolumeSource | None = None
    """Files from several sources at once."""
    portworx_volume: PortworxVolumeSource | None = None
    """A Portworx volume. Outdated: use CSI."""
    scale_io: ScaleIOVolumeSource | None = None
    """A ScaleIO volume. Outdated."""
    storageos: StorageOSVolumeSource | None = None
    """A StorageOS volume. Outdated."""
    csi: CSIVolumeSource | None = None
    """A volume that a CSI driver makes for this pod."""
    ephemeral: EphemeralVolumeSource | None = None
    """Storage claimed for this pod alone."""
    image: ImageVolumeSource | None = None
    """Files from an OCI image."""


@api_type("core.v1")
class VolumeMount:
    """Where a volume appears in a container."""

    name: Annotated[str, REQUIRED] = ""
    """The volume's name."""
    read_only: bool = False
    """Whether the container may only read it."""
    recursive_read_only: RecursiveReadOnlyMode | None = None
    """Whether mounts below it are read-only too: Disabled, IfPossible or Enabled."""
    mount_path: Annotated[str, REQUIRED] = ""
    """The path in the container; it may not contain ":"."""
    sub_path: str = ""
    """The path within the volume to mount; empty is its root."""
    mount_propagation: MountPropagationMode | None = None
    """How mounts made later pass between host and container: None, HostToContainer or Bidirectional."""
    sub_path_expr: str = ""
    """Like subPath, with `$(VARIABLE)` replaced from the container's environment."""


@api_type("core.v1")
class VolumeDevice:
    """Where a block volume appears in a container."""

    name: Annotated[str, REQUIRED] = ""
    """The claim volume's name."""
    device_path: Annotated[str, REQUIRED] = ""
    """The device's path in the container."""
