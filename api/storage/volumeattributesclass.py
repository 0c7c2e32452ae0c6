"""The VolumeAttributesClass kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import EMPTY, REQUIRED, Map, api_type


@api_type("storage.v1")
class VolumeAttributesClass:
    """Attributes of volumes that a CSI driver can change while they are in use, such as their throughput."""

    kind: str = "VolumeAttributesClass"
    """The kind of this object."""
    api_version: str = "storage.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    driver_name: Annotated[str, REQUIRED] = ""
    """The CSI driver. It cannot be changed."""
    parameters: Map[str, str] = EMPTY
    """The attributes, in the driver's own terms. They cannot be changed: make another class."""
