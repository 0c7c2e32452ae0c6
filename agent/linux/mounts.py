"""Mounts as values: a plan is a list of effects that can be printed, sorted and tested before any of them runs.

Never guesses what is mounted: removal reads the kernel's own table (`mounts_under`) so that it also finds what an
earlier, killed agent left behind.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from podwright.agent.linux import libc
from podwright.agent.linux.threads import in_own_thread

_OCTAL = re.compile(r"\\([0-7]{3})")


class Effect(Protocol):
    """One change to the host's mount table."""

    def describe(self) -> str:
        """The command that would do the same by hand."""
        ...

    def execute(self) -> None:
        """Do it; raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class BindMount:
    """A file or folder made visible at a second place."""

    source: str
    target: str
    recursive: bool = False

    def describe(self) -> str:
        """The command that would do the same by hand."""
        return f"mount --{'r' if self.recursive else ''}bind {self.source} {self.target}"

    def execute(self) -> None:
        """Do it; raises OSError."""
        libc.mount(self.source, self.target, flags=libc.MS_BIND | (libc.MS_REC if self.recursive else 0))


@dataclass(frozen=True, slots=True)
class Propagation:
    """Changes how mount events below `target` travel (MS_PRIVATE, MS_SHARED, MS_SLAVE; with MS_REC for the subtree)."""

    target: str
    flags: int

    def describe(self) -> str:
        """The command that would do the same by hand."""
        return f"mount --propagation {self.flags:#x} {self.target}"

    def execute(self) -> None:
        """Do it; raises OSError."""
        libc.mount("none", self.target, flags=self.flags)


@dataclass(frozen=True, slots=True)
class TmpfsMount:
    """A memory file system."""

    target: str
    size_bytes: int
    mode: str = "1777"
    name: str = "tmpfs"

    def describe(self) -> str:
        """The command that would do the same by hand."""
        return f"mount -t tmpfs -o size={self.size_bytes},mode={self.mode} {self.name} {self.target}"

    def execute(self) -> None:
        """Do it; raises OSError."""
        flags = libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
        libc.mount(self.name, self.target, "tmpfs", flags, f"size={self.size_bytes},mode={self.mode}")


@dataclass(frozen=True, slots=True)
class OverlayMount:
    """A container's root: read-only layers below one writable folder.

    mount(2) takes at most one page of options, which some dozens of absolute layer paths exceed. So the layers are
    reached through short links (`l/0`, `l/1` ...) relative to `folder`, and the mount is made by a thread whose own
    working directory is that folder; the kernel resolves them at once and forgets them. This also saves us from
    escaping the colons and commas that a path may hold.

    `volatile` (Linux 5.10) spares the sync of the whole backing file system at unmount; a container's writable layer
    never outlives a crash of the host, so nothing is lost by it.
    """

    folder: str  # holds upper/, work/ and rootfs/
    layers: tuple[str, ...]  # absolute, bottom first

    def options(self) -> str:
        """The mount options, in the kernel's order: top layer first."""
        lower = ":".join(f"l/{index}" for index in reversed(range(len(self.layers))))
        return f"lowerdir={lower},upperdir=upper,workdir=work"

    def describe(self) -> str:
        """The command that would do the same by hand."""
        return f"cd {self.folder} && mount -t overlay overlay -o {self.options()} rootfs"

    def execute(self) -> None:
        """Do it; raises OSError."""
        folder = Path(self.folder)
        for name in ("l", "upper", "work", "rootfs"):
            (folder / name).mkdir(mode=0o755, exist_ok=True)
        for index, layer in enumerate(self.layers):
            link = folder / "l" / str(index)
            link.unlink(missing_ok=True)
            link.symlink_to(layer)
        in_own_thread(self._mount)

    def _mount(self) -> None:
        libc.unshare(libc.CLONE_FS)  # a working directory of this thread's own
        os.chdir(self.folder)
        options = self.options()
        try:
            libc.mount("overlay", "rootfs", "overlay", 0, f"{options},volatile")
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            libc.mount("overlay", "rootfs", "overlay", 0, options)


def execute(plan: Sequence[Effect]) -> None:
    """Run a plan in order; the first failure ends it, with the line to repeat by hand in the error."""
    for effect in plan:
        try:
            effect.execute()
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror} ({effect.describe()})") from error


def mount_points(table: str) -> list[str]:
    """Mount points in a /proc/<pid>/mountinfo text, oldest first, a point stacked twice twice."""
    return [_OCTAL.sub(lambda match: chr(int(match[1], 8)), line.split(" ", 5)[4]) for line in table.splitlines()]


def below(points: Iterable[str], folder: str) -> list[str]:
    """Those mount points at or below `folder`, deepest and newest first: the order to unmount in."""
    top = folder.rstrip("/")
    found = [point for point in points if point == top or point.startswith(f"{top}/")]
    found.reverse()  # of two at the same place the newer one comes off first
    found.sort(key=lambda point: -point.count("/"))
    return found


def mounts_under(folder: str) -> list[str]:
    """What is mounted at or below `folder` now, in the order to unmount it."""
    return below(mount_points(Path("/proc/self/mountinfo").read_text()), folder)


def is_mount_point(path: str) -> bool:
    """Whether something is mounted exactly there."""
    return path in mount_points(Path("/proc/self/mountinfo").read_text())


def unmount(path: str) -> None:
    """Unmount one point; nothing when it is not mounted. A busy one is detached and ends with its last user."""
    try:
        libc.umount2(path, libc.UMOUNT_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.EBUSY:
            libc.umount2(path, libc.UMOUNT_NOFOLLOW | libc.MNT_DETACH)
        elif error.errno not in (errno.EINVAL, errno.ENOENT):
            raise


def unmount_under(folder: str) -> None:
    """Unmount everything at or below `folder`."""
    for point in mounts_under(folder):
        unmount(point)
