"""What a node reports about a container."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.podresources import ResourceStatus
from podwright.api.core.resources import ResourceRequirements
from podwright.api.core.values import RecursiveReadOnlyMode, ResourceList, Signal
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    EMPTY,
    REQUIRED,
    REQUIRED_IF_KNOWN,
    Int32,
    Int64,
    Time,
    api_type,
    merge_by,
)


@api_type("core.v1")
class ContainerStateWaiting:
    """A container that does not run yet, or not again."""

    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class ContainerStateRunning:
    """A container that runs."""

    started_at: Annotated[Time | None, ALWAYS] = None
    """Since when."""


@api_type("core.v1")
class ContainerStateTerminated:
    """A container that ended."""

    exit_code: Annotated[Int32, REQUIRED] = 0
    """Its exit code."""
    signal: Int32 = 0
    """The signal that ended it."""
    reason: str = ""
    """A word that says why, such as Completed, Error or OOMKilled."""
    message: str = ""
    """What it left in its termination message."""
    started_at: Annotated[Time | None, ALWAYS] = None
    """When it started."""
    finished_at: Annotated[Time | None, ALWAYS] = None
    """When it ended."""
    container_id: str = ""
    """Its id: `<runtime>://<id>`."""


@api_type("core.v1")
class ContainerState:
    """What a container does. At most one field is set; none counts as waiting."""

    waiting: ContainerStateWaiting | None = None
    """It waits."""
    running: ContainerStateRunning | None = None
    """It runs."""
    terminated: ContainerStateTerminated | None = None
    """It ended."""


@api_type("core.v1")
class ImageVolumeStatus:
    """The image behind an image volume."""

    image_ref: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """The image's digest."""


@api_type("core.v1")
class VolumeStatus:
    """What is known of a mounted volume, by its kind."""

    image: ImageVolumeStatus | None = None
    """The image, for an image volume."""


@api_type("core.v1")
class VolumeMountStatus:
    """How a volume is mounted in a container."""

    name: Annotated[str, REQUIRED] = ""
    """The volume's name."""
    mount_path: Annotated[str, REQUIRED] = ""
    """Its path in the container."""
    read_only: bool = False
    """Whether it is read-only."""
    recursive_read_only: RecursiveReadOnlyMode | None = None
    """Whether mounts below it are read-only too: Disabled or Enabled."""
    volume_status: VolumeStatus | None = None
    """What is known of the volume."""


@api_type("core.v1")
class LinuxContainerUser:
    """What a container's first process runs as."""

    uid: Annotated[Int64, REQUIRED] = 0
    """Its user id."""
    gid: Annotated[Int64, REQUIRED] = 0
    """Its group id."""
    supplemental_groups: Annotated[tuple[Int64, ...], ATOMIC] = ()
    """Its further group ids."""


@api_type("core.v1")
class ContainerUser:
    """Who a container's first process runs as."""

    linux: LinuxContainerUser | None = None
    """On Linux."""


@api_type("core.v1")
class ContainerStatus:
    """What is known of a container."""

    name: Annotated[str, REQUIRED] = ""
    """The container's name."""
    state: ContainerState = field(default_factory=ContainerState)
    """What it does now."""
    last_state: ContainerState = field(default_factory=ContainerState)
    """How its previous run ended."""
    ready: Annotated[bool, REQUIRED] = False
    """Whether it passes its readiness probe."""
    restart_count: Annotated[Int32, REQUIRED] = 0
    """How often it was restarted."""
    image: Annotated[str, REQUIRED] = ""
    """The image it runs."""
    image_id: Annotated[str, REQUIRED] = ""
    """The image's digest."""
    container_id: str = ""
    """Its id: `<runtime>://<id>`."""
    started: bool | None = None
    """Whether its startup probe has passed and its postStart hook is done."""
    allocated_resources: ResourceList = EMPTY
    """What the node has set aside for it, per resource."""
    resources: ResourceRequirements | None = None
    """What is in force for it now."""
    volume_mounts: Annotated[tuple[VolumeMountStatus, ...], merge_by("mountPath")] = ()
    """How volumes are mounted in it."""
    user: ContainerUser | None = None
    """Who its first process runs as."""
    allocated_resources_status: Annotated[tuple[ResourceStatus, ...], merge_by("name")] = ()
    """The devices given to it and their health."""
    stop_signal: Signal | None = None
    """The signal that will stop it."""
