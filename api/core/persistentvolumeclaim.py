"""The PersistentVolumeClaim kind; what a claim asks for is in `claims`, because pods carry such specs too."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.claims import PersistentVolumeClaimSpec
from podwright.api.core.values import (
    ClaimResourceStatus,
    ConditionStatus,
    PersistentVolumeAccessMode,
    PersistentVolumeClaimConditionType,
    PersistentVolumeClaimModifyVolumeStatus,
    PersistentVolumeClaimPhase,
    ResourceList,
)
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, Map, Merge, Time, api_type, merge_by


@api_type("core.v1")
class PersistentVolumeClaimCondition:
    """One observed aspect of a claim."""

    type: Annotated[PersistentVolumeClaimConditionType, REQUIRED] = ""
    """The aspect, such as Resizing or FileSystemResizePending."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_probe_time: Annotated[Time | None, ALWAYS] = None
    """When it was last looked at."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why; "Resizing" means that the volume is growing."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class ModifyVolumeStatus:
    """How far a change of the volume's attributes has come."""

    target_volume_attributes_class_name: str = ""
    """The class the volume is to have."""
    status: Annotated[PersistentVolumeClaimModifyVolumeStatus, REQUIRED] = ""
    """Pending, InProgress, or Infeasible when the driver refused it."""


@api_type("core.v1")
class PersistentVolumeClaimStatus:
    """What is known of a claim."""

    phase: PersistentVolumeClaimPhase = ""
    """Pending, Bound, or Lost when its volume is gone."""
    access_modes: Annotated[tuple[PersistentVolumeAccessMode, ...], ATOMIC] = ()
    """How its volume can be mounted."""
    capacity: ResourceList = EMPTY
    """How much its volume holds."""
    conditions: Annotated[tuple[PersistentVolumeClaimCondition, ...], merge_by("type")] = ()
    """The observed aspects; Resizing is one of them."""
    allocated_resources: ResourceList = EMPTY
    """How much is being made room for, per resource: what was asked for, perhaps before a failed growth."""
    allocated_resource_statuses: Annotated[Map[str, ClaimResourceStatus], Merge(map_type="granular")] = EMPTY
    """How far growth has come, per resource, such as NodeResizePending."""
    current_volume_attributes_class_name: str | None = None
    """The class of attributes its volume has."""
    modify_volume_status: ModifyVolumeStatus | None = None
    """How far a change of attributes has come; none when there is no change."""


@api_type("core.v1")
class PersistentVolumeClaim:
    """A user's request for storage. Pods of its namespace mount the volume it is bound to by its name."""

    kind: str = "PersistentVolumeClaim"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: PersistentVolumeClaimSpec = field(default_factory=PersistentVolumeClaimSpec)
    """What is wanted."""
    status: PersistentVolumeClaimStatus = field(default_factory=PersistentVolumeClaimStatus)
    """What is observed. Written by the system."""
