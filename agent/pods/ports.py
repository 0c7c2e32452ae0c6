"""What the pod workers need from the host: small Protocols, implemented next door, faked in unit tests.

The sandbox of a pod is a named network namespace, shared ipc and uts namespaces and a pod cgroup; containers live in it
with their own pid and mount namespaces. Every resource made here is found again by listing (after a crash of the
agent) and removed by the call that names its owner's uid; all removals are idempotent.

Errors (`HostError`) carry `reason`, a word that lands in a container's or pod's status (ErrImagePull,
RunContainerError, CreateContainerError, FailedMount ...), and a message for people.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class HostError(Exception):
    """The host refused. `reason` is the status word, `retry` says whether trying again may help."""

    def __init__(self, reason: str, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry = retry


@dataclass(frozen=True, slots=True)
class PodRef:
    """Names one incarnation of a pod."""

    namespace: str
    name: str
    uid: str


# ---- cgroups -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """Cgroup settings of a pod or container; None leaves the kernel's default (no limit)."""

    cpu_shares: int | None = None  # v1 scale, 2..262144; converted for v2's cpu.weight
    cpu_quota_us: int | None = None  # per period; -1: no limit
    cpu_period_us: int = 100_000
    memory_bytes: int | None = None
    pids: int | None = None


# ---- images --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What a container takes from its image (the OCI image config)."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    stop_signal: str = ""
    volumes: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is complete in the store, its layers unpacked."""

    id: str  # "sha256:<config digest>"
    digest: str  # "name@sha256:<manifest digest>" or "" when it was never named by one
    names: tuple[str, ...]  # normalized: "docker.io/library/busybox:1.36"
    size_bytes: int
    layers: tuple[str, ...]  # absolute folders, bottom first, ready as overlay lower layers
    config: ImageConfig


class Images(Protocol):
    """The node's image store. Raises HostError: InvalidImageName, ErrImagePull, ErrImageNeverPull."""

    async def find(self, reference: str) -> Image | None:
        """Look an image up locally by name, digest or id."""
        ...

    async def pull(self, reference: str, credentials: Sequence[Mapping[str, Any]] = ()) -> Image:
        """Fetch from its registry what is not here already. `credentials`: docker config "auths" maps."""
        ...

    async def list(self) -> list[Image]:
        """Every complete image."""
        ...


# ---- network -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A pod's shared namespaces, alive as long as their files are."""

    pod: PodRef
    netns: str  # absolute path of the named network namespace; "" on the host network
    ipcns: str
    utsns: str
    ips: tuple[str, ...]
    cgroup: str  # the pod's cgroup, relative to each controller's mount point
    shm: str = ""  # host folder that its containers share as /dev/shm


class Sandboxes(Protocol):
    """Makes and removes sandboxes. Raises HostError(FailedCreatePodSandBox)."""

    async def ensure(
        self,
        pod: PodRef,
        *,
        hostname: str,
        host_network: bool,
        limits: Limits,
        sysctls: Mapping[str, str],
        ip: str = "",
    ) -> Sandbox:
        """Create the sandbox, or complete and return the one that is there. `ip`: keep this address if it is free."""
        ...

    async def shared_processes(self, uid: str) -> int:
        """Return the pid of the first process of the namespace that the pod's containers share; made if need be."""
        ...

    async def remove(self, uid: str) -> None:
        """Remove netns, veth, routes, address and cgroup of this pod. Its containers must be gone."""
        ...

    async def list(self) -> list[Sandbox]:
        """Everything found on the host that this node owns, complete or not."""
        ...

    async def set_limits(self, uid: str, limits: Limits) -> None:
        """Change the pod cgroup in place."""
        ...


# ---- runtime -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mount:
    """A bind mount into a container. `propagation`: private, rslave or rshared."""

    source: str
    target: str
    read_only: bool = False
    propagation: str = "private"
    type: str = "bind"  # or "tmpfs" (source unused)
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """Everything the runtime needs to create one container, already resolved (env, user, mounts)."""

    id: str  # unique on this host: <pod uid>_<container name>_<attempt>, see runtime/naming
    pod: PodRef
    name: str
    attempt: int
    image: Image
    args: tuple[str, ...]
    env: tuple[str, ...]
    working_dir: str
    mounts: tuple[Mount, ...]
    limits: Limits
    sandbox: Sandbox
    log_path: str
    hostname: str
    uid: int = 0
    gid: int = 0
    additional_gids: tuple[int, ...] = ()
    tty: bool = False
    stdin: bool = False
    stdin_once: bool = False
    read_only_rootfs: bool = False
    privileged: bool = False
    add_capabilities: tuple[str, ...] = ()
    drop_capabilities: tuple[str, ...] = ()
    no_new_privileges: bool = False
    host_pid: bool = False
    host_ipc: bool = False
    share_process_namespace_pid: int = 0  # pid whose pid namespace to join; 0: own
    oom_score_adj: int = 0
    seccomp: str = ""  # "", "RuntimeDefault", "Unconfined" or "localhost/<path>"
    apparmor: str = ""
    masked_proc: bool = True
    sysctls: Mapping[str, str] = field(default_factory=dict[str, str])
    stop_signal: str = ""
    termination_message_file: str = ""  # host file bound at terminationMessagePath; "" for none
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


