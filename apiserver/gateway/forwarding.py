"""Port-forward over websockets: two channels a port, data and error."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web

from podwright.api.errors import ApiError, bad_request
from podwright.apiserver.gateway import channels
from podwright.apiserver.gateway.channels import Codec
from podwright.apiserver.gateway.sessions import Session, SessionOpener
from podwright.apiserver.gateway.streaming import request_of
from podwright.apiserver.gateway.upgrade import accept, codec_of, send
from podwright.proto.node.v1 import node_pb2 as pb

JSON = dict[str, Any]


def ports_of(query: Sequence[tuple[str, str]]) -> list[int]:
    """Read `ports` (repeated or separated by commas). Raises ApiError 400."""
    found: list[int] = []
    for name, value in query:
        if name in ("ports", "port"):
            for text in value.split(","):
                if not text.isdigit() or not 0 < int(text) < 65536:
                    raise bad_request(f'invalid port "{text}"')
                found.append(int(text))
    return found


async def serve_forward(
    gateway: SessionOpener, request: web.BaseRequest, pod: JSON, query: Sequence[tuple[str, str]]
) -> web.StreamResponse:
    """Serve one port-forward to its end. Raises ApiError before the upgrade."""
    phase = (pod.get("status") or {}).get("phase")
    if phase != "Running":
        raise bad_request(f"unable to forward port because pod is not running. Current status={phase}")
    codec = codec_of(request, channels.FORWARD_PROTOCOLS)
    ports = ports_of(query)
    if not ports:
        raise bad_request('query parameter "port" is required')
    socket = await accept(request, codec)
    await _Ports(gateway, socket, codec, pod, ports).serve()
    return socket


class _Ports:
    """One websocket with two channels a port: 2n data, 2n+1 errors; each begins with the port, little-endian."""

    def __init__(
        self, gateway: SessionOpener, socket: web.WebSocketResponse, codec: Codec, pod: JSON, ports: list[int]
    ) -> None:
        self._gateway = gateway
        self._socket = socket
        self._codec = codec
        self._pod = pod
        self._ports = ports
        self._sessions: dict[int, Session] = {}

    async def serve(self) -> None:
        for index, port in enumerate(self._ports):
            for channel in (2 * index, 2 * index + 1):
                await send(self._socket, self._codec.encode(channel, struct.pack("<H", port)))
        tasks = [asyncio.create_task(self._forward(i, port)) for i, port in enumerate(self._ports)]
        try:
            async for message in self._socket:
                if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                    break
                decoded = self._codec.decode(message.data)
                session = self._sessions.get(decoded[0] // 2) if decoded else None
                if decoded and session is not None and decoded[0] % 2 == 0:
                    await session.send(pb.Frame.STDIN, decoded[1])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for session in self._sessions.values():
                await session.close()
            with contextlib.suppress(ConnectionError):
                await self._socket.close()

    async def _forward(self, index: int, port: int) -> None:
        problem = ""
        try:
            session = await self._gateway.open_session(self._pod, **request_of("portforward", port))
            self._sessions[index] = session
            async for frame in session.frames():
                await send(self._socket, self._codec.encode(2 * index, frame.data))
            problem = str((session.status or {}).get("message") or "")
        except ApiError as e:
            problem = e.message
        if problem:
            await send(self._socket, self._codec.encode(2 * index + 1, problem.encode()))
