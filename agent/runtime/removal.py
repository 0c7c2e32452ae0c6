"""Takes a container off the host, whatever state it is in: the only code that deletes.

Works from the folder, the cgroup and /proc alone and needs no help from the OCI runtime or the monitor, which may be
dead or damaged. Order matters: first nothing can make new processes, then no process is left, then what they used
goes, and the record goes last; cut off anywhere, calling it again finishes the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podwright.agent.linux import mounts
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.processes import ProcessId, command_lines, ended, identify, send_signal
from podwright.agent.runtime.records import ContainerFolder

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
    monitor = processes.monitor if processes else await asyncio.to_thread(_find_monitor, container_id, folder)
    if processes is None and monitor is not None:
        # Still being created: the monitor's death ends the runtime (it asked for that), whose child then gives up.
        await asyncio.to_thread(send_signal, monitor, signal.SIGKILL)
        await ended(monitor, MONITOR_SECONDS)
    if places.cgroup:
        await asyncio.to_thread(cgroups.kill, places.cgroup)
    if monitor is not None and not await ended(monitor, MONITOR_SECONDS):
        await asyncio.to_thread(send_signal, monitor, signal.SIGKILL)
        await ended(monitor, MONITOR_SECONDS)
    await asyncio.to_thread(_clear, places, cgroups)


def _find_monitor(container_id: str, folder: ContainerFolder) -> ProcessId | None:
    """The monitor of a container whose creation was cut off: by its pid file, else by its command line."""
    bundle = str(folder.path)
    candidates = [pid] if (pid := folder.pid_file("conmon.pid")) else []
    for pid in candidates:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if bundle.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return identify(pid)
    for pid, words in command_lines():
        if bundle in words and container_id in words:
            return identify(pid)
    return None


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
