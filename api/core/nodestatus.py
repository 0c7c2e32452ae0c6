"""What a node reports about itself."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.nodeconfig import NodeConfigSource
from podwright.api.core.values import (
    ConditionStatus,
    NodeAddressType,
    NodeConditionType,
    NodePhase,
    ResourceList,
    UniqueVolumeName,
)
from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, Int32, Int64, Time, Wire, api_type, merge_by


@api_type("core.v1")
class NodeCondition:
    """One observed aspect of a node's health."""

    type: Annotated[NodeConditionType, REQUIRED] = ""
    """The aspect: Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_heartbeat_time: Annotated[Time | None, ALWAYS] = None
    """When it was last reported."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class NodeAddress:
    """One address of a node."""

    type: Annotated[NodeAddressType, REQUIRED] = ""
    """What kind of address: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS."""
    address: Annotated[str, REQUIRED] = ""
    """The address itself."""


@api_type("core.v1")
class DaemonEndpoint:
    """A port a daemon of the node listens on."""

    port: Annotated[Int32, Wire("Port"), REQUIRED] = 0
    """The port's number."""


@api_type("core.v1")
class NodeDaemonEndpoints:
    """The ports of the node's daemons."""

    kubelet_endpoint: DaemonEndpoint = field(default_factory=DaemonEndpoint)
    """Where the node's agent listens."""


@api_type("core.v1")
class NodeSwapStatus:
    """A node's swap space."""

    capacity: Int64 | None = None
    """Its size in bytes."""


@api_type("core.v1")
class NodeSystemInfo:
    """What the node's machine and software are."""

    machine_id: Annotated[str, REQUIRED] = ""
    """The id from /etc/machine-id."""
    system_uuid: Annotated[str, REQUIRED] = ""
    """The id of the hardware or virtual machine."""
    boot_id: Annotated[str, REQUIRED] = ""
    """The id of the current boot."""
    kernel_version: Annotated[str, REQUIRED] = ""
    """The kernel's release, as `uname -r` prints it."""
    os_image: Annotated[str, REQUIRED] = ""
    """The operating system's name, from /etc/os-release."""
    container_runtime_version: Annotated[str, REQUIRED] = ""
    """The container runtime and its version: `<name>://<version>`."""
    kubelet_version: Annotated[str, REQUIRED] = ""
    """The version of the node's agent."""
    kube_proxy_version: Annotated[str, REQUIRED] = ""
    """Not used any more."""
    operating_system: Annotated[str, REQUIRED] = ""
    """The kind of operating system, such as "linux"."""
    architecture: Annotated[str, REQUIRED] = ""
    """The processor architecture, such as "amd64"."""
    swap: NodeSwapStatus | None = None
    """The node's swap space."""


@api_type("core.v1")
class ContainerImage:
    """An image stored on a node."""

    names: Annotated[tuple[str, ...], ALWAYS, ATOMIC] = ()
    """The names it is known by."""
    size_bytes: Int64 = 0
    """Its size in bytes."""


@api_type("core.v1")
class AttachedVolume:
    """A volume attached to a node."""

    name: Annotated[UniqueVolumeName, REQUIRED] = ""
    """The volume's unique name."""
    device_path: Annotated[str, REQUIRED] = ""
    """The device it appears as."""


@api_type("core.v1")
class NodeConfigStatus:
    """Not used any more: what configuration the node agent runs with."""

    assigned: NodeConfigSource | None = None
    """The configuration the agent will try to use."""
    active: NodeConfigSource | None = None
    """The configuration in use."""
    last_known_good: NodeConfigSource | None = None
    """The configuration to fall back to."""
    error: str = ""
    """Why the assigned configuration is not in use."""


@api_type("core.v1")
class NodeRuntimeHandlerFeatures:
    """What a runtime handler can do."""

    recursive_read_only_mounts: bool | None = None
    """Whether it can mount recursively read-only."""
    user_namespaces: bool | None = None
    """Whether it can run pods in user namespaces."""


@api_type("core.v1")
class NodeRuntimeHandler:
    """One way a node can run containers."""

    name: Annotated[str, ALWAYS] = ""
    """The handler's name; empty for the default one."""
    features: NodeRuntimeHandlerFeatures | None = None
    """What it can do."""


@api_type("core.v1")
class NodeFeatures:
    """What the node's runtime can do."""

    supplemental_groups_policy: bool | None = None
    """Whether it honours the Strict policy for supplemental groups."""


@api_type("core.v1")
class NodeStatus:
    """What is known of a node."""

    capacity: ResourceList = EMPTY
    """What the machine has, per resource."""
    allocatable: ResourceList = EMPTY
    """What of it is there for pods, per resource."""
    phase: NodePhase = ""
    """Not used any more."""
    conditions: Annotated[tuple[NodeCondition, ...], merge_by("type")] = ()
    """The observed aspects of the node's health."""
    addresses: Annotated[tuple[NodeAddress, ...], merge_by("type")] = ()
    """The addresses the node can be reached at."""
    daemon_endpoints: NodeDaemonEndpoints = field(default_factory=NodeDaemonEndpoints)
    """Where the node's daemons listen."""
    node_info: NodeSystemInfo = field(default_factory=NodeSystemInfo)
    """What machine and software the node is."""
    images: Annotated[tuple[ContainerImage, ...], ATOMIC] = ()
    """Images stored on the node."""
    volumes_in_use: Annotated[tuple[UniqueVolumeName, ...], ATOMIC] = ()
    """Attachable volumes the node's pods use."""
    volumes_attached: Annotated[tuple[AttachedVolume, ...], ATOMIC] = ()
    """Volumes attached to the node."""
    config: NodeConfigStatus | None = None
    """Not used any more."""
    runtime_handlers: Annotated[tuple[NodeRuntimeHandler, ...], ATOMIC] = ()
    """The ways the node can run containers."""
    features: NodeFeatures | None = None
    """Features of the node's container runtime."""
    declared_features: Annotated[tuple[str, ...], ATOMIC] = ()
    """Names of features the node says it supports."""
