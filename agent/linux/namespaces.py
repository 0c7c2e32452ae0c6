"""Namespaces kept alive by files instead of processes.

A thread moves itself into new net, ipc and uts namespaces (unshare is per thread for these three), binds its own
/proc/thread-self/ns/* onto files and ends: no helper process, no fork of a threaded program, about a millisecond. The
namespaces live until the last file is unmounted and the last process has left.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from podwright.agent.linux import libc, mounts
from podwright.agent.linux.threads import in_own_thread

NETNS_FOLDER: Final = "/run/netns"
FLAGS: Final[Mapping[str, int]] = {"net": libc.CLONE_NEWNET, "ipc": libc.CLONE_NEWIPC, "uts": libc.CLONE_NEWUTS}


def share_netns_folder() -> None:
    """Make /run/netns a shared mount of its own, as `ip netns` does.

    Done before the first namespace is bound there: `ip netns add` would otherwise do it later, recursively, and hide
    our mounts under a second layer from which they could not be unmounted.
    """
    folder = Path(NETNS_FOLDER)
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not mounts.is_mount_point(NETNS_FOLDER):
        mounts.execute(
            [
                mounts.BindMount(NETNS_FOLDER, NETNS_FOLDER, recursive=True),
                mounts.Propagation(NETNS_FOLDER, libc.MS_SHARED | libc.MS_REC),
            ]
        )


def release_netns_folder() -> None:
    """Undo `share_netns_folder` when no named namespace is left."""
    if mounts.is_mount_point(NETNS_FOLDER) and not os.listdir(NETNS_FOLDER):
        mounts.unmount(NETNS_FOLDER)


def create(files: Mapping[str, str], inside: Callable[[], None]) -> None:
    """Make new namespaces ("net", "ipc", "uts" -> file to pin it at) and run `inside` in them before they are pinned.

    Blocks; raises OSError. When anything fails nothing stays pinned.
    """
    flags = 0
    for kind in files:
        flags |= FLAGS[kind]

    def work() -> None:
        libc.unshare(flags)
        inside()
        try:
            for kind, path in files.items():
                Path(path).touch(mode=0o444)
                libc.mount(f"/proc/thread-self/ns/{kind}", path, flags=libc.MS_BIND)
        except BaseException:
            for path in files.values():
                unpin(path)
            raise

    in_own_thread(work)


def is_pinned(path: str) -> bool:
    """Whether a namespace is bound at this file."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(path).st_dev != os.stat(Path(path).parent).st_dev  # noqa: PTH116
    return False


def unpin(path: str) -> None:
    """Unmount and delete a namespace's file; nothing when there is none."""
    mounts.unmount(path)
    Path(path).unlink(missing_ok=True)


def identity(path: str) -> int:
    """The inode that names the namespace behind a file, as `readlink /proc/self/ns/*` shows it."""
    return Path(path).stat().st_ino


def run_inside(path: str, kind: str, work: Callable[[], None]) -> None:
    """Run `work` on a thread that has entered one pinned namespace; blocks."""

    def enter() -> None:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            libc.setns(fd, FLAGS[kind])
        finally:
            os.close(fd)
        work()

    in_own_thread(enter)
