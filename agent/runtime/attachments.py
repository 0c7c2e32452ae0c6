"""Joins the streams of a container's own process through its monitor's attach socket.

The socket keeps message boundaries: every message from conmon is one byte naming the stream (2 stdout, 3 stderr) and
what was written; every message to it is stdin. Only what is written from now on arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from podwright.agent.linux import streams
from podwright.agent.linux.inotify import IN_CREATE, IN_MOVED_TO, FolderWatch
from podwright.agent.pods.ports import HostError
from podwright.agent.runtime.conmon import REOPEN_LOGS, resize_message
from podwright.agent.runtime.records import ContainerFolder

_CHANNELS: Final = {2: 1, 3: 2}
_MESSAGE: Final = 8192  # conmon's buffer, less is never cut
_REOPEN_SECONDS: Final = 5.0
_APPEARS: Final = IN_CREATE | IN_MOVED_TO  # conmon makes a new log beside the old one and renames it into place


class Attachment:
    """The streams of a container's process; implements `IOStream`."""

    def __init__(self, connection: socket.socket, control: Path, *, stdin: bool) -> None:
        self._socket = connection
        self._control = control
        self._stdin = stdin
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Everything the process writes until it ends or the stream is closed."""
        while not self._ended.done():
            try:
                message = self._socket.recv(_MESSAGE + 1)
            except BlockingIOError:
                await streams.readable(self._socket.fileno(), also=self._ended)
                continue
            except ConnectionResetError:
                break
            if not message:
                break
            channel = _CHANNELS.get(message[0])
            if channel is not None and len(message) > 1:
                yield channel, message[1:]
        self._end()

    async def write(self, data: bytes) -> None:
        """Feed stdin."""
        for start in range(0, len(data) if self._stdin else 0, _MESSAGE):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await asyncio.get_running_loop().sock_sendall(self._socket, data[start : start + _MESSAGE])

    async def close_stdin(self) -> None:
        """Signal end of input."""
        if self._stdin:
            self._stdin = False
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    async def resize(self, width: int, height: int) -> None:
        """Set the terminal's size in character cells."""
        tell(self._control, resize_message(width, height))

    async def wait(self) -> int:
        """0, when the process has ended or the stream was closed; somebody must read the output meanwhile."""
        await asyncio.shield(self._ended)
        return 0

    async def close(self) -> None:
        """Let go; the process runs on."""
        self._end()
        self._socket.close()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)


async def attach(folder: ContainerFolder, *, stdin: bool) -> Attachment:
    """Connect to a container's monitor. Raises HostError(AttachError)."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.setblocking(False)
    try:
        # Socket addresses end at 108 bytes, container folders do not.
        directory = os.open(folder.path, os.O_PATH | os.O_CLOEXEC)
        try:
            await asyncio.get_running_loop().sock_connect(connection, f"/proc/self/fd/{directory}/{folder.attach.name}")
        finally:
            os.close(directory)
    except OSError as error:
        connection.close()
        raise HostError("AttachError", f"cannot attach to container: {error}") from error
    return Attachment(connection, folder.control, stdin=stdin)


def tell(control: Path, message: bytes) -> None:
    """Send the monitor one line. Raises OSError (ENXIO when it is dead)."""
    fd = os.open(control, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.write(fd, message)
    finally:
        os.close(fd)


async def reopen_log(folder: ContainerFolder, log_path: str) -> None:
    """Make the monitor write to a new file at `log_path` and wait until it is there. Raises OSError, TimeoutError.

    The old file must have been moved away before: one that is still there is replaced and lost.
    """
    log = Path(log_path)
    there = asyncio.Event()
    watch = FolderWatch(str(log.parent), lambda name: there.set() if name in (log.name, None) else None, _APPEARS)
    try:
        await asyncio.to_thread(tell, folder.control, REOPEN_LOGS)
        if not await asyncio.to_thread(log.exists):
            async with asyncio.timeout(_REOPEN_SECONDS):
                await there.wait()
    finally:
        watch.close()
