"""Volume sources that are claims for persistent storage."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import TypedLocalObjectReference, TypedObjectReference
from podwright.api.core.values import PersistentVolumeAccessMode, PersistentVolumeMode, ResourceList
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, api_type


@api_type("core.v1")
class VolumeResourceRequirements:
    """How much storage a claim asks for."""

    limits: ResourceList = EMPTY
    """The most it may get, per resource."""
    requests: ResourceList = EMPTY
    """The least it must get, per resource."""


@api_type("core.v1")
class PersistentVolumeClaimSpec:
    """What is wanted of a piece of storage."""

    access_modes: Annotated[tuple[PersistentVolumeAccessMode, ...], ATOMIC] = ()
    """How it must be mountable."""
    selector: LabelSelector | None = None
    """Labels the volume must have."""
    resources: VolumeResourceRequirements = field(default_factory=VolumeResourceRequirements)
    """How much is wanted."""
    volume_name: str = ""
    """The volume bound to the claim."""
    storage_class_name: str | None = None
    """The class that provides it."""
    volume_mode: PersistentVolumeMode | None = None
    """Filesystem or Block."""
    data_source: TypedLocalObjectReference | None = None
    """What to fill the new volume from, in the same namespace."""
    data_source_ref: TypedObjectReference | None = None
    """What to fill the new volume from; any kind, perhaps of another namespace."""
    volume_attributes_class_name: str | None = None
    """The class of attributes the volume should have."""


@api_type("core.v1")
class PersistentVolumeClaimTemplate:
    """From what a pod's own claim is made."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Labels and annotations copied to the claim."""
    spec: Annotated[PersistentVolumeClaimSpec, REQUIRED] = field(default_factory=PersistentVolumeClaimSpec)
    """The claim's spec."""


@api_type("core.v1")
class PersistentVolumeClaimVolumeSource:
    """A claim in the pod's namespace."""

    claim_name: Annotated[str, REQUIRED] = ""
    """The claim's name."""
    read_only: bool = False
    """Whether to mount it read-only."""


@api_type("core.v1")
class EphemeralVolumeSource:
    """A claim that is made for the pod and goes with it."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = None
    """From what the claim is made."""
