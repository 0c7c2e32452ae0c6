"""The agent's end of one Session stream.

A read that is cancelled would cancel the whole call (that is how the library works), so one task reads for as long as
the session lives and hands frames over one at a time: a consumer that stops, or is slow, stops the client's side too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any, Self, cast

import grpc.aio

from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc

log = logging.getLogger(__name__)
JSON = dict[str, Any]
CHUNK = 32 * 1024
CLOSE_SECONDS = 5.0
_EOF: Any = cast("Any", grpc.aio).EOF
BROKEN = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)
"""What reading and writing raise once the stream is gone."""


class FrameStream:
    """One dialled session; use `async with`."""

    def __init__(self, channel: grpc.aio.Channel, session_id: str) -> None:
        self._channel = channel
        self._id = session_id
        self._call: Any = None
        self._frames: asyncio.Queue[pb.Frame | None] = asyncio.Queue(1)
        self._reader: asyncio.Task[None] | None = None
        self.hung_up = asyncio.Event()  # the client is gone, or has nothing more to say

    async def __aenter__(self) -> Self:
        stub: Any = rpc.NodeStub(self._channel)
        self._call = stub.Session()
        await self.write(pb.Frame.HELLO, self._id.encode())
        self._reader = asyncio.create_task(self._read(), name=f"session {self._id} reader")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._call.cancel()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def write(self, channel: pb.Frame.Channel, data: bytes = b"") -> None:
        """Send a piece, waiting while the client is slow. Raises one of BROKEN."""
        for at in range(0, max(len(data), 1), CHUNK):
            await self._call.write(pb.Frame(channel=channel, data=data[at : at + CHUNK]))

    async def next(self) -> pb.Frame | None:
        """Wait for the client's next frame; None at its end. May be cancelled."""
        return await self._frames.get()

    async def finish(self, status: JSON) -> None:
        """Say the last word and let the client read it."""
        with contextlib.suppress(*BROKEN):
            await self.write(pb.Frame.STATUS, json.dumps(status).encode())
            await self._call.done_writing()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    while not self.hung_up.is_set():
                        if await self._frames.get() is None:
                            break

    async def _read(self) -> None:
        try:
            while (frame := await self._call.read()) is not _EOF:
                await self._frames.put(frame)
        except BROKEN as e:
            log.debug("Session %s broke: %s", self._id, e)
        finally:
            self.hung_up.set()
            if not self._frames.full():
                self._frames.put_nowait(None)
