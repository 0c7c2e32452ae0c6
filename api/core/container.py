"""A pod's containers, the ephemeral ones among them."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.env import EnvFromSource, EnvVar
from podwright.api.core.probe import Lifecycle, Probe
from podwright.api.core.resources import ContainerResizePolicy, ResourceRequirements
from podwright.api.core.security import SecurityContext
from podwright.api.core.values import (
    ContainerRestartPolicy,
    ContainerRestartRuleAction,
    ContainerRestartRuleOnExitCodesOperator,
    Protocol,
    PullPolicy,
    TerminationMessagePolicy,
)
from podwright.api.core.volumes import VolumeDevice, VolumeMount
from podwright.api.modeling.fields import ATOMIC, REQUIRED, REQUIRED_IF_KNOWN, SET, Default, Int32, api_type, merge_by


@api_type("core.v1")
class ContainerPort:
    """A port a container listens on. Mostly information: unlisted ports are reachable too."""

    name: str = ""
    """A name unique in the pod, by which Services and probes may refer to the port."""
    host_port: Int32 = 0
    """A port of the node that leads here; 0 is none."""
    container_port: Annotated[Int32, REQUIRED] = 0
    """The port's number in the container."""
    protocol: Annotated[Protocol, Default("TCP")] = ""
    """TCP, UDP or SCTP; the default is TCP."""
    host_ip: str = ""
    """The node's address to bind hostPort to; empty is all."""


@api_type("core.v1")
class ContainerRestartRuleOnExitCodes:
    """Which exit codes a rule applies to."""

    operator: Annotated[ContainerRestartRuleOnExitCodesOperator, REQUIRED_IF_KNOWN] = ""
    """In, or NotIn."""
    values: Annotated[tuple[Int32, ...], SET] = ()
    """The exit codes."""


@api_type("core.v1")
class ContainerRestartRule:
    """What to do when a container ends in a certain way."""

    action: Annotated[ContainerRestartRuleAction, REQUIRED_IF_KNOWN] = ""
    """What to do: Restart, or RestartAllContainers."""
    exit_codes: ContainerRestartRuleOnExitCodes | None = None
    """The exit codes it applies to."""


@api_type("core.v1")
class Container:
    """One container of a pod."""

    name: Annotated[str, REQUIRED] = ""
    """The container's name, unique in the pod. It cannot be changed."""
    image: str = ""
    """The image to run."""
    command: Annotated[tuple[str, ...], ATOMIC] = ()
    """The program and first arguments, instead of the image's entrypoint; `$(NAME)` is replaced by variables."""
    args: Annotated[tuple[str, ...], ATOMIC] = ()
    """Arguments, instead of the image's command; `$(NAME)` is replaced by variables."""
    working_dir: str = ""
    """The directory to start in; the default is the image's."""
    ports: Annotated[tuple[ContainerPort, ...], merge_by("containerPort", keys=("containerPort", "protocol"))] = ()
    """The ports it listens on."""
    env_from: Annotated[tuple[EnvFromSource, ...], ATOMIC] = ()
    """Objects whose keys all become variables; on a tie the last one wins."""
    env: Annotated[tuple[EnvVar, ...], merge_by("name")] = ()
    """Variables of the environment; they go before envFrom."""
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)
    """How much of each resource it needs and may use."""
    resize_policy: Annotated[tuple[ContainerResizePolicy, ...], ATOMIC] = ()
    """What changing its resources in place does to it."""
    restart_policy: ContainerRestartPolicy | None = None
    """Its own restart policy; "Always" makes an init container a sidecar."""
    restart_policy_rules: Annotated[tuple[ContainerRestartRule, ...], ATOMIC] = ()
    """Exceptions from its restart policy by exit code; the first that fits counts."""
    volume_mounts: Annotated[tuple[VolumeMount, ...], merge_by("mountPath")] = ()
    """The volumes to mount into it."""
    volume_devices: Annotated[tuple[VolumeDevice, ...], merge_by("devicePath")] = ()
    """The block volumes to show in it."""
    liveness_probe: Probe | None = None
    """Asked while it runs; failure restarts it."""
    readiness_probe: Probe | None = None
    """Asked while it runs; failure takes the pod out of its Services."""
    startup_probe: Probe | None = None
    """Asked first; the other probes wait for its success, and failure restarts the container."""
    lifecycle: Lifecycle | None = None
    """What to do after its start and before its end."""
    termination_message_path: str = ""
    """The file whose content is reported when it ends; the default is /dev/termination-log."""
    termination_message_policy: TerminationMessagePolicy = ""
    """File, or FallbackToLogsOnError to report the end of its log if the file is empty."""
    image_pull_policy: PullPolicy = ""
    """Always, IfNotPresent or Never; the default is Always for the tag latest, else IfNotPresent."""
    security_context: SecurityContext | None = None
    """What its processes run as and may do."""
    stdin: bool = False
    """Whether its standard input is kept open."""
    stdin_once: bool = False
    """Whether its standard input closes after the first client that attached leaves."""
    tty: bool = False
    """Whether it gets a terminal; needs stdin."""


@api_type("core.v1")
class EphemeralContainer(Container):
    """A container added to a running pod, to look into it. It is never restarted."""

    target_container_name: str = ""
    """The container whose process namespace it joins."""
