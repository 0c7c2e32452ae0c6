"""The process namespace that a pod's containers share, kept by its first process (`first_process.py`).

That process is born inside the pod's cgroup, so that whatever becomes of the agent meanwhile, the sandbox's removal
ends it; what is written down of it lets a later agent find it again.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import orjson

from podwright.agent.linux import spawn
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.files import write_atomically
from podwright.agent.linux.processes import ProcessId, alive, identify, stat_fields
from podwright.agent.pods.ports import Limits

_PROGRAM: Final = str(Path(__file__).with_name("first_process.py"))
_EXITING: Final = 0x4  # PF_EXITING, of the flags in /proc/<pid>/stat


async def ensure(folder: Path, cgroups: Cgroups, cgroup: str) -> int:
    """Return the pid of the namespace's first process, started if it does not run. Raises OSError.

    `folder` is the sandbox's, `cgroup` one of the pod's for it alone.
    """
    file = folder / "first-process.json"
    known = await asyncio.to_thread(_read, file)
    if known is not None and await asyncio.to_thread(_serves, known):
        return known.pid
    await asyncio.to_thread(cgroups.create, cgroup, Limits())
    doors = [str(door) for door in cgroups.doors(cgroup)]
    # Its root is mounted over a folder that is there anyway, in a mount namespace that nobody else sees.
    words = "\n".join([str(folder / "shm"), *doors])
    done = await spawn.run([sys.executable, "-I", "-S", _PROGRAM], feed=words.encode())
    text = done.stdout.decode().strip()
    process = await asyncio.to_thread(identify, int(text)) if text.isdecimal() else None
    if process is None:
        raise OSError(f"cannot make a process namespace: {done.stderr.decode(errors='replace').strip()[-500:]}")
    await asyncio.to_thread(write_atomically, file, orjson.dumps([process.pid, process.start_ticks, process.boot]))
    return process.pid


def _serves(process: ProcessId) -> bool:
    """Whether it runs and is not ending: it waits for all others in its namespace to go before it does."""
    try:
        flags = int(stat_fields(Path(f"/proc/{process.pid}/stat").read_text())[6])
    except (FileNotFoundError, ProcessLookupError):
        return False
    return alive(process) and not flags & _EXITING


def _read(file: Path) -> ProcessId | None:
    try:
        pid, start, boot = orjson.loads(file.read_bytes())
        return ProcessId(pid, start, boot)
    except (FileNotFoundError, ValueError, TypeError):
        return None
