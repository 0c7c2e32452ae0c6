"""A connection to a port of a pod, as bytes both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator

from podwright.api.errors import service_unavailable
from podwright.apiserver.gateway.sessions import Session
from podwright.proto.node.v1 import node_pb2 as pb


class Dialled:
    """`ByteStream` over a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def send(self, data: bytes) -> None:
        """Send to the pod."""
        await self._session.send(pb.Frame.STDIN, data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for frame in self._session.frames():
            if frame.data:
                yield frame.data
        problem = (self._session.status or {}).get("message")
        if problem:
            raise service_unavailable(f"error trying to reach service: {problem}")

    async def close(self) -> None:
        """End the connection."""
        await self._session.close()
