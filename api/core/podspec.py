"""What is wanted of a pod."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.affinity import Affinity
from podwright.api.core.container import Container, EphemeralContainer
from podwright.api.core.placement import PodSchedulingGate, PodSchedulingGroup, Toleration, TopologySpreadConstraint
from podwright.api.core.podnetwork import HostAlias, PodDNSConfig
from podwright.api.core.podresources import PodResourceClaim
from podwright.api.core.references import LocalObjectReference
from podwright.api.core.resources import ResourceRequirements
from podwright.api.core.security import PodSecurityContext
from podwright.api.core.values import DNSPolicy, OSName, PodConditionType, PreemptionPolicy, ResourceList, RestartPolicy
from podwright.api.core.volumes import Volume
from podwright.api.modeling.fields import ATOMIC, ATOMIC_MAP, EMPTY, REQUIRED, Int32, Int64, Map, api_type, merge_by


@api_type("core.v1")
class PodReadinessGate:
    """A condition that others set and that the pod's readiness waits for."""

    condition_type: Annotated[PodConditionType, REQUIRED] = ""
    """The condition's type."""


@api_type("core.v1")
class PodOS:
    """The operating system the containers are made for."""

    name: Annotated[OSName, REQUIRED] = ""
    """"linux" or "windows"."""


@api_type("core.v1")
class PodSpec:
    """What is wanted of a pod."""

    volumes: Annotated[tuple[Volume, ...], merge_by("name", retain_keys=True)] = ()
    """The volumes its containers can mount."""
    init_containers: Annotated[tuple[Container, ...], merge_by("name")] = ()
    """Containers that run to their end one after the other before the others start; sidecars stay."""
    containers: Annotated[tuple[Container, ...], REQUIRED, merge_by("name")] = ()
    """The containers. There must be at least one."""
    ephemeral_containers: Annotated[tuple[EphemeralContainer, ...], merge_by("name")] = ()
    """Containers added to look into the running pod; changed only through their own subresource."""
    restart_policy: RestartPolicy = ""
    """When ended containers start again: Always (the default), OnFailure or Never."""
    termination_grace_period_seconds: Int64 | None = None
    """The seconds between asking processes to end and killing them; the default is 30."""
    active_deadline_seconds: Int64 | None = None
    """The seconds after which the pod is failed, counted from its start."""
    dns_policy: DNSPolicy = ""
    """Where its resolver's settings come from; the default is ClusterFirst."""
    node_selector: Annotated[Map[str, str], ATOMIC_MAP] = EMPTY
    """Labels a node must have to run it."""
    service_account_name: str = ""
    """The service account it acts as; the default is "default"."""
    service_account: str = ""
    """The old name of serviceAccountName."""
    automount_service_account_token: bool | None = None
    """Whether a token of the service account is mounted."""
    node_name: str = ""
    """The node it is bound to. Set it to pass by the scheduler."""
    host_network: bool = False
    """Whether it uses the node's network."""
    host_pid: bool = False
    """Whether it sees the node's processes."""
    host_ipc: bool = False
    """Whether it uses the node's IPC namespace."""
    share_process_namespace: bool | None = None
    """Whether its containers see each other's processes."""
    security_context: PodSecurityContext | None = None
    """What its processes run as and may do."""
    image_pull_secrets: Annotated[tuple[LocalObjectReference, ...], merge_by("name")] = ()
    """Secrets for pulling its images."""
    hostname: str = ""
    """Its host name; the default is its name."""
    subdomain: str = ""
    """Its DNS subdomain, the name of a headless Service."""
    affinity: Affinity | None = None
    """Where it may or should run."""
    scheduler_name: str = ""
    """The scheduler that places it."""
    tolerations: Annotated[tuple[Toleration, ...], ATOMIC] = ()
    """The taints it tolerates."""
    host_aliases: Annotated[tuple[HostAlias, ...], merge_by("ip")] = ()
    """Lines for its /etc/hosts."""
    priority_class_name: str = ""
    """The class that gives its priority."""
    priority: Int32 | None = None
    """Its priority; the higher goes first. Set from the class."""
    dns_config: PodDNSConfig | None = None
    """Settings of its resolver."""
    readiness_gates: Annotated[tuple[PodReadinessGate, ...], ATOMIC] = ()
    """Further conditions its readiness waits for."""
    runtime_class_name: str | None = None
    """The RuntimeClass to run it with."""
    enable_service_links: bool | None = None
    """Whether variables about the namespace's Services are set; the default is true."""
    preemption_policy: PreemptionPolicy | None = None
    """Whether it may push out pods of lower priority: PreemptLowerPriority or Never."""
    overhead: ResourceList = EMPTY
    """What running it costs beyond its containers, per resource. Set from the RuntimeClass."""
    topology_spread_constraints: Annotated[
        tuple[TopologySpreadConstraint, ...], merge_by("topologyKey", keys=("topologyKey", "whenUnsatisfiable"))
    ] = ()
    """How evenly it and its like are spread."""
    set_hostname_as_fqdn: bool | None = None
    """Whether its host name is its full DNS name."""
    os: PodOS | None = None
    """The operating system it is made for."""
    host_users: bool | None = None
    """Whether it uses the node's user ids; false gives it a user namespace."""
    scheduling_gates: Annotated[tuple[PodSchedulingGate, ...], merge_by("name")] = ()
    """What holds it back from scheduling."""
    resource_claims: Annotated[tuple[PodResourceClaim, ...], merge_by("name", retain_keys=True)] = ()
    """Device claims its containers may use."""
    resources: ResourceRequirements | None = None
    """How much the pod as a whole needs and may use."""
    hostname_override: str | None = None
    """The host name its processes see, whatever the other fields say."""
    scheduling_group: PodSchedulingGroup | None = None
    """The group it is scheduled with."""
