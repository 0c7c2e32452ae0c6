"""The VolumeAttachment kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.persistentvolume import PersistentVolumeSpec
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, EMPTY, REQUIRED, Int32, Map, Time, api_type


@api_type("storage.v1")
class VolumeAttachmentSource:
    """Which volume is to be attached. Exactly one field is given."""

    persistent_volume_name: str | None = None
    """The name of a PersistentVolume."""
    inline_volume_spec: PersistentVolumeSpec | None = None
    """A volume that pods name themselves, written as the PersistentVolume it amounts to."""


@api_type("storage.v1")
class VolumeAttachmentSpec:
    """What is to be attached where. It cannot be changed."""

    attacher: Annotated[str, REQUIRED] = ""
    """The driver that does it."""
    source: Annotated[VolumeAttachmentSource, REQUIRED] = field(default_factory=VolumeAttachmentSource)
    """The volume."""
    node_name: Annotated[str, REQUIRED] = ""
    """The node."""


@api_type("storage.v1")
class VolumeError:
    """What went wrong when a volume was attached or detached."""

    time: Annotated[Time | None, ALWAYS] = None
    """When it happened."""
    message: str = ""
    """What happened. It may be shown to users, so it must not hold secrets."""
    error_code: Int32 | None = None
    """The gRPC status code of the driver's answer."""


@api_type("storage.v1")
class VolumeAttachmentStatus:
    """What is known of an attachment. Written by the driver's attacher."""

    attached: Annotated[bool, REQUIRED] = False
    """Whether the volume is attached."""
    attachment_metadata: Map[str, str] = EMPTY
    """What the driver said when it attached the volume, for those who mount it."""
    attach_error: VolumeError | None = None
    """The last error of attaching."""
    detach_error: VolumeError | None = None
    """The last error of detaching."""


@api_type("storage.v1")
class VolumeAttachment:
    """The wish to attach a volume to a node, or (once it is being deleted) to detach it."""

    kind: str = "VolumeAttachment"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[VolumeAttachmentSpec, REQUIRED] = field(default_factory=VolumeAttachmentSpec)
    """What is to be attached where."""
    status: VolumeAttachmentStatus = field(default_factory=VolumeAttachmentStatus)
    """How far it has come."""
