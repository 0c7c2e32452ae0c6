"""Raw descriptors on the event loop: wait, read, write, without asyncio's transports and their unbounded buffers.

Nothing is read ahead: a chunk is taken from the kernel when the consumer asks for it, so a slow consumer fills the
pipe and stops the producer instead of our memory.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

CHUNK: Final = 64 << 10


async def readable(*fds: int, also: asyncio.Future[None] | None = None) -> None:
    """Wait until one of the descriptors is readable (a pidfd: its process ended) or `also` is done. Reads nothing."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def wake(*_: object) -> None:
        if not done.done():
            done.set_result(None)

    for fd in fds:
        loop.add_reader(fd, wake)
    if also is not None:
        also.add_done_callback(wake)
    try:
        await done
    finally:
        for fd in fds:
            loop.remove_reader(fd)
        if also is not None:
            also.remove_done_callback(wake)


async def writable(fd: int) -> None:
    """Wait until a descriptor takes data, or has lost its reader."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    loop.add_writer(fd, lambda: done.done() or done.set_result(None))
    try:
        await done
    finally:
        loop.remove_writer(fd)


async def write_all(fd: int, data: bytes) -> None:
    """Write everything to a non-blocking descriptor. Raises BrokenPipeError when nobody reads any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view[:CHUNK]) :]
        except BlockingIOError:
            await writable(fd)


def read_chunk(fd: int) -> bytes | None:
    """What is there now: None for nothing yet, b"" for the end."""
    try:
        return os.read(fd, CHUNK)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal whose last user has gone
            return b""
        raise


def pipe() -> tuple[int, int]:
    """A pipe whose ends are (reading, writing), both close-on-exec and blocking. Anybody in a container may reopen it
    through /dev/stdout, whoever runs there."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    os.fchmod(write_end, 0o666)
    return read_end, write_end


class Outputs:
    """Several output descriptors, read as one sequence of (channel, bytes). Owns the descriptors."""

    def __init__(self, channels: Mapping[int, int]) -> None:
        self._open = dict(channels)
        self._finish: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for fd in channels.values():
            os.set_blocking(fd, False)

    async def chunks(self) -> AsyncIterator[tuple[int, bytes]]:
        """Everything until all descriptors ended, or until `finish` and nothing is there any more."""
        while self._open:
            idle = True
            for channel, fd in tuple(self._open.items()):
                data = read_chunk(fd)
                if data:
                    idle = False
                    yield channel, data
                elif data is not None:
                    idle = False
                    self._close(channel)
            if idle:
                if self._finish.done():
                    break
                await readable(*self._open.values(), also=self._finish)
        self.close()

    def finish(self) -> None:
        """The process has ended: hand out what is there and do not wait for more.

        A child of it may hold the descriptors open for ever.
        """
        if not self._finish.done():
            self._finish.set_result(None)

    def close(self) -> None:
        """Give the descriptors back; a reader gets the end."""
        self.finish()
        for channel in tuple(self._open):
            self._close(channel)

    def _close(self, channel: int) -> None:
        fd = self._open.pop(channel, None)
        if fd is not None:
            os.close(fd)


def close_all(fds: Iterable[int]) -> None:
    """Close descriptors of ours, each once."""
    for fd in fds:
        os.close(fd)
