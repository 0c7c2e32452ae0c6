"""Removes what a node has on the host, whatever state it is in: processes, mounts, namespaces, cgroups.

This is the end of a node by force: a power cut (`node stop`) or the end of the cluster (`down`). It asks nobody and
finds everything by what the kernel says: cgroup membership, command lines, mount points, pinned namespaces. Blocking.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from podwright.agent.linux import mounts, namespaces
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.network.names import netns_path
from podwright.deploy.control import kill_and_wait

_ROUNDS = 50


class LeftoverError(Exception):
    """Something could not be removed. The message names it."""


def clear_node(cluster: str, node_dir: Path, cgroup: str) -> None:
    """End every process of a node and remove everything it made outside of its folder. Raises LeftoverError."""
    kill_all(cgroup, node_dir)
    for uid in _pod_uids(node_dir):
        namespaces.unpin(netns_path(cluster, uid))
    mounts.unmount_under(str(node_dir))
    remove_cgroup(cgroup)


def clear_state(node_dir: Path) -> None:
    """Forget a node's pods and containers: their folders; its identity and its logs stay. Nothing may be mounted."""
    if mounts.mounts_under(str(node_dir)):
        msg = f"cannot clear {node_dir}: something is still mounted there"
        raise LeftoverError(msg)
    for name in ("containers", "pods", "sandboxes", "exits", "desired"):
        shutil.rmtree(node_dir / name, ignore_errors=True)


def kill_all(cgroup: str, node_dir: Path) -> None:
    """SIGKILL until no process of the node is left: new ones may be born while we look. Raises LeftoverError."""
    for _ in range(_ROUNDS):
        found = list(processes(cgroup, node_dir))
        if not found:
            return
        for pid in found:
            kill_and_wait(pid)
        time.sleep(0.01)
    msg = f"cannot end processes {', '.join(map(str, processes(cgroup, node_dir)))} of {node_dir.name}"
    raise LeftoverError(msg)


def processes(cgroup: str, node_dir: Path) -> Iterator[int]:
    """Pids in the node's cgroups, and monitors that name its folder on their command line; never ourselves."""
    inside, folder = f":/{cgroup}/".encode(), os.fsencode(f"{node_dir}/")
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            groups = Path(entry.path, "cgroup").read_bytes()
            command = Path(entry.path, "cmdline").read_bytes()
            state = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            continue  # it ended while we looked
        if state != b"Z" and (inside in groups or _is_monitor(command, folder)):
            yield int(entry.name)


def _is_monitor(command: bytes, folder: bytes) -> bool:
    words = command.split(b"\0")
    return words[0].endswith(b"conmon") and any(w.startswith(folder) or folder in w for w in words[1:])


def remove_cgroup(cgroup: str) -> None:
    """Remove a cgroup with all below it, in every hierarchy, then those of its parents that are empty."""
    cgroups = Cgroups.of_host()
    cgroups.remove(cgroup)
    for parent in list(Path(cgroup).parents)[:-1]:
        for tree in cgroups.trees:
            with contextlib.suppress(OSError):  # another cluster's are in it
                Path(tree.mount, parent).rmdir()


def _pod_uids(node_dir: Path) -> list[str]:
    folder = node_dir / "sandboxes"
    return [p.name for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []
