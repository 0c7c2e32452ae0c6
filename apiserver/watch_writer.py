"""Writes a watch to its connection: what is there at first with back-pressure, then each batch of events at once.

Events go from the cache to the transport in the same step of the event loop, without a task in between. A connection
that does not take them is cut off when more than a set number of bytes wait in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from podwright.apiserver.http_message import LAST_CHUNK, chunk
from podwright.apiserver.pieces import PIECE
from podwright.apiserver.registry.watching import WatchStream


class WatchWriter:
    """One stream, one connection."""

    def __init__(
        self,
        stream: WatchStream,
        transport: asyncio.WriteTransport,
        drain: Callable[[], Awaitable[None]],
        limit: int,
        begun: Callable[[], None],
    ) -> None:
        """`begun` is called when what was there at first is written."""
        self._watcher = stream.watcher
        self._transport = transport
        self._drain = drain
        self._limit = limit
        self._begun = begun
        self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def run(self, head: bytes) -> bool:
        """Write until the watch ends. Returns whether it was written to its end (the connection is still good)."""
        watcher, transport = self._watcher, self._transport
        transport.write(head)
        while watcher.waiting:
            data = memoryview(b"".join(watcher.take()))
            for start in range(0, len(data), PIECE):
                transport.write(chunk(data[start : start + PIECE]))
                await self._drain()
                if transport.is_closing():
                    return False
            await asyncio.sleep(0)
        self._begun()
        if not watcher.closed:
            watcher.wake = self._flush
            await self._done
        if transport.is_closing():
            return False
        transport.write(LAST_CHUNK)
        return True

    def _flush(self) -> None:
        watcher, transport = self._watcher, self._transport
        if watcher.buffer:
            if transport.is_closing():
                watcher.closed = True
            else:
                transport.write(chunk(b"".join(watcher.take())))
                if transport.get_write_buffer_size() > self._limit:
                    transport.abort()
                    watcher.closed = True
        if watcher.closed and not self._done.done():
            self._done.set_result(True)
