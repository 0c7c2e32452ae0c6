"""The EndpointSlice kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import ObjectReference
from podwright.api.core.values import Protocol
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, SET, Int32, Map, api_type, named

AddressType = Annotated[str, named("v1.AddressType", "IPv4", "IPv6", "FQDN")]


@api_type("discovery.v1")
class EndpointConditions:
    """The state of an endpoint."""

    ready: bool | None = None
    """Whether it takes traffic; none counts as true."""
    serving: bool | None = None
    """Whether it could take traffic, even while it ends."""
    terminating: bool | None = None
    """Whether it is on its way out."""


@api_type("discovery.v1")
class ForZone:
    """A zone an endpoint should serve."""

    name: Annotated[str, REQUIRED] = ""
    """The zone's name."""


@api_type("discovery.v1")
class ForNode:
    """A node an endpoint should serve."""

    name: Annotated[str, REQUIRED] = ""
    """The node's name."""


@api_type("discovery.v1")
class EndpointHints:
    """Who should use an endpoint."""

    for_zones: Annotated[tuple[ForZone, ...], ATOMIC] = ()
    """The zones that should."""
    for_nodes: Annotated[tuple[ForNode, ...], ATOMIC] = ()
    """The nodes that should."""


@api_type("discovery.v1")
class Endpoint:
    """One backend of a Service."""

    addresses: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """Its addresses; only the first is used."""
    conditions: EndpointConditions = field(default_factory=EndpointConditions)
    """Its state."""
    hostname: str | None = None
    """Its host name."""
    target_ref: ObjectReference | None = None
    """The pod it belongs to."""
    deprecated_topology: Map[str, str] = EMPTY
    """Topology in the old form."""
    node_name: str | None = None
    """The node it is on."""
    zone: str | None = None
    """The zone it is in."""
    hints: EndpointHints | None = None
    """Who should use it."""


@api_type("discovery.v1", atomic=True)
class EndpointPort:
    """A port of the endpoints in a slice."""

    name: str | None = None
    """The Service port's name."""
    protocol: Protocol | None = None
    """TCP, UDP or SCTP."""
    port: Int32 | None = None
    """The port's number."""
    app_protocol: str | None = None
    """What is spoken over it."""


@api_type("discovery.v1")
class EndpointSlice:
    """A part of the backends of a Service."""

    kind: str = "EndpointSlice"
    """The kind of this object."""
    api_version: str = "discovery.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    address_type: Annotated[AddressType, REQUIRED] = ""
    """The kind of its addresses: IPv4, IPv6 or FQDN. It cannot be changed."""
    endpoints: Annotated[tuple[Endpoint, ...], ALWAYS, ATOMIC] = ()
    """The backends."""
    ports: Annotated[tuple[EndpointPort, ...], ALWAYS, ATOMIC] = ()
    """The ports each of them offers."""
