"""Which cgroup files hold which setting, for version 1 and version 2: tables and pure functions, no I/O.

Limits are given in version 1's scale (cpu shares), as the API's requests map to it; version 2's cpu.weight is derived
with the mapping that OCI runtimes use, so that a pod's cgroup and its containers' agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podwright.agent.pods.ports import Limits

MEMORY_LIMIT = "memory.limit_in_bytes"  # of version 1
NEEDED = ("cpu", "memory", "pids", "cpuset", "cpuacct", "freezer", "io", "blkio", "devices")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One mounted cgroup tree and the controllers that live in it. On hybrid hosts there are several."""

    version: int
    mount: str
    controllers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One value to write into one file of a cgroup."""

    controller: str
    file: str
    value: str


def weight(shares: int) -> int:
    """cpu.weight (1..10000) for v1 cpu shares (2..262144)."""
    return 1 + ((max(2, min(shares, 262144)) - 2) * 9999) // 262142


def settings(limits: Limits, version: int) -> list[Setting]:
    """What to write for these limits; unset limits write nothing."""
    found: list[Setting] = []
    quota, period = limits.cpu_quota_us, limits.cpu_period_us
    if limits.cpu_shares is not None:
        shares = Setting("cpu", "cpu.shares", str(max(2, limits.cpu_shares)))
        found.append(shares if version == 1 else Setting("cpu", "cpu.weight", str(weight(limits.cpu_shares))))
    if quota is not None:
        if version == 1:
            found.append(Setting("cpu", "cpu.cfs_period_us", str(period)))
            found.append(Setting("cpu", "cpu.cfs_quota_us", str(quota)))
        else:
            found.append(Setting("cpu", "cpu.max", f"{quota if quota > 0 else 'max'} {period}"))
    if limits.memory_bytes is not None:
        name = MEMORY_LIMIT if version == 1 else "memory.max"
        unlimited = "-1" if version == 1 else "max"
        found.append(Setting("memory", name, str(limits.memory_bytes) if limits.memory_bytes > 0 else unlimited))
    if limits.pids is not None:
        found.append(Setting("pids", "pids.max", str(limits.pids) if limits.pids > 0 else "max"))
    return found


def hierarchies(mountinfo: str, v2_controllers: str) -> tuple[Hierarchy, ...]:
    """Cgroup trees of a /proc/self/mountinfo text; `v2_controllers` is the version 2 root's cgroup.controllers."""
    found: dict[str, Hierarchy] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(" "), after.split(" ", 2)
        root, mount = fields[3], fields[4]
        # Only whole trees: a bind mount of a subtree (containers on v1 have them) is not one to work in.
        if root != "/" or kind not in ("cgroup", "cgroup2"):
            continue
        if kind == "cgroup2":
            found.setdefault("v2", Hierarchy(2, mount, frozenset(v2_controllers.split())))
            continue
        names = frozenset(option for option in options.split(",") if option.startswith("name=") or option in NEEDED)
        if names:
            found.setdefault(",".join(sorted(names)), Hierarchy(1, mount, names))
    return tuple(found.values())


def v2_mount(mountinfo: str) -> str:
    """Where version 2's tree is mounted; "" when it is not."""
    return next((tree.mount for tree in hierarchies(mountinfo, "") if tree.version == 2), "")


def counter(text: str, key: str) -> int:
    """The number after `key` in a "key value" file such as memory.events or memory.oom_control; 0 when absent."""
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == key:
            return int(value)
    return 0


def ancestors(path: str) -> list[str]:
    """Every folder from the root's child down to `path`: "a/b" gives ["a", "a/b"]."""
    parts = Path(path.strip("/")).parts
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]
