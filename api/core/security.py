"""What processes in pods run as and may do."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.values import (
    AppArmorProfileType,
    Capability,
    PodFSGroupChangePolicy,
    PodSELinuxChangePolicy,
    ProcMountType,
    SeccompProfileType,
    SupplementalGroupsPolicy,
)
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int64, api_type


@api_type("core.v1")
class Capabilities:
    """Kernel capabilities added to and taken from the runtime's default set."""

    add: Annotated[tuple[Capability, ...], ATOMIC] = ()
    """Capabilities to add."""
    drop: Annotated[tuple[Capability, ...], ATOMIC] = ()
    """Capabilities to take away; "ALL" takes all."""


@api_type("core.v1")
class SELinuxOptions:
    """The SELinux context of processes."""

    user: str = ""
    """The context's user."""
    role: str = ""
    """The context's role."""
    type: str = ""
    """The context's type."""
    level: str = ""
    """The context's level."""


@api_type("core.v1")
class WindowsSecurityContextOptions:
    """Settings for Windows containers."""

    gmsa_credential_spec_name: str | None = None
    """The name of the GMSA credential spec."""
    gmsa_credential_spec: str | None = None
    """The GMSA credential spec itself."""
    run_as_user_name: str | None = None
    """The user that runs the processes."""
    host_process: bool | None = None
    """Whether the container runs as a process of the host."""


@api_type("core.v1")
class SeccompProfile:
    """Which system calls processes may make."""

    type: Annotated[SeccompProfileType, REQUIRED] = ""
    """Unconfined, RuntimeDefault or Localhost."""
    localhost_profile: str | None = None
    """The profile file on the node, for type Localhost."""


@api_type("core.v1")
class AppArmorProfile:
    """Which AppArmor profile confines processes."""

    type: Annotated[AppArmorProfileType, REQUIRED] = ""
    """Unconfined, RuntimeDefault or Localhost."""
    localhost_profile: str | None = None
    """The profile's name on the node, for type Localhost."""


@api_type("core.v1")
class SecurityContext:
    """What a container's processes run as and may do. It goes before the pod's settings."""

    capabilities: Capabilities | None = None
    """Kernel capabilities to add and drop."""
    privileged: bool | None = None
    """Whether processes have all the powers of root on the node."""
    se_linux_options: SELinuxOptions | None = None
    """The SELinux context."""
    windows_options: WindowsSecurityContextOptions | None = None
    """What applies on Windows only."""
    run_as_user: Int64 | None = None
    """The user id processes run as; the default is the image's."""
    run_as_group: Int64 | None = None
    """The group id processes run as."""
    run_as_non_root: bool | None = None
    """Refuse to start the container as user 0."""
    read_only_root_filesystem: bool | None = None
    """Whether the root file system is read-only."""
    allow_privilege_escalation: bool | None = None
    """Whether a process may gain more privileges than its parent has."""
    proc_mount: ProcMountType | None = None
    """How /proc is mounted: Default hides parts of it, Unmasked nothing."""
    seccomp_profile: SeccompProfile | None = None
    """Which system calls are allowed."""
    app_armor_profile: AppArmorProfile | None = None
    """Which AppArmor profile applies."""


@api_type("core.v1")
class Sysctl:
    """A kernel parameter of the pod's namespaces."""

    name: Annotated[str, REQUIRED] = ""
    """The parameter's name."""
    value: Annotated[str, REQUIRED] = ""
    """The value to set."""


@api_type("core.v1")
class PodSecurityContext:
    """What all processes of a pod run as and may do, unless a container says otherwise."""

    se_linux_options: SELinuxOptions | None = None
    """The SELinux context of all containers."""
    windows_options: WindowsSecurityContextOptions | None = None
    """What applies on Windows only."""
    run_as_user: Int64 | None = None
    """The user id processes run as; the default is the image's."""
    run_as_group: Int64 | None = None
    """The group id processes run as."""
    run_as_non_root: bool | None = None
    """Refuse to start containers as user 0."""
    supplemental_groups: Annotated[tuple[Int64, ...], ATOMIC] = ()
    """Further group ids of every process."""
    supplemental_groups_policy: SupplementalGroupsPolicy | None = None
    """Whether the image's groups are added (Merge) or not (Strict)."""
    fs_group: Int64 | None = None
    """A group id that owns the pod's volumes and is added to every process."""
    sysctls: Annotated[tuple[Sysctl, ...], ATOMIC] = ()
    """Kernel parameters to set."""
    fs_group_change_policy: PodFSGroupChangePolicy | None = None
    """Change volume owners always, or only if the root differs: Always or OnRootMismatch."""
    seccomp_profile: SeccompProfile | None = None
    """Which system calls are allowed."""
    app_armor_profile: AppArmorProfile | None = None
    """Which AppArmor profile applies."""
    se_linux_change_policy: PodSELinuxChangePolicy | None = None
    """How volumes get their SELinux label: Recursive or MountOption."""
