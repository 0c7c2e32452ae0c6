"""The Endpoints kind, the old form of EndpointSlice."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import ObjectReference
from podwright.api.core.values import Protocol
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, api_type


@api_type("core.v1", atomic=True)
class EndpointAddress:
    """An address behind a Service."""

    ip: Annotated[str, REQUIRED] = ""
    """The address."""
    hostname: str = ""
    """Its host name."""
    node_name: str | None = None
    """The node it is on."""
    target_ref: ObjectReference | None = None
    """The pod it belongs to."""


@api_type("core.v1", atomic=True)
class EndpointPort:
    """A port behind a Service."""

    name: str = ""
    """The Service port's name."""
    port: Annotated[Int32, REQUIRED] = 0
    """The port's number."""
    protocol: Protocol = ""
    """TCP, UDP or SCTP."""
    app_protocol: str | None = None
    """What is spoken over it."""


@api_type("core.v1")
class EndpointSubset:
    """Addresses that offer the same ports."""

    addresses: Annotated[tuple[EndpointAddress, ...], ATOMIC] = ()
    """Addresses that are ready."""
    not_ready_addresses: Annotated[tuple[EndpointAddress, ...], ATOMIC] = ()
    """Addresses that are not ready."""
    ports: Annotated[tuple[EndpointPort, ...], ATOMIC] = ()
    """The ports of each address."""


@api_type("core.v1")
class Endpoints:
    """The addresses behind a Service, in the old form. EndpointSlices take its place."""

    kind: str = "Endpoints"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    subsets: Annotated[tuple[EndpointSubset, ...], ATOMIC] = ()
    """The addresses, grouped by the ports they offer."""
