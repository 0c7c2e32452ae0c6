"""The StorageClass kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.topology import TopologySelectorTerm
from podwright.api.core.values import PersistentVolumeReclaimPolicy
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, Map, api_type
from podwright.api.storage.values import VolumeBindingMode


@api_type("storage.v1")
class StorageClass:
    """How volumes are made for claims that name this class. Its name is all that users need to know of it."""

    kind: str = "StorageClass"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    provisioner: Annotated[str, REQUIRED] = ""
    """Who makes the volumes."""
    parameters: Map[str, str] = EMPTY
    """Settings for the provisioner."""
    reclaim_policy: PersistentVolumeReclaimPolicy | None = None
    """What becomes of its volumes when their claim goes: Delete (the default) or Retain."""
    mount_options: Annotated[tuple[str, ...], ATOMIC] = ()
    """Mount options that its volumes get. Whether they are good shows when a volume is mounted."""
    allow_volume_expansion: bool | None = None
    """Whether claims may grow."""
    volume_binding_mode: VolumeBindingMode | None = None
    """When a claim gets its volume: Immediate (the default), or WaitForFirstConsumer, once a pod uses it."""
    allowed_topologies: Annotated[tuple[TopologySelectorTerm, ...], ATOMIC] = ()
    """Where volumes may be made; none means anywhere."""
