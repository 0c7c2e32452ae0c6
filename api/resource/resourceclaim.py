"""The ResourceClaim kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, api_type
from podwright.api.resource.allocation import ResourceClaimStatus
from podwright.api.resource.request import ResourceClaimSpec


@api_type("resource.v1")
class ResourceClaim:
    """A request for devices that pods can use."""

    kind: str = "ResourceClaim"
    """The kind of this object."""
    api_version: str = "resource.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[ResourceClaimSpec, REQUIRED] = field(default_factory=ResourceClaimSpec)
    """What is wanted. It cannot be changed."""
    status: ResourceClaimStatus = field(default_factory=ResourceClaimStatus)
    """What was allocated, and for whom."""
