"""HTTP connections that become byte streams to a container: websockets for exec, attach and port-forward.

What can be refused is refused before the upgrade, as a plain answer; after it, only the status channel can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web

from podwright.api.errors import ApiError, bad_request
from podwright.apiserver.gateway import channels
from podwright.apiserver.gateway.channels import Codec
from podwright.apiserver.gateway.sessions import Session, SessionOpener
from podwright.apiserver.gateway.streaming import check_running, exec_options, request_of
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
JSON = dict[str, Any]
Query = Sequence[tuple[str, str]]
_MAX_MESSAGE = 4 * 1024 * 1024
_PING_SECONDS = 30.0


async def handle(
    gateway: SessionOpener, request: web.BaseRequest, pod: JSON, subresource: str, query: Query
) -> web.StreamResponse:
    """Serve one request to its end."""
    try:
        if subresource == "portforward":
            from podwright.apiserver.gateway.forwarding import serve_forward

            return await serve_forward(gateway, request, pod, query)
        return await _serve_exec(gateway, request, pod, subresource, query)
    except ApiError as e:
        if e.reason == "NotFound":  # people read this text after "unable to upgrade connection: "
            return web.Response(status=e.code, text=e.message)
        return web.Response(status=e.code, body=json.dumps(e.status()), content_type="application/json")


async def _serve_exec(
    gateway: SessionOpener, request: web.BaseRequest, pod: JSON, subresource: str, query: Query
) -> web.StreamResponse:
    options = exec_options(pod, query)
    check_running(pod, options.container, subresource)
    codec = codec_of(request, channels.EXEC_PROTOCOLS)
    session = await gateway.open_session(pod, **request_of(subresource, options))
    try:
        socket = await accept(request, codec)
        await pump(socket, session, codec)
    finally:
        await session.close()
    return socket


def codec_of(request: web.BaseRequest, served: Sequence[str]) -> Codec:
    """Negotiate the subprotocol. Raises ApiError when the request is no websocket or offers none of ours."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise bad_request("Upgrade request required")
    offered = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if p.strip()]
    codec = channels.choose(offered, served)
    if codec is None:
        raise bad_request(f"unable to upgrade: none of the protocols {', '.join(offered)} is served")
    return codec


async def accept(request: web.BaseRequest, codec: Codec) -> web.WebSocketResponse:
    """Answer the upgrade."""
    protocols = (codec.protocol,) if codec.protocol else ()
    socket = web.WebSocketResponse(
        protocols=protocols, heartbeat=_PING_SECONDS, max_msg_size=_MAX_MESSAGE, compress=False, timeout=2.0
    )
    await socket.prepare(request)
    return socket


async def pump(socket: web.WebSocketResponse, session: Session, codec: Codec) -> None:
    """Carry bytes both ways until the node's last word or the client's end."""
    upward = asyncio.create_task(_from_client(socket, session, codec), name="exec stdin")
    downward = asyncio.create_task(_from_node(socket, session, codec), name="exec output")
    try:
        await asyncio.wait((upward, downward), return_when=asyncio.FIRST_COMPLETED)
        if not downward.done() and session.closed.is_set():
            return
        if upward.done() and not downward.done() and not socket.closed:
            await downward
    finally:
        for task in (upward, downward):
            task.cancel()
        await asyncio.gather(upward, downward, return_exceptions=True)
        with contextlib.suppress(ConnectionError):
            await socket.close()


async def _from_client(socket: web.WebSocketResponse, session: Session, codec: Codec) -> None:
    async for message in socket:
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            break
        decoded = codec.decode(message.data)
        if decoded is None:
            continue
        channel, data = decoded
        if channel == channels.STDIN and data:
            await session.send(pb.Frame.STDIN, data)
        elif channel == channels.RESIZE:
            size = channels.size_of(data)
            if size:
                body = json.dumps({"width": size[0], "height": size[1]}).encode()
                await session.send(pb.Frame.RESIZE, body)
        elif channel == channels.CLOSE and codec.closes and data[:1] == bytes((channels.STDIN,)):
            await session.send(pb.Frame.CLOSE_STDIN)


_CHANNELS = {pb.Frame.STDOUT: channels.STDOUT, pb.Frame.STDERR: channels.STDERR}


async def _from_node(socket: web.WebSocketResponse, session: Session, codec: Codec) -> None:
    async for frame in session.frames():
        channel = _CHANNELS.get(frame.channel)
        if channel is not None and frame.data:
            await send(socket, codec.encode(channel, frame.data))
    status = session.status or {"metadata": {}, "status": "Failure", "message": "the node went away", "code": 500}
    text = codec.status(status)
    if text:
        await send(socket, codec.encode(channels.STATUS, text))


async def send(socket: web.WebSocketResponse, message: bytes | str) -> None:
    """Send one message; nothing when the client has gone."""
    with contextlib.suppress(ConnectionError):
        if isinstance(message, str):
            await socket.send_str(message)
        else:
            await socket.send_bytes(message)
