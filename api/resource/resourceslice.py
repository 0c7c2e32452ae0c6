"""The ResourceSlice kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.affinity import NodeSelector
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int64, api_type
from podwright.api.resource.device import CounterSet, Device


@api_type("resource.v1")
class ResourcePool:
    """The pool a slice belongs to: all devices that a driver publishes together."""

    name: Annotated[str, REQUIRED] = ""
    """The pool's name: DNS subdomains with slashes between, often the node's name."""
    generation: Annotated[Int64, REQUIRED] = 0
    """Counts the pool's changes; only slices of the highest generation count."""
    resource_slice_count: Annotated[Int64, REQUIRED] = 0
    """How many slices the pool has in this generation."""


@api_type("resource.v1")
class ResourceSliceSpec:
    """Devices of a driver. Exactly one field says which nodes can reach them."""

    driver: Annotated[str, REQUIRED] = ""
    """The driver. It cannot be changed."""
    pool: Annotated[ResourcePool, REQUIRED] = field(default_factory=ResourcePool)
    """The pool they belong to."""
    node_name: str | None = None
    """The node they are on. It cannot be changed."""
    node_selector: NodeSelector | None = None
    """The nodes that can reach them, in one term."""
    all_nodes: bool | None = None
    """True when all nodes can reach them."""
    devices: Annotated[tuple[Device, ...], ATOMIC] = ()
    """The devices, at most 128, or 64 when one of them has taints or draws from counters."""
    per_device_node_selection: bool | None = None
    """True when each device says which nodes can reach it."""
    shared_counters: Annotated[tuple[CounterSet, ...], ATOMIC] = ()
    """Amounts that devices of the pool share, at most 8 sets; such a slice has no devices."""


@api_type("resource.v1")
class ResourceSlice:
    """Some devices of a pool, as their driver publishes them. Whoever gives out devices reads these."""

    kind: str = "ResourceSlice"
    """The kind of this object."""
    api_version: str = "resource.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[ResourceSliceSpec, REQUIRED] = field(default_factory=ResourceSliceSpec)
    """The devices."""
