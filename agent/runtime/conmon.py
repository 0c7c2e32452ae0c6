"""Starts conmon, the small monitor that every container has: it owns the container's streams, writes its log, waits
for its end and survives the agent.

conmon answers once over a pipe: `{"data": <pid>}` when the runtime has created the container, or
`{"data": -1, "message": <what the runtime wrote to stderr>}`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from podwright.agent.linux import spawn
from podwright.agent.linux.streams import readable
from podwright.agent.runtime.records import ContainerRecord

REOPEN_LOGS: Final = b"2 0 0\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What conmon said: the container's pid, or 0 and the runtime's own words."""

    pid: int
    message: str = ""


def resize_message(width: int, height: int) -> bytes:
    """For the control fifo: set the terminal's size."""
    return f"1 {height} {width}\n".encode()


def argv(
    conmon: str, runtime: Sequence[str], record: ContainerRecord, folder: Path, exits: Path, *, keep_stdin: bool
) -> list[str]:
    """conmon's command line. `runtime`: its arguments that name the OCI runtime; `keep_stdin`: the container's stdin
    outlives the first client that attaches.
    """
    words = [
        conmon,
        *("--cid", record.id, "--cuuid", record.id, "--name", record.name),
        *runtime,
        *("--bundle", str(folder), "--persist-dir", str(folder), "--exit-dir", str(exits)),
        *("--conmon-pidfile", str(folder / "conmon.pid"), "--container-pidfile", str(folder / "pid")),
        *("--log-path", f"k8s-file:{record.log_path}", "--log-level", "error"),
        "--full-attach",
        "--no-new-keyring",
        "--no-sync-log",  # a container's end must not wait for the disk
        "--api-version",
        "1",
    ]
    if record.tty:
        words.append("--terminal")
    if record.stdin:
        words.append("--stdin")
        if keep_stdin:
            words.append("--leave-stdin-open")
    return words


def parse_answer(line: bytes, stderr: bytes = b"") -> Answer:
    """conmon's line, or what it wrote before it gave up."""
    if line:
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            return Answer(0, line.decode(errors="replace").strip())
        pid = int(data.get("data", data.get("pid", -1)))
        if pid > 0:
            return Answer(pid)
        message = str(data.get("message") or "")
        return Answer(0, message.strip() or "the OCI runtime failed without a message")
    return Answer(0, stderr.decode(errors="replace").strip() or "the monitor ended without an answer")


async def start(command: Sequence[str], *, cwd: Path, inherited: Sequence[int], timeout: float) -> Answer:
    """Run conmon until it has answered and gone to the background. Raises OSError, TimeoutError.

    `cwd`: the container's folder; conmon writes a file there when the container runs out of memory.
    """
    read_end, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(write_end, True)
    errors = os.memfd_create("conmon-stderr")
    try:
        env = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "_OCI_SYNCPIPE": str(write_end)}
        try:
            child = await spawn.spawn(command, stderr=errors, pass_fds=(write_end, *inherited), env=env, cwd=str(cwd))
        finally:
            os.close(write_end)
        try:
            async with asyncio.timeout(timeout):
                line = await _line(read_end)
                await child.wait()  # the parent half; the monitor itself is no child of ours
        finally:
            await child.end()
        return parse_answer(line, os.pread(errors, 4096, 0))
    finally:
        os.close(read_end)
        os.close(errors)


async def _line(fd: int) -> bytes:
    """Everything up to a newline or the end of the pipe."""
    found = b""
    while not found.endswith(b"\n"):
        await readable(fd)
        part = os.read(fd, 65536)
        if not part:
            break
        found += part
    return found
