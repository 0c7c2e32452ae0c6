"""What a node reports about a pod."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.containerstatus import ContainerStatus
from podwright.api.core.podnetwork import HostIP, PodIP
from podwright.api.core.podresources import (
    NodeAllocatableResourceClaimStatus,
    PodExtendedResourceClaimStatus,
    PodResourceClaimStatus,
)
from podwright.api.core.resources import ResourceRequirements
from podwright.api.core.values import (
    ConditionStatus,
    PodConditionType,
    PodPhase,
    PodQOSClass,
    PodResizeStatus,
    ResourceList,
)
from podwright.api.modeling.fields import ALWAYS, ATOMIC, EMPTY, REQUIRED, Int64, Time, api_type, merge_by


@api_type("core.v1")
class PodCondition:
    """One observed aspect of a pod."""

    type: Annotated[PodConditionType, REQUIRED] = ""
    """The aspect, such as PodScheduled, Initialized, ContainersReady or Ready."""
    observed_generation: Int64 = 0
    """The generation of the pod on which the judgement is based."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_probe_time: Annotated[Time | None, ALWAYS] = None
    """When it was last examined."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class PodStatus:
    """What is known of a pod. It may lag behind if the node cannot be reached."""

    observed_generation: Int64 = 0
    """The generation of the spec the node has taken up."""
    phase: PodPhase = ""
    """Where in its life the pod is: Pending, Running, Succeeded, Failed or Unknown."""
    conditions: Annotated[tuple[PodCondition, ...], merge_by("type")] = ()
    """The observed aspects of the pod."""
    message: str = ""
    """A sentence on why the pod is in this state."""
    reason: str = ""
    """A word on why the pod is in this state, such as Evicted."""
    nominated_node_name: str = ""
    """The node where lower pods are being removed to make room for it."""
    host_ip: str = ""
    """The node's address."""
    host_ips: Annotated[tuple[HostIP, ...], merge_by("ip", list_type="atomic")] = ()
    """The node's addresses, at most one per family; the first equals hostIP."""
    pod_ip: str = ""
    """The pod's address."""
    pod_ips: Annotated[tuple[PodIP, ...], merge_by("ip")] = ()
    """The pod's addresses, at most one per family; the first equals podIP."""
    start_time: Time | None = None
    """When the node accepted the pod."""
    init_container_statuses: Annotated[tuple[ContainerStatus, ...], ATOMIC] = ()
    """The state of its init containers and sidecars."""
    container_statuses: Annotated[tuple[ContainerStatus, ...], ATOMIC] = ()
    """The state of its containers."""
    qos_class: PodQOSClass = ""
    """How it is treated when resources run short: Guaranteed, Burstable or BestEffort."""
    ephemeral_container_statuses: Annotated[tuple[ContainerStatus, ...], ATOMIC] = ()
    """The state of its ephemeral containers."""
    resize: PodResizeStatus = ""
    """Not used any more; see the conditions PodResizePending and PodResizeInProgress."""
    resource_claim_statuses: Annotated[tuple[PodResourceClaimStatus, ...], merge_by("name", retain_keys=True)] = ()
    """The claims made for its templates."""
    extended_resource_claim_status: PodExtendedResourceClaimStatus | None = None
    """The claim made for its extended resources."""
    allocated_resources: ResourceList = EMPTY
    """What the node has set aside for the pod as a whole."""
    resources: ResourceRequirements | None = None
    """What is in force for the pod as a whole."""
    node_allocatable_resource_claim_statuses: Annotated[tuple[NodeAllocatableResourceClaimStatus, ...], ATOMIC] = ()
    """What its claims take of the node's allocatable resources."""
