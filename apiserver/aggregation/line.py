"""A TLS connection to another API server, directly or over a byte stream through the node that runs its pod.

It must never read a request or an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from podwright.api.errors import ApiError, service_unavailable
from podwright.apiserver.hooks.failing import unreachable
from podwright.apiserver.hooks.wire import Tunnel

PIECE: Final = 64 * 1024
"""Bytes read at once."""
TRYING: Final = "error trying to reach service: "
"""How refusals begin that say why there is no answer."""


class NoBackend(ApiError):
    """Nobody answers for the service."""

    def __init__(self, why: str) -> None:
        super().__init__(503, "ServiceUnavailable", why)


class Line:
    """`ByteStream` over TLS."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str, tunnel: Tunnel | None = None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._where = where
        self._tunnel = tunnel

    async def send(self, data: bytes) -> None:
        """Send. Raises ApiError 503."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise service_unavailable(TRYING + unreachable(error, self._where)) from error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._reader.read(PIECE)
        except OSError as error:
            raise service_unavailable(TRYING + unreachable(error, self._where)) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    async def is_quiet(self) -> bool:
        """Whether the other side has neither ended it nor said anything that nobody asked for."""
        if self._writer.is_closing():
            return False
        try:
            async with asyncio.timeout(0):
                await self._reader.read(1)
        except TimeoutError:
            return True
        except OSError:
            return False
        return False

    async def close(self) -> None:
        """End it at once."""
        self._writer.transport.abort()
        if self._tunnel is not None:
            await self._tunnel.close()
        await asyncio.sleep(0)  # the loop closes the socket on its next turn
