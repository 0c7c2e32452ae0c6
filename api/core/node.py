"""The Node kind and what is wanted of a node; what is observed is in `nodestatus`."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.nodeconfig import NodeConfigSource
from podwright.api.core.nodestatus import NodeStatus
from podwright.api.core.values import TaintEffect
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, MERGE_SET, REQUIRED, Time, api_type


@api_type("core.v1")
class Taint:
    """Keeps pods off a node unless they tolerate it."""

    key: Annotated[str, REQUIRED] = ""
    """The taint's key."""
    value: str = ""
    """The taint's value."""
    effect: Annotated[TaintEffect, REQUIRED] = ""
    """What happens to pods that do not tolerate it: NoSchedule, PreferNoSchedule or NoExecute."""
    time_added: Time | None = None
    """When the taint was added."""


@api_type("core.v1")
class NodeSpec:
    """What is wanted of a node."""

    pod_cidr: str = ""
    """The range of addresses for the node's pods."""
    pod_cidrs: Annotated[tuple[str, ...], MERGE_SET] = ()
    """The ranges for the node's pods, at most one per address family; the first equals podCIDR."""
    provider_id: str = ""
    """The machine's id at its provider: `<provider>://<id>`."""
    unschedulable: bool = False
    """Whether new pods are kept off the node."""
    taints: Annotated[tuple[Taint, ...], ATOMIC] = ()
    """What keeps pods that do not tolerate it off the node."""
    config_source: NodeConfigSource | None = None
    """Not used any more."""
    external_id: str = ""
    """Not used any more."""


@api_type("core.v1")
class Node:
    """A machine that runs pods."""

    kind: str = "Node"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: NodeSpec = field(default_factory=NodeSpec)
    """What is wanted of the node."""
    status: NodeStatus = field(default_factory=NodeStatus)
    """What the node's agent last reported."""
