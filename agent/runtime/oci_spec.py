"""Builds the OCI runtime configuration of a container. Pure: the same inputs give the same document.

Never reads the host: what it allows comes in as HostFacts, so every rule here is a table test. Defaults (masked
paths, devices, mounts) are those that the field's runtimes give, as programs and conformance tests expect them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from podwright.agent.pods.ports import ContainerConfig, HostError, Limits, Mount
from podwright.agent.runtime import capabilities
from podwright.agent.runtime.host_facts import Device, HostFacts

JSON = dict[str, Any]
PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MASKED: Final = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
READ_ONLY: Final = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_SAFE: Final = ["nosuid", "noexec", "nodev"]
_TERMINALS: Final = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]
# (type, major, minor, access) of the device cgroup, after everything was denied. None: any number.
_DEVICE_RULES: Final[tuple[tuple[str, int | None, int | None, str], ...]] = (
    ("c", None, None, "m"),
    ("b", None, None, "m"),
    ("c", 1, 3, "rwm"),  # null
    ("c", 1, 5, "rwm"),  # zero
    ("c", 1, 7, "rwm"),  # full
    ("c", 1, 8, "rwm"),  # random
    ("c", 1, 9, "rwm"),  # urandom
    ("c", 5, 0, "rwm"),  # tty
    ("c", 5, 1, "rwm"),  # console
    ("c", 5, 2, "rwm"),  # ptmx
    ("c", 136, None, "rwm"),  # terminals
)


def build(
    config: ContainerConfig,
    host: HostFacts,
    *,
    cgroup: str,
    seccomp: JSON | None = None,
    devices: Sequence[Device] = (),
) -> JSON:
    """The config.json of a container whose bundle holds its root at `rootfs`.

    `cgroup`: relative to each controller's mount point. `seccomp`: the profile to apply. `devices`: of the host, for
    privileged containers. Raises HostError(CreateContainerError) for what this host cannot do.
    """
    linux: JSON = {
        "cgroupsPath": f"/{cgroup}",
        "namespaces": namespaces(config, host),
        "resources": resources(config, host),
        "rootfsPropagation": _root_propagation(config.mounts),
    }
    if config.masked_proc and not config.privileged:
        linux |= {"maskedPaths": list(MASKED), "readonlyPaths": list(READ_ONLY)}
    if seccomp is not None and host.seccomp and not config.privileged:
        linux["seccomp"] = seccomp
    if config.privileged and devices:
        linux["devices"] = [_device(device) for device in devices]
    return {
        "ociVersion": "1.0.2",
        "process": process(config, host),
        "root": {"path": "rootfs", "readonly": config.read_only_rootfs},
        "mounts": mounts(config),
        "linux": linux,
        "annotations": {"io.podwright.pod": f"{config.pod.namespace}/{config.pod.name}", **config.labels},
    }


def process(config: ContainerConfig, host: HostFacts) -> JSON:
    """What runs, as whom, with which rights."""
    granted = capabilities.resolve(
        config.add_capabilities,
        config.drop_capabilities,
        privileged=config.privileged,
        available=host.capabilities,
    )
    found: JSON = {
        "args": list(config.args),
        "env": _env(config),
        "cwd": config.working_dir or "/",
        "terminal": config.tty,
        "user": {"uid": config.uid, "gid": config.gid, "umask": 0o22},
        "capabilities": {"bounding": granted, "effective": granted, "permitted": granted},
        "noNewPrivileges": config.no_new_privileges,
        "oomScoreAdj": max(config.oom_score_adj, host.oom_score_floor),
    }
    if config.additional_gids:
        found["user"]["additionalGids"] = list(config.additional_gids)
    profile = _apparmor(config, host)
    if profile:
        found["apparmorProfile"] = profile
    return found


def exec_process(spec: JSON, command: Sequence[str], *, tty: bool) -> JSON:
    """The process of a later exec: like the container's own, another command."""
    found: JSON = {**spec["process"], "args": list(command), "terminal": tty}
    if tty and not any(entry.startswith("TERM=") for entry in found["env"]):
        found["env"] = [*found["env"], "TERM=xterm"]
    return found


def namespaces(config: ContainerConfig, host: HostFacts) -> list[JSON]:
    """Namespaces to make or to join; one that is left out is the host's (for net: the node's)."""
    sandbox = config.sandbox
    found: list[JSON] = [{"type": "mount"}]
    if config.share_process_namespace_pid:
        found.append({"type": "pid", "path": f"/proc/{config.share_process_namespace_pid}/ns/pid"})
    elif not config.host_pid:
        found.append({"type": "pid"})
    if sandbox.netns:
        found.append({"type": "network", "path": sandbox.netns})
    if sandbox.ipcns and not config.host_ipc:
        found.append({"type": "ipc", "path": sandbox.ipcns})
    if sandbox.utsns:
        found.append({"type": "uts", "path": sandbox.utsns})
    if host.pure_v2 and not config.privileged:
        found.append({"type": "cgroup"})
    return found


