"""The ServiceCIDR kind: a range from which services get their addresses."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import Condition, ObjectMeta
from podwright.api.modeling.fields import ATOMIC, api_type, merge_by


@api_type("networking.v1")
class ServiceCIDRSpec:
    """What is wanted of a ServiceCIDR."""

    cidrs: Annotated[tuple[str, ...], ATOMIC] = ()
    """One range, or one of each IP family. They cannot be changed."""


@api_type("networking.v1")
class ServiceCIDRStatus:
    """What is known of a ServiceCIDR."""

    conditions: Annotated[tuple[Condition, ...], merge_by("type")] = ()
    """Observed aspects; Ready says whether addresses may be taken from it."""


@api_type("networking.v1")
class ServiceCIDR:
    """A range of addresses for services."""

    kind: str = "ServiceCIDR"
    """The kind of this object."""
    api_version: str = "networking.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ServiceCIDRSpec = field(default_factory=ServiceCIDRSpec)
    """What is wanted."""
    status: ServiceCIDRStatus = field(default_factory=ServiceCIDRStatus)
    """What is observed. Written by the system."""
