"""The Lease kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import Int32, MicroTime, api_type, named

CoordinatedLeaseStrategy = Annotated[str, named("v1.CoordinatedLeaseStrategy")]


@api_type("coordination.v1")
class LeaseSpec:
    """Who holds a lease, and until when."""

    holder_identity: str | None = None
    """The holder's name; none if it is free."""
    lease_duration_seconds: Int32 | None = None
    """How long after renewTime others must wait before they take it, in seconds."""
    acquire_time: MicroTime | None = None
    """When the holder took it."""
    renew_time: MicroTime | None = None
    """When the holder last renewed it."""
    lease_transitions: Int32 | None = None
    """How often it changed hands."""
    strategy: CoordinatedLeaseStrategy | None = None
    """How the holder is chosen, if coordinated."""
    preferred_holder: str | None = None
    """Who should take it next."""


@api_type("coordination.v1")
class Lease:
    """A right that one holder has for a limited time: for electing leaders and for heartbeats."""

    kind: str = "Lease"
    """The kind of this object."""
    api_version: str = "coordination.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: LeaseSpec = field(default_factory=LeaseSpec)
    """Who holds it, and until when."""
