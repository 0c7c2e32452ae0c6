"""Reading a container's log for a client: which attempt, from where, how much, and on as it grows.

Files are read in threads. A follower looks every 0.1 s, follows the log over a rotation, and ends when its container
has ended and everything is read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podwright.agent.pods import crilog
from podwright.agent.pods.host import Host
from podwright.agent.pods.worker import PodWorker

FOLLOW_SECONDS = 0.1
_BLOCK = 64 * 1024


class LogError(Exception):
    """The log cannot be had; the text is for the client (a bad request)."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a client asks for. `since` is Unix seconds."""

    container: str
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since: float = 0.0
    tail_lines: int | None = None
    limit_bytes: int | None = None


def open_log(host: Host, worker: PodWorker, options: LogOptions) -> AsyncIterator[bytes]:
    """Find the log and return its pieces. Raises LogError."""
    name = options.container
    number = _attempt(worker, name, previous=options.previous)
    path = host.log_path(worker.ref.uid, name, number)

    def running() -> bool:
        attempt = worker.running(name)
        return attempt is not None and attempt.number == number and not worker.finished

    return stream(path, options, running)


def _attempt(worker: PodWorker, name: str, *, previous: bool) -> int:
    pod_name = worker.ref.name
    newest = worker.state.history.newest(name)
    state: Mapping[str, Any] = _status(worker, name).get("state") or {}
    if previous:
        before = worker.state.history.previous(name)
        if newest is not None and newest.exited and "waiting" in state:
            return newest.number
        if before is None:
            msg = f'previous terminated container "{name}" in pod "{pod_name}" not found'
            raise LogError(msg)
        return before.number
    if newest is not None:
        return newest.number
    reason = (state.get("waiting") or {}).get("reason") or "ContainerCreating"
    msg = f'container "{name}" in pod "{pod_name}" is waiting to start: {reason}'
    raise LogError(msg)


def _status(worker: PodWorker, name: str) -> Mapping[str, Any]:
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for status in worker.state.status.get(key) or ():
            if status["name"] == name:
                return status
    return {}


async def stream(path: Path, options: LogOptions, running: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Yield a log's text in pieces."""
    reader = _Reader(path, options)
    try:
        await asyncio.to_thread(reader.open)
        while True:
            alive = running()
            chunk = await asyncio.to_thread(reader.read)
            if chunk:
                yield chunk
            if reader.full:
                return
            if chunk or await asyncio.to_thread(reader.reopen):
                continue
            if not options.follow or not alive:
                return
            await asyncio.sleep(FOLLOW_SECONDS)
    finally:
        reader.close()


class _Reader:
    """Blocking reader of one log; call its methods in a thread, one at a time."""

    def __init__(self, path: Path, options: LogOptions) -> None:
        self._path = path
        self._options = options
        self._fd = -1
        self._rest = b""
        self._left = options.limit_bytes

    @property
    def full(self) -> bool:
        """Whether the byte limit is reached."""
        return self._left is not None and self._left <= 0

    def open(self) -> None:
        """Open the log and go to where reading begins; a log that is not there (yet) is empty."""
        if self._open() and self._options.tail_lines is not None:
            os.lseek(self._fd, crilog.tail_offset(self._fd, self._options.tail_lines), os.SEEK_SET)

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True

    def reopen(self) -> bool:
        """Go on with the new file after a rotation; True when there is one."""
        if self._fd < 0:
            return self._open()
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self._fd)
        if (now.st_dev, now.st_ino) == (mine.st_dev, mine.st_ino):
            return False
        self.close()
        return self._open()

    def read(self) -> bytes:
        """Read on; b"" when there is nothing new."""
        if self._fd < 0:
            return b""
        block = os.read(self._fd, _BLOCK)
        if not block:
            return b""
        lines = (self._rest + block).split(b"\n")
        self._rest = lines.pop()
        out = b"".join(self._text(line) for line in lines)
        if self._left is not None:
            out = out[: self._left]
            self._left -= len(out)
        # Only damaged or filtered lines: say so by going on, not by ending.
        return out or self.read()

    def _text(self, line: bytes) -> bytes:
        entry = crilog.parse(line)
        if entry is None or (self._options.since and entry.seconds() < self._options.since):
            return b""
        return entry.stamped() if self._options.timestamps else entry.text

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
