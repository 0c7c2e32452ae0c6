"""The Ingress kind: HTTP from outside to services."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import TypedLocalObjectReference
from podwright.api.core.values import Protocol
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, api_type
from podwright.api.networking.values import PathType


@api_type("networking.v1", atomic=True)
class ServiceBackendPort:
    """A port of a service, by name or by number."""

    name: str = ""
    """The port's name; not together with a number."""
    number: Int32 = 0
    """The port's number; not together with a name."""


@api_type("networking.v1")
class IngressServiceBackend:
    """A service that takes requests."""

    name: Annotated[str, REQUIRED] = ""
    """The service's name, in the Ingress's namespace."""
    port: ServiceBackendPort = field(default_factory=ServiceBackendPort)
    """Which of its ports."""


@api_type("networking.v1")
class IngressBackend:
    """Where requests go: to a service, or to some other object the controller knows."""

    service: IngressServiceBackend | None = None
    """The service; not together with a resource."""
    resource: TypedLocalObjectReference | None = None
    """Another object in the same namespace; not together with a service."""


@api_type("networking.v1")
class IngressTLS:
    """Encryption for some of the hosts."""

    hosts: Annotated[tuple[str, ...], ATOMIC] = ()
    """The hosts the certificate is for."""
    secret_name: str = ""
    """The Secret with certificate and key; none leaves it to the controller."""


@api_type("networking.v1")
class HTTPIngressPath:
    """Sends the requests for one path to a backend."""

    path: str = ""
    """The path that requests must have; it begins with a slash."""
    path_type: Annotated[PathType | None, REQUIRED] = None
    """How the path is compared: Exact, Prefix (by its elements), or ImplementationSpecific."""
    backend: Annotated[IngressBackend, REQUIRED] = field(default_factory=IngressBackend)
    """Where the requests go."""


@api_type("networking.v1")
class HTTPIngressRuleValue:
    """The paths of one host."""

    paths: Annotated[tuple[HTTPIngressPath, ...], REQUIRED, ATOMIC] = ()
    """Paths and their backends."""


@api_type("networking.v1")
class IngressRule:
    """What happens to the requests for one host."""

    host: str = ""
    """The host name, exact or with `*` as its first label; empty means every host."""
    http: HTTPIngressRuleValue | None = None
    """The host's paths; none sends everything to the default backend."""


@api_type("networking.v1")
class IngressSpec:
    """What is wanted of an Ingress."""

    ingress_class_name: str | None = None
    """The IngressClass whose controller acts on it; none means the cluster's default class."""
    default_backend: IngressBackend | None = None
    """Where requests go that no rule is for."""
    tls: Annotated[tuple[IngressTLS, ...], ATOMIC] = ()
    """Which hosts are encrypted, and how."""
    rules: Annotated[tuple[IngressRule, ...], ATOMIC] = ()
    """What happens to requests, by host."""


@api_type("networking.v1")
class IngressPortStatus:
    """What is known of a port of the load balancer."""

    port: Annotated[Int32, REQUIRED] = 0
    """The port's number."""
    protocol: Annotated[Protocol, REQUIRED] = ""
    """TCP, UDP or SCTP."""
    error: str | None = None
    """What is wrong with it, as a CamelCase word or `domain/word`."""


@api_type("networking.v1")
class IngressLoadBalancerIngress:
    """A place where requests arrive."""

    ip: str = ""
    """Its address."""
    hostname: str = ""
    """Its host name."""
    ports: Annotated[tuple[IngressPortStatus, ...], ATOMIC] = ()
    """What is known of its ports."""


@api_type("networking.v1")
class IngressLoadBalancerStatus:
    """What is known of the load balancer."""

    ingress: Annotated[tuple[IngressLoadBalancerIngress, ...], ATOMIC] = ()
    """Where requests arrive."""


@api_type("networking.v1")
class IngressStatus:
    """What is known of an Ingress."""

    load_balancer: IngressLoadBalancerStatus = field(default_factory=IngressLoadBalancerStatus)
    """Its load balancer."""


@api_type("networking.v1")
class Ingress:
    """Leads HTTP requests from outside to services, by host and path."""

    kind: str = "Ingress"
    """The kind of this object."""
    api_version: str = "networking.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: IngressSpec = field(default_factory=IngressSpec)
    """What is wanted."""
    status: IngressStatus = field(default_factory=IngressStatus)
    """What is observed. Written by the controller."""
