"""What this host allows, measured once at start: the container spec is a pure function of it and of the pod."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.runtime import capabilities

_CONTAINER_OWN: Final = frozenset({"pts", "shm", "mqueue", "fd", "console", "stdin", "stdout", "stderr", "core"})


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Facts that shape every container on this host."""

    pure_v2: bool
    swap_accounting: bool
    capabilities: frozenset[str]
    oom_score_floor: int  # the lowest oom_score_adj that we may set
    seccomp: bool
    apparmor: bool
    seccomp_folder: str = ""  # where profiles of type Localhost lie


@dataclass(frozen=True, slots=True)
class Device:
    """A device node of the host. `kind`: "c" or "b"."""

    path: str
    kind: str
    major: int
    minor: int
    mode: int
    uid: int
    gid: int


def bounding_set(status: str) -> frozenset[str]:
    """Capabilities that a child can have at all, from a /proc/<pid>/status text."""
    mask = next((line.split()[1] for line in status.splitlines() if line.startswith("CapBnd:")), "0")
    return capabilities.of_mask(int(mask, 16))


def oom_floor(available: frozenset[str], own: int) -> int:
    """Without CAP_SYS_RESOURCE nobody may set a lower score than the one inherited."""
    return -1000 if "CAP_SYS_RESOURCE" in available else own


def measure(cgroups: Cgroups, seccomp_folder: str) -> HostFacts:
    """Read the facts off /proc and /sys."""
    status = Path("/proc/self/status").read_text()
    available = bounding_set(status)
    apparmor = Path("/sys/module/apparmor/parameters/enabled")
    return HostFacts(
        pure_v2=cgroups.pure_v2,
        swap_accounting=cgroups.swap_accounting,
        capabilities=available,
        oom_score_floor=oom_floor(available, int(Path("/proc/self/oom_score_adj").read_text())),
        seccomp="Seccomp:" in status,
        apparmor=apparmor.exists() and apparmor.read_text().startswith("Y"),
        seccomp_folder=seccomp_folder,
    )


def host_devices(folder: str = "/dev") -> Iterator[Device]:
    """Device nodes of the host for a privileged container, without those that every container has of its own."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_symlink() or (folder == "/dev" and entry.name in _CONTAINER_OWN):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from host_devices(entry.path)
            continue
        info = entry.stat(follow_symlinks=False)
        if stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
            kind = "c" if stat.S_ISCHR(info.st_mode) else "b"
            mode = stat.S_IMODE(info.st_mode)
            major, minor = os.major(info.st_rdev), os.minor(info.st_rdev)
            yield Device(entry.path, kind, major, minor, mode, info.st_uid, info.st_gid)
