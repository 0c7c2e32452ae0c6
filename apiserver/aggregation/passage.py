"""Bytes between a client's connection and another server's, both ways, as fast as the slower side reads.

A passage ends with either side. It must never look at what it carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final, cast

from podwright.api.errors import ApiError
from podwright.apiserver.streams import ByteStream

log = logging.getLogger(__name__)
_WAITING: Final = 256 * 1024  # bytes of the client that wait for the other side


class _Client(asyncio.Protocol):
    """The client's connection, once it is no HTTP any more."""

    def __init__(self, transport: asyncio.Transport, early: bytes) -> None:
        self._transport = transport
        self._pieces = [early] if early else []
        self._size = len(early)
        self._ended = False
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Keep it until it is sent on."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _WAITING:
            self._transport.pause_reading()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        del exc
        self._ended = True
        self._news.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The client does not read fast enough."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has read."""
        self._writable.set()

    async def read(self) -> bytes:
        """What came since; empty at the end."""
        while not self._pieces and not self._ended:
            self._news.clear()
            await self._news.wait()
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        if not self._ended:
            self._transport.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Write, with back-pressure."""
        if not self._ended:
            self._transport.write(data)
            await self._writable.wait()


class Passages:
    """Owns all of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, transport: asyncio.Transport, line: ByteStream, begun: bytes, early: bytes) -> None:
        """Carry on: `begun` is for the client, `early` for the other side."""
        client = _Client(transport, early)
        transport.set_protocol(cast("asyncio.BaseProtocol", client))
        transport.resume_reading()
        task = asyncio.get_running_loop().create_task(_carry(transport, client, line, begun), name="passage")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _carry(transport: asyncio.Transport, client: _Client, line: ByteStream, begun: bytes) -> None:
    up = asyncio.create_task(_up(client, line), name="passage up")
    down = asyncio.create_task(_down(client, line, begun), name="passage down")
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (up, down):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            for result in await asyncio.gather(up, down, return_exceptions=True):
                if isinstance(result, ApiError):
                    log.debug("A passage ended: %s", result)
        transport.close()
        await line.close()


async def _up(client: _Client, line: ByteStream) -> None:
    while data := await client.read():
        await line.send(data)


async def _down(client: _Client, line: ByteStream, begun: bytes) -> None:
    await client.write(begun)
    async for piece in line:
        await client.write(piece)
