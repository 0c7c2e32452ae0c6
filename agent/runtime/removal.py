"""Takes a container off the host, whatever state it is in: the only code that deletes.

Works from the folder, the cgroup and /proc alone and needs no help from the OCI runtime or the monitor, which may be
dead or damaged. Order matters: first nothing can make new processes, then no process is left, then what they used
goes, and the record goes last; cut off anywhere, calling it again finishes the work.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podwright.agent.linux import mounts
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.processes import ProcessId, command_lines, ended, identify, send_signal
from podwright.agent.linux.threads import to_its_end
from podwright.agent.runtime.records import ContainerFolder

_ROUNDS: Final = 20
MONITOR_SECONDS: Final = 2.0  # for a monitor to write down the end of its container


@dataclass(frozen=True, slots=True)
class Places:
    """Where a container has something."""

    folder: ContainerFolder
    runtime_folder: Path
    exit_file: Path
    cgroup: str


async def remove(container_id: str, places: Places, cgroups: Cgroups) -> None:
    """Remove everything of a container but its log. Raises OSError, TimeoutError."""
    folder = places.folder
    processes = await asyncio.to_thread(folder.processes)
    if processes is None:
        await _end_creation(container_id, folder)
    if places.cgroup:
        await to_its_end(cgroups.kill, places.cgroup)
    if processes is not None and not await ended(processes.monitor, MONITOR_SECONDS):
        await asyncio.to_thread(send_signal, processes.monitor, signal.SIGKILL)
        await ended(processes.monitor, MONITOR_SECONDS)
    await to_its_end(_clear, places, cgroups)


async def _end_creation(container_id: str, folder: ContainerFolder) -> None:
    """Kill what may still be creating a container: its monitor, the OCI runtime, the container's process to be.

    All of them name the container's folder on their command line. They are looked for until none is left, since each
    may have started another one just before it died.
    """
    for _ in range(_ROUNDS):
        found = await asyncio.to_thread(_creators, container_id, str(folder.path))
        for process in found:
            await asyncio.to_thread(send_signal, process, signal.SIGKILL)
        for process in found:
            await ended(process, MONITOR_SECONDS)
        if not found:
            return
    raise TimeoutError(f"cannot end the creation of container {container_id}: its processes do not die")


def _creators(container_id: str, bundle: str) -> list[ProcessId]:
    """Processes whose command line names this container and its folder; slow, reads all of /proc."""
    pids = [pid for pid, words in command_lines() if bundle in words and container_id in words]
    return [process for pid in pids if (process := identify(pid)) is not None]


def _clear(places: Places, cgroups: Cgroups) -> None:
    folder = places.folder
    if places.cgroup:
        cgroups.remove(places.cgroup)
    mounts.unmount_under(str(folder.path))
    shutil.rmtree(places.runtime_folder, ignore_errors=True)
    places.exit_file.unlink(missing_ok=True)
    if not folder.path.exists():
        return
    if left := mounts.mounts_under(str(folder.path)):
        raise OSError(f"cannot delete {folder.path}: still mounted: {', '.join(left)}")
    for entry in folder.path.iterdir():
        if entry.name != "record.json":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    (folder.path / "record.json").unlink(missing_ok=True)
    folder.path.rmdir()
