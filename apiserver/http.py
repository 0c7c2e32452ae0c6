"""The HTTP shell: TLS, identities and bytes. All meaning is in `server.py`.

aiohttp's low-level server without its router and middlewares: one handler, one call into the server. It must never
look into a body.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from podwright.api.errors import ApiError, too_large
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.certificates import user_of
from podwright.apiserver.responses import error_response
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import User
from podwright.client.transport import Request, Response, Stream

_PASSED = ("accept", "content-type", "if-none-match", "user-agent")
_NO_CACHE = {"cache-control": "no-cache, private"}


class HttpServer:
    """Listens and serves until `stop`."""

    def __init__(self, server: ApiServer, authenticator: Authenticator) -> None:
        self._server = server
        self._authenticator = authenticator
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None

    async def start(self) -> int:
        """Begin to listen; returns the port. Raises OSError, ssl.SSLError."""
        config = self._server.config
        self._web = web.Server(self._handle, access_log=None, keepalive_timeout=90, auto_decompress=False)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            cast("Any", self._web), config.host, config.port, ssl=self._tls(), backlog=512, reuse_address=True
        )
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, let running answers finish for a moment, close connections."""
        if self._listener is not None:
            self._listener.close()
        if self._web is not None:
            await self._web.shutdown(1.0)

    def _tls(self) -> ssl.SSLContext | None:
        config = self._server.config
        if config.tls_cert_file is None or config.tls_key_file is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(config.tls_cert_file, config.tls_key_file)
        if config.client_ca_file is not None:
            context.load_verify_locations(config.client_ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = request.headers
        try:
            user = self._authenticator.authenticate(headers.get("Authorization", ""), _certificate_user(request))
            body = await self._body(request)
        except ApiError as error:
            return _whole(error_response(error))
        message = _request(request, body)
        if self._server.is_upgrade(message.path):
            return await self._upgrade(request, message, user)
        answer = await self._server.handle(message, user)
        if isinstance(answer, Response):
            return _whole(answer)
        return await _stream(request, answer)

    async def _upgrade(self, request: web.BaseRequest, message: Request, user: User) -> web.StreamResponse:
        found = await self._server.upgrade(message, user)
        if isinstance(found, Response):
            return _whole(found)
        streams, pod, subresource = found
        response: web.StreamResponse = await streams.handle_upgrade(request, pod, subresource, message.query)
        return response

    async def _body(self, request: web.BaseRequest) -> bytes:
        if not request.can_read_body:
            return b""
        limit = self._server.config.body_limit
        if (request.content_length or 0) > limit:
            raise too_large(f"limit is {limit}")
        pieces: list[bytes] = []
        size = 0
        async for piece in request.content.iter_any():
            size += len(piece)
            if size > limit:
                raise too_large(f"limit is {limit}")
            pieces.append(piece)
        return b"".join(pieces)


def _request(request: web.BaseRequest, body: bytes) -> Request:
    raw_path, _, raw_query = request.raw_path.partition("?")
    headers = request.headers
    return Request(
        request.method,
        unquote(raw_path) if "%" in raw_path else raw_path,
        tuple(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else (),
        tuple([(name, headers[name]) for name in _PASSED if name in headers]),
        body,
    )


def _certificate_user(request: web.BaseRequest) -> User | None:
    transport = request.transport
    if transport is None:
        return None
    return user_of(transport.get_extra_info("peercert"))


def _whole(answer: Response) -> web.StreamResponse:
    response = web.Response(status=answer.status, body=answer.body, headers={**_NO_CACHE, **answer.headers})
    for text in answer.warnings:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{escaped}"')
    return response


async def _stream(request: web.BaseRequest, answer: Stream) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers={**_NO_CACHE, **answer.headers})
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        async for piece in answer:
            await response.write(piece)
        await response.write_eof()
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        await answer.close()
    return response
