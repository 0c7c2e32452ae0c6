"""The Service kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import (
    IPFamily,
    IPFamilyPolicy,
    LoadBalancerIPMode,
    Protocol,
    ServiceAffinity,
    ServiceExternalTrafficPolicy,
    ServiceInternalTrafficPolicy,
    ServiceType,
)
from podwright.api.meta import Condition, ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    ATOMIC_MAP,
    EMPTY,
    REQUIRED,
    Default,
    Int32,
    IntOrString,
    Map,
    api_type,
    merge_by,
)


@api_type("core.v1")
class ServicePort:
    """A port of a Service."""

    name: str = ""
    """Its name, unique in the Service; may be left out if there is one port only."""
    protocol: Annotated[Protocol, Default("TCP")] = ""
    """TCP, UDP or SCTP; the default is TCP."""
    app_protocol: str | None = None
    """What is spoken over it, a hint for those who route it."""
    port: Annotated[Int32, REQUIRED] = 0
    """Its number."""
    target_port: Annotated[IntOrString, ALWAYS] = 0
    """The pods' port, by number or name; the default is `port`."""
    node_port: Int32 = 0
    """The port on every node, for NodePort and LoadBalancer."""


@api_type("core.v1")
class ClientIPConfig:
    """How long a client stays with a pod."""

    timeout_seconds: Int32 | None = None
    """The seconds without traffic after which it may change; the default is three hours."""


@api_type("core.v1")
class SessionAffinityConfig:
    """Settings of session affinity."""

    client_ip: ClientIPConfig | None = None
    """For affinity by client address."""


@api_type("core.v1")
class ServiceSpec:
    """What is wanted of a Service."""

    ports: Annotated[tuple[ServicePort, ...], merge_by("port", keys=("port", "protocol"))] = ()
    """The ports it offers."""
    selector: Annotated[Map[str, str], ATOMIC_MAP] = EMPTY
    """The labels of the pods it leads to. Without it, endpoints are kept by others."""
    cluster_ip: str = ""
    """Its address inside the cluster; "None" is headless, empty lets the server choose."""
    cluster_ips: Annotated[tuple[str, ...], ATOMIC] = ()
    """Its addresses, at most one per family; the first equals clusterIP."""
    type: ServiceType = ""
    """How it can be reached: ClusterIP (the default), NodePort, LoadBalancer or ExternalName."""
    external_ips: Annotated[tuple[str, ...], ATOMIC] = ()
    """Addresses from which nodes accept traffic for it."""
    session_affinity: ServiceAffinity = ""
    """Whether a client stays with one pod: None (the default) or ClientIP."""
    load_balancer_ip: str = ""
    """The wanted address of the load balancer. Outdated."""
    load_balancer_source_ranges: Annotated[tuple[str, ...], ATOMIC] = ()
    """Who may use the load balancer."""
    external_name: str = ""
    """The DNS name an ExternalName Service stands for."""
    external_traffic_policy: ServiceExternalTrafficPolicy = ""
    """Whether nodes pass outside traffic to all pods (Cluster) or only to their own (Local)."""
    health_check_node_port: Int32 = 0
    """The port where nodes tell load balancers whether they have a pod."""
    publish_not_ready_addresses: bool = False
    """Whether pods that are not ready are listed too."""
    session_affinity_config: SessionAffinityConfig | None = None
    """How long a client stays with one pod."""
    ip_families: Annotated[tuple[IPFamily, ...], ATOMIC] = ()
    """The address families it has."""
    ip_family_policy: IPFamilyPolicy | None = None
    """How many families it wants: SingleStack, PreferDualStack or RequireDualStack."""
    allocate_load_balancer_node_ports: bool | None = None
    """Whether a LoadBalancer gets node ports."""
    load_balancer_class: str | None = None
    """Which implementation provides the load balancer."""
    internal_traffic_policy: ServiceInternalTrafficPolicy | None = None
    """Whether nodes pass inside traffic to all pods (Cluster) or only to their own (Local)."""
    traffic_distribution: str | None = None
    """Which pods are preferred, such as PreferSameZone or PreferSameNode."""


@api_type("core.v1")
class PortStatus:
    """What is known of a load balancer's port."""

    port: Annotated[Int32, REQUIRED] = 0
    """The port's number."""
    protocol: Annotated[Protocol, REQUIRED] = ""
    """TCP, UDP or SCTP."""
    error: str | None = None
    """What is wrong with it."""


@api_type("core.v1")
class LoadBalancerIngress:
    """A place where a load balancer accepts traffic."""

    ip: str = ""
    """Its address."""
    hostname: str = ""
    """Its host name."""
    ip_mode: LoadBalancerIPMode | None = None
    """VIP if traffic arrives for the load balancer's address, Proxy if for the node's."""
    ports: Annotated[tuple[PortStatus, ...], ATOMIC] = ()
    """What is known of its ports."""


@api_type("core.v1")
class LoadBalancerStatus:
    """What is known of a load balancer."""

    ingress: Annotated[tuple[LoadBalancerIngress, ...], ATOMIC] = ()
    """Where it accepts traffic."""


@api_type("core.v1")
class ServiceStatus:
    """What is known of a Service."""

    load_balancer: LoadBalancerStatus = field(default_factory=LoadBalancerStatus)
    """Its load balancer."""
    conditions: Annotated[tuple[Condition, ...], merge_by("type")] = ()
    """Observed aspects."""


@api_type("core.v1")
class Service:
    """A stable name and address for a set of pods."""

    kind: str = "Service"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ServiceSpec = field(default_factory=ServiceSpec)
    """What is wanted."""
    status: ServiceStatus = field(default_factory=ServiceStatus)
    """What is observed. Written by the system."""
