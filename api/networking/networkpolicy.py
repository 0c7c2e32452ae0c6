"""The NetworkPolicy kind: who may speak with whom."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import Protocol
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, IntOrString, api_type
from podwright.api.networking.values import PolicyType


@api_type("networking.v1")
class NetworkPolicyPort:
    """Ports that traffic may go to."""

    protocol: Protocol | None = None
    """TCP (the default), UDP or SCTP."""
    port: IntOrString | None = None
    """The port by number or by the pod's name for it; none means all ports."""
    end_port: Int32 | None = None
    """The last port of a range that begins at `port`."""


@api_type("networking.v1")
class IPBlock:
    """A range of addresses."""

    cidr: Annotated[str, REQUIRED] = ""
    """The range, such as 192.0.2.0/24."""
    except_: Annotated[tuple[str, ...], ATOMIC] = ()
    """Smaller ranges within it that are not meant."""


@api_type("networking.v1")
class NetworkPolicyPeer:
    """The other side of the traffic: pods, or addresses."""

    pod_selector: LabelSelector | None = None
    """Pods by their labels, in the policy's namespace or in those that namespaceSelector chooses."""
    namespace_selector: LabelSelector | None = None
    """Namespaces by their labels; without podSelector all of their pods."""
    ip_block: IPBlock | None = None
    """Addresses; not together with a selector."""


@api_type("networking.v1")
class NetworkPolicyIngressRule:
    """Traffic that may come in."""

    ports: Annotated[tuple[NetworkPolicyPort, ...], ATOMIC] = ()
    """To which ports; none means all."""
    from_: Annotated[tuple[NetworkPolicyPeer, ...], ATOMIC] = ()
    """From whom; none means everybody."""


@api_type("networking.v1")
class NetworkPolicyEgressRule:
    """Traffic that may go out."""

    ports: Annotated[tuple[NetworkPolicyPort, ...], ATOMIC] = ()
    """To which ports; none means all."""
    to: Annotated[tuple[NetworkPolicyPeer, ...], ATOMIC] = ()
    """To whom; none means everybody."""


@api_type("networking.v1")
class NetworkPolicySpec:
    """What a NetworkPolicy allows, and to which pods."""

    pod_selector: LabelSelector = field(default_factory=LabelSelector)
    """The pods it is for; an empty selector means all of the namespace."""
    ingress: Annotated[tuple[NetworkPolicyIngressRule, ...], ATOMIC] = ()
    """What may come in; none means nothing."""
    egress: Annotated[tuple[NetworkPolicyEgressRule, ...], ATOMIC] = ()
    """What may go out; none means nothing."""
    policy_types: Annotated[tuple[PolicyType, ...], ATOMIC] = ()
    """Whether it restricts Ingress, Egress or both; the default is Ingress, and Egress if there are egress rules."""


@api_type("networking.v1")
class NetworkPolicy:
    """Allows some traffic to or from pods, and by that forbids the rest."""

    kind: str = "NetworkPolicy"
    """The kind of this object."""
    api_version: str = "networking.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: NetworkPolicySpec = field(default_factory=NetworkPolicySpec)
    """What is allowed."""
