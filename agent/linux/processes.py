"""Processes named so that a recycled pid is never mistaken for them, and waited for through pidfds.

A pid alone says nothing after its process ended: the kernel gives it to another. A process is therefore named by pid
plus start time (clock ticks since boot) plus boot id. Never send a signal by pid alone: `signal` opens a pidfd first,
then checks the start time, then signals through the pidfd.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal as signals
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podwright.agent.linux.streams import readable


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process of this boot, beyond doubt."""

    pid: int
    start_ticks: int  # field 22 of /proc/<pid>/stat
    boot: str


@functools.cache
def boot_id() -> str:
    """The kernel's name for this boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def stat_fields(text: str) -> list[str]:
    """Fields of /proc/<pid>/stat from the third (state) on; the second, a name in brackets, may hold anything."""
    return text[text.rindex(")") + 2 :].split()


def identify(pid: int) -> ProcessId | None:
    """Name a process that runs now; None when there is none (a zombie counts as none)."""
    try:
        fields = stat_fields(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else ProcessId(pid, int(fields[19]), boot_id())


def alive(process: ProcessId | None) -> bool:
    """Whether exactly this process still runs."""
    return process is not None and process.pid > 0 and identify(process.pid) == process


def open_pidfd(process: ProcessId) -> int | None:
    """A pidfd of exactly this process, or None when it has ended. The caller closes it."""
    try:
        fd = os.pidfd_open(process.pid)
    except (ProcessLookupError, ValueError, OSError):
        return None
    # Checked after opening: the descriptor can no longer change its target, the number still could before.
    if alive(process):
        return fd
    os.close(fd)
    return None


def send_signal(process: ProcessId, number: int) -> bool:
    """Signal exactly this process; False when it has ended."""
    fd = open_pidfd(process)
    if fd is None:
        return False
    try:
        signals.pidfd_send_signal(fd, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)
    return True


async def ended(process: ProcessId, timeout: float) -> bool:
    """Wait at most `timeout` seconds for the end of a process; whether it ended."""
    fd = await asyncio.to_thread(open_pidfd, process)
    if fd is None:
        return True
    try:
        async with asyncio.timeout(timeout):
            await readable(fd)
    except TimeoutError:
        return False
    finally:
        os.close(fd)
    return True


def command_lines() -> Iterator[tuple[int, tuple[str, ...]]]:
    """Pid and command line of every process; slow (reads all of /proc), for repairs only."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                raw = Path("/proc", name, "cmdline").read_bytes()
                yield int(name), tuple(part.decode(errors="replace") for part in raw.split(b"\0")[:-1])
