"""Byte streams to nodes: the gateway asks over Sync, the node dials Session with the id it was given.

A session waits at most 10 s for its node. Reading is on demand, so that a client that reads slowly slows the node's
process down and nothing piles up here.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import orjson

from podwright.api.errors import ApiError, service_unavailable
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
JSON = dict[str, Any]
DIAL_SECONDS = 10.0
CHUNK = 32 * 1024


class Session:
    """One byte stream with a node. Close it when done."""

    def __init__(
        self, read: Callable[[], Awaitable[pb.Frame | None]], write: Callable[[pb.Frame], Awaitable[None]]
    ) -> None:
        self._read = read
        self._write = write
        self.closed = asyncio.Event()
        self.status: JSON | None = None  # the node's last word, once it was read

    async def send(self, channel: pb.Frame.Channel, data: bytes = b"") -> None:
        """Send one piece to the node; nothing once the stream has ended."""
        if self.closed.is_set():
            return
        for at in range(0, max(len(data), 1), CHUNK):
            await self._write(pb.Frame(channel=channel, data=data[at : at + CHUNK]))

    async def frames(self) -> AsyncIterator[pb.Frame]:
        """Yield what the node sends, up to its status or the end of the stream."""
        while not self.closed.is_set():
            frame = await self._read()
            if frame is None:
                return
            if frame.channel == pb.Frame.STATUS:
                self.status = orjson.loads(frame.data)
                return
            yield frame

    async def close(self) -> None:
        """End the stream."""
        self.closed.set()


class SessionOpener(Protocol):
    """Whoever can open a byte stream to a pod's node."""

    async def open_session(self, pod: JSON, **kind: Any) -> Session:
        """Open one; `kind` is the SessionRequest's field. Raises ApiError."""
        ...


class Sessions:
    """Sessions that wait for their node."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, asyncio.Future[Session]]] = {}

    async def open(self, node: str, ask: Callable[[pb.SessionRequest], None], request: pb.SessionRequest) -> Session:
        """Ask a node to dial back and wait for it. Raises ApiError 503."""
        request.id = uuid.uuid4().hex
        future: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = (node, future)
        try:
            ask(request)
            async with asyncio.timeout(DIAL_SECONDS):
                return await future
        except TimeoutError as e:
            raise service_unavailable(f"node {node} does not answer", 1) from e
        finally:
            self._waiting.pop(request.id, None)

    def lost(self, node: str) -> None:
        """A node went away: nobody waits for it any longer."""
        for expected, future in self._waiting.values():
            if expected == node and not future.done():
                future.set_exception(service_unavailable(f"node {node} went away", 1))

    async def accept(self, node: str, session_id: str, session: Session) -> bool:
        """Hand a stream that a node dialled to whoever waits for it, and stay until it is closed.

        False at once when nobody waits for it.
        """
        expected = self._waiting.get(session_id)
        if expected is None or expected[0] != node or expected[1].done():
            log.info("Node %s dialled a session that nobody waits for", node)
            return False
        expected[1].set_result(session)
        await session.closed.wait()
        return True


def failure(status: JSON) -> ApiError:
    """Turn a node's Status into the error to raise."""
    return ApiError.from_status({"code": 500, **status})
