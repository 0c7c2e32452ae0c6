"""The CSIStorageCapacity kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import REQUIRED, Quantity, api_type


@api_type("storage.v1")
class CSIStorageCapacity:
    """How much room a storage class has left in one part of the cluster. Drivers publish it; schedulers read it."""

    kind: str = "CSIStorageCapacity"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata; the name has no meaning."""
    node_topology: LabelSelector | None = None
    """The nodes that can reach the storage; none means no node. It cannot be changed."""
    storage_class_name: Annotated[str, REQUIRED] = ""
    """The storage class. It cannot be changed."""
    capacity: Quantity | None = None
    """How much room there is, in bytes; none means unknown."""
    maximum_volume_size: Quantity | None = None
    """The largest volume that can be made, in bytes; none means unknown."""