def mounts(config: ContainerConfig) -> list[JSON]:
    """The usual file systems, then the pod's own mounts, outer folders before inner ones."""
    sys_mode = "rw" if config.privileged else "ro"
    usual = [
        _mount("/proc", "proc", "proc", _SAFE),
        _mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        _mount("/dev/pts", "devpts", "devpts", _TERMINALS),
        _mount("/dev/mqueue", "mqueue", "mqueue", _SAFE),
        _mount("/sys", "sysfs", "sysfs", [*_SAFE, sys_mode]),
        # On version 1 the runtime binds the container's own cgroup of each controller below this one.
        _mount("/sys/fs/cgroup", "cgroup", "cgroup", [*_SAFE, "relatime", sys_mode]),
        _shared_memory(config),
    ]
    taken = {mount.target.rstrip("/") or "/" for mount in config.mounts}
    own = [_own(mount) for mount in sorted(config.mounts, key=lambda mount: mount.target.rstrip("/").count("/"))]
    return [mount for mount in usual if mount["destination"] not in taken] + own


def resources(config: ContainerConfig, host: HostFacts) -> JSON:
    """Cgroup settings, in the runtime's own terms (it converts cpu shares for version 2)."""
    limits: Limits = config.limits
    cpu: JSON = {}
    if limits.cpu_shares is not None:
        cpu["shares"] = max(2, limits.cpu_shares)
    if limits.cpu_quota_us is not None:
        cpu |= {"quota": limits.cpu_quota_us, "period": limits.cpu_period_us}
    memory: JSON = {}
    if limits.memory_bytes is not None and limits.memory_bytes > 0:
        memory["limit"] = limits.memory_bytes
        if host.swap_accounting:
            memory["swap"] = limits.memory_bytes  # memory plus swap: none of it may be swap
    found: JSON = {"devices": _device_rules(privileged=config.privileged)}
    if cpu:
        found["cpu"] = cpu
    if memory:
        found["memory"] = memory
    if limits.pids is not None and limits.pids > 0:
        found["pids"] = {"limit": limits.pids}
    return found


def _device(device: Device) -> JSON:
    numbers = {"major": device.major, "minor": device.minor, "fileMode": device.mode}
    return {"path": device.path, "type": device.kind, "uid": device.uid, "gid": device.gid, **numbers}


def _device_rules(*, privileged: bool) -> list[JSON]:
    if privileged:
        return [{"allow": True, "access": "rwm"}]
    rules: list[JSON] = [{"allow": False, "access": "rwm"}]
    for kind, major, minor, access in _DEVICE_RULES:
        rule: JSON = {"allow": True, "type": kind, "access": access}
        if major is not None:
            rule["major"] = major
        if minor is not None:
            rule["minor"] = minor
        rules.append(rule)
    return rules


def _env(config: ContainerConfig) -> list[str]:
    env = list(config.env)
    names = {entry.partition("=")[0] for entry in env}
    first = [] if "PATH" in names else [PATH]
    if "HOSTNAME" not in names and config.hostname:
        first.append(f"HOSTNAME={config.hostname}")
    if config.tty and "TERM" not in names:
        first.append("TERM=xterm")
    return [*first, *env]


def _mount(destination: str, kind: str, source: str, options: Sequence[str]) -> JSON:
    return {"destination": destination, "type": kind, "source": source, "options": list(options)}


def _own(mount: Mount) -> JSON:
    mode = "ro" if mount.read_only else "rw"
    if mount.type == "tmpfs":
        return _mount(mount.target, "tmpfs", "tmpfs", [mode, *mount.options])
    propagation = {"private": "rprivate"}.get(mount.propagation, mount.propagation)
    return _mount(mount.target, "bind", mount.source, ["rbind", propagation, mode, *mount.options])


def _shared_memory(config: ContainerConfig) -> JSON:
    """/dev/shm goes with the ipc namespace: the host's, the pod's, or a small one of its own."""
    source = "/dev/shm" if config.host_ipc else config.sandbox.shm
    if source:
        return _mount("/dev/shm", "bind", source, ["rbind", "rprivate", "rw"])
    return _mount("/dev/shm", "tmpfs", "shm", [*_SAFE, "mode=1777", "size=65536k"])


def _root_propagation(own: Sequence[Mount]) -> str:
    """The container's root must let through what its most open mount wants."""
    wanted = {mount.propagation for mount in own}
    return "rshared" if "rshared" in wanted else "rslave" if "rslave" in wanted else "rprivate"


def _apparmor(config: ContainerConfig, host: HostFacts) -> str:
    """The profile's name, or "" for the host's default; refused where the host cannot enforce it."""
    wanted = config.apparmor
    if wanted.lower() in ("", "unconfined", "runtime/default", "runtimedefault"):
        return ""
    if not host.apparmor:
        raise HostError("CreateContainerError", "cannot apply AppArmor profile: not enabled on this host", retry=False)
    return wanted.removeprefix("localhost/")
