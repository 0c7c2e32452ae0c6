"""The CSINode kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Int32, api_type, merge_by


@api_type("storage.v1")
class VolumeNodeResources:
    """How many volumes a driver can have on a node."""

    count: Int32 | None = None
    """The most volumes at a time; none means no limit."""


@api_type("storage.v1")
class CSINodeDriver:
    """A CSI driver on a node."""

    name: Annotated[str, REQUIRED] = ""
    """The driver's name."""
    node_id: Annotated[str, REQUIRED] = ""
    """What the driver calls the node."""
    topology_keys: Annotated[tuple[str, ...], ALWAYS, ATOMIC] = ()
    """Labels of the node that say which of the driver's volumes it can reach."""
    allocatable: VolumeNodeResources | None = None
    """How many volumes it can have there."""


@api_type("storage.v1")
class CSINodeSpec:
    """Which CSI drivers a node has."""

    drivers: Annotated[tuple[CSINodeDriver, ...], REQUIRED, merge_by("name")] = ()
    """The drivers; none at all is fine."""


@api_type("storage.v1")
class CSINode:
    """The CSI drivers of one node. It has the node's name and is written by the node."""

    kind: str = "CSINode"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata; the name is the node's."""
    spec: Annotated[CSINodeSpec, REQUIRED] = field(default_factory=CSINodeSpec)
    """Which drivers there are."""