class ContainerState(enum.Enum):
    """Where a container is in its life, as observed."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    LOST = "lost"  # its monitor died or its records are damaged: the process, if any, must be killed


@dataclass(frozen=True, slots=True)
class ContainerInfo:
    """One container as found on the host. Times are Unix seconds."""

    id: str
    pod: PodRef
    name: str
    attempt: int
    state: ContainerState
    pid: int
    created_at: float
    started_at: float
    finished_at: float
    exit_code: int  # 128+N for signal N
    oom_killed: bool
    image_id: str
    image_digest: str
    log_path: str
    labels: Mapping[str, str]
    refusal: str = ""  # why its process could not be executed (exit code 128, reason StartError)


@dataclass(frozen=True, slots=True)
class ExecResult:
    """Outcome of a bounded exec (probes, hooks). `timed_out` kills the process."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False


class IOStream(Protocol):
    """An interactive process: exec or attach. Output is read as (channel, bytes), channel 1 stdout, 2 stderr."""

    def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Everything the process writes until it ends or the stream is closed."""
        ...

    async def write(self, data: bytes) -> None:
        """Feed stdin."""
        ...

    async def close_stdin(self) -> None:
        """Signal end of input."""
        ...

    async def resize(self, width: int, height: int) -> None:
        """Set the terminal's size in character cells."""
        ...

    async def wait(self) -> int:
        """Exit code of the process (exec), 0 for attach."""
        ...

    async def close(self) -> None:
        """Let go; an exec'd process that still runs is killed."""
        ...


class Runtime(Protocol):
    """Containers through conmon and an OCI runtime; they survive the agent. Raises HostError."""

    async def create(self, config: ContainerConfig) -> None:
        """Mount the root file system, write the bundle, start conmon, create the container (not started)."""
        ...

    async def start(self, container_id: str) -> None:
        """Run its process. Raises HostError(StartError) when the command cannot be executed (exit code 128)."""
        ...

    async def signal(self, container_id: str, signal: int) -> None:
        """Send a signal to PID 1; nothing when it has ended."""
        ...

    async def remove(self, container_id: str) -> None:
        """Kill what runs, then remove process, monitor, cgroup, mounts and bundle; logs stay. Idempotent."""
        ...

    async def list(self) -> list[ContainerInfo]:
        """Every container of this node found on the host, in any state."""
        ...

    async def inspect(self, container_id: str) -> ContainerInfo | None:
        """One container as it is now."""
        ...

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back with a container id right after it exited or its monitor died; returns the unsubscriber."""
        ...

    async def set_limits(self, container_id: str, limits: Limits) -> None:
        """Change the container's cgroup in place."""
        ...

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        """Run a command in the container and collect at most 16 KiB of each output."""
        ...

    async def exec(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool) -> IOStream:
        """Run a command with streams."""
        ...

    async def attach(self, container_id: str, *, stdin: bool) -> IOStream:
        """Join the streams of the container's own process."""
        ...

    async def reopen_log(self, container_id: str) -> None:
        """Tell the monitor to open its log file anew (after rotation)."""
        ...

    def rootfs(self, container_id: str) -> str:
        """The container's mounted root file system on the host."""
        ...


# ---- volumes -------------------------------------------------------------------------------------------------------


class Objects(Protocol):
    """Objects that the control plane pushed for this node's pods (plain JSON dicts)."""

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """The newest version known, or None."""
        ...


class Tokens(Protocol):
    """Service-account tokens for this node's pods."""

    async def token(
        self, pod: PodRef, service_account: str, audiences: Sequence[str], seconds: int
    ) -> tuple[str, float]:
        """A token and its expiry (Unix seconds)."""
        ...


class Volumes(Protocol):
    """Prepares a pod's volumes under its folder. Raises HostError(FailedMount)."""

    async def ensure(self, pod: Mapping[str, Any]) -> Mapping[str, str]:
        """Volume name -> host path for each volume of the pod; creates, mounts and refreshes them (atomically)."""
        ...

    async def subpath(self, uid: str, mount_name: str, volume_path: str, sub: str) -> str:
        """Pin `sub` inside a volume and return the host path to bind. Raises HostError(CreateContainerConfigError)."""
        ...

    async def remove(self, uid: str) -> None:
        """Unmount and delete everything of this pod."""
        ...

    async def list(self) -> list[str]:
        """Uids of pods that have something here."""
        ...
