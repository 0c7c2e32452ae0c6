"""The PersistentVolume kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.affinity import NodeSelector
from podwright.api.core.persistentsources import (
    AzureFilePersistentVolumeSource,
    CephFSPersistentVolumeSource,
    CinderPersistentVolumeSource,
    CSIPersistentVolumeSource,
    FlexPersistentVolumeSource,
    GlusterfsPersistentVolumeSource,
    ISCSIPersistentVolumeSource,
    LocalVolumeSource,
    RBDPersistentVolumeSource,
    ScaleIOPersistentVolumeSource,
    StorageOSPersistentVolumeSource,
)
from podwright.api.core.references import ObjectReference
from podwright.api.core.storage import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    FCVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    HostPathVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from podwright.api.core.values import (
    PersistentVolumeAccessMode,
    PersistentVolumeMode,
    PersistentVolumePhase,
    PersistentVolumeReclaimPolicy,
    ResourceList,
)
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, Merge, Time, Wire, api_type


@api_type("core.v1")
class VolumeNodeAffinity:
    """From which nodes a volume can be reached."""

    required: NodeSelector | None = None
    """What a node must be like."""


@api_type("core.v1")
class PersistentVolumeSpec:
    """What a piece of storage is, and how it may be used. Exactly one source is given."""

    capacity: ResourceList = EMPTY
    """How much it holds."""
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    """It is a Google Compute Engine disk."""
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    """It is an AWS block store volume."""
    host_path: HostPathVolumeSource | None = None
    """It is a file or directory of the node; for trying things out on a single node."""
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    """It is a Glusterfs volume."""
    nfs: NFSVolumeSource | None = None
    """It is a directory exported over NFS."""
    rbd: RBDPersistentVolumeSource | None = None
    """It is a Ceph block device."""
    iscsi: ISCSIPersistentVolumeSource | None = None
    """It is an iSCSI disk."""
    cinder: CinderPersistentVolumeSource | None = None
    """It is an OpenStack Cinder volume."""
    cephfs: CephFSPersistentVolumeSource | None = None
    """It is a Ceph file system."""
    fc: FCVolumeSource | None = None
    """It is a Fibre Channel disk."""
    flocker: FlockerVolumeSource | None = None
    """It is a Flocker dataset."""
    flex_volume: FlexPersistentVolumeSource | None = None
    """It is a volume made by a plug-in program on the node."""
    azure_file: AzureFilePersistentVolumeSource | None = None
    """It is an Azure file share."""
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None
    """It is a vSphere virtual disk."""
    quobyte: QuobyteVolumeSource | None = None
    """It is a Quobyte volume."""
    azure_disk: AzureDiskVolumeSource | None = None
    """It is an Azure disk."""
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    """It is a Photon Controller disk."""
    portworx_volume: PortworxVolumeSource | None = None
    """It is a Portworx volume."""
    scale_io: Annotated[ScaleIOPersistentVolumeSource | None, Wire("scaleIO")] = None
    """It is a ScaleIO volume."""
    local: LocalVolumeSource | None = None
    """It is a disk, partition or directory of one node; it needs nodeAffinity."""
    storageos: StorageOSPersistentVolumeSource | None = None
    """It is a StorageOS volume."""
    csi: CSIPersistentVolumeSource | None = None
    """It is a volume that a CSI driver provides."""
    access_modes: Annotated[tuple[PersistentVolumeAccessMode, ...], ATOMIC] = ()
    """How it can be mounted."""
    claim_ref: Annotated[ObjectReference | None, Merge(map_type="granular")] = None
    """The claim it is bound to, or kept for."""
    persistent_volume_reclaim_policy: PersistentVolumeReclaimPolicy = ""
    """What becomes of it when its claim goes: Retain (the default), Delete or Recycle."""
    storage_class_name: str = ""
    """The class it belongs to; empty means none."""
    mount_options: Annotated[tuple[str, ...], ATOMIC] = ()
    """Options of the mount, such as "ro" or "soft". Whether they are good shows when it is mounted."""
    volume_mode: PersistentVolumeMode | None = None
    """Filesystem (the default), or Block for a bare device."""
    node_affinity: VolumeNodeAffinity | None = None
    """From which nodes it can be reached; none means from all."""
    volume_attributes_class_name: str | None = None
    """The class of attributes it has; only for CSI volumes."""


@api_type("core.v1")
class PersistentVolumeStatus:
    """What is known of a volume."""

    phase: PersistentVolumePhase = ""
    """Pending, Available, Bound, Released or Failed."""
    message: str = ""
    """A sentence that says why."""
    reason: str = ""
    """A word that says what failed."""
    last_phase_transition_time: Time | None = None
    """When the phase last changed."""


@api_type("core.v1")
class PersistentVolume:
    """A piece of storage of the cluster. It lives apart from the pods that use it, through a claim."""

    kind: str = "PersistentVolume"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: PersistentVolumeSpec = field(default_factory=PersistentVolumeSpec)
    """What it is."""
    status: PersistentVolumeStatus = field(default_factory=PersistentVolumeStatus)
    """What is observed. Written by the system."""
