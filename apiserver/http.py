"""The HTTP shell: TLS, identities and bytes. All meaning is in `server.py`.

aiohttp's low-level server without its router and middlewares: one handler, one call into the server. Small answers and
watch events are written to the transport directly, head and body in one piece. It must never look into a body.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from podwright.api.errors import ApiError, bad_request, too_large
from podwright.apiserver import compression
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.certificates import user_of
from podwright.apiserver.impersonation import impersonate
from podwright.apiserver.registry.watching import WatchStream
from podwright.apiserver.responses import error_response
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import User
from podwright.apiserver.watch_writer import WatchWriter
from podwright.client.transport import Request, Response, Stream

log = logging.getLogger(__name__)
_PASSED = ("accept", "content-type", "if-none-match", "user-agent")
_STATUS_LINES = {s.value: b"HTTP/1.1 %d %b\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_NO_CACHE = "cache-control"
_SMALL = 256 * 1024  # bytes; larger answers are written with back-pressure
_LINE_LIMIT = 128 * 1024  # bytes of a request line or header: long selectors and tokens
_KEEPALIVE_SECONDS = 90.0


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
        self._web = web.Server(
            self._handle,
            access_log=None,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            auto_decompress=True,
            handler_cancellation=True,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
            logger=_ClientErrors(log, {}),
        )
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
        try:
            authorization = request.headers.get("Authorization", "")
            user = self._authenticator.authenticate(authorization, _certificate_user(request))
            if any(name[:12].lower() == b"impersonate-" for name, _ in request.raw_headers):
                user = impersonate(user, [(k.lower(), v) for k, v in request.headers.items()])
            body = await self._body(request) if request.can_read_body else b""
        except ApiError as error:
            return await _whole(request, error_response(error))
        message = _message(request, body)
        if self._server.is_upgrade(message.path):
            return await self._upgrade(request, message, user)
        answer = await self._server.handle(message, user)
        if isinstance(answer, Response):
            return await _whole(request, answer)
        if isinstance(answer, WatchStream) and request.version == (1, 1):
            return await self._watch(request, answer)
        return await _stream(request, answer)

    async def _upgrade(self, request: web.BaseRequest, message: Request, user: User) -> web.StreamResponse:
        found = await self._server.upgrade(message, user)
        if isinstance(found, Response):
            return await _whole(request, found)
        streams, pod, subresource = found
        response: web.StreamResponse = await streams.handle_upgrade(request, pod, subresource, message.query)
        return response

    async def _body(self, request: web.BaseRequest) -> bytes:
        limit = self._server.config.body_limit
        if (request.content_length or 0) > limit:
            raise too_large(f"limit is {limit}")
        pieces: list[bytes] = []
        size = 0
        try:
            async for piece in request.content.iter_any():
                size += len(piece)
                if size > limit:
                    raise too_large(f"limit is {limit}")
                pieces.append(piece)
        except web.HTTPException as error:
            raise bad_request(f"cannot read the body: {error.reason}") from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _watch(self, request: web.BaseRequest, answer: WatchStream) -> web.StreamResponse:
        transport = request.transport
        if transport is None:
            answer.release()
            return _Written(keep=False)
        writer = WatchWriter(answer, transport, request.writer.drain, self._server.config.watch_buffer_bytes)
        head = _head(answer.status, dict(answer.headers), keep=request.keep_alive)
        try:
            whole = await writer.run(head + b"transfer-encoding: chunked\r\n\r\n")
        finally:
            answer.release()
        return _Written(keep=whole and request.keep_alive)


class _ClientErrors(logging.LoggerAdapter[logging.Logger]):
    """aiohttp's log, where what clients do wrong is one line and not a traceback."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **kwargs: Any) -> None:
        """Log a failure; one of the client's as a short note."""
        if isinstance(exc_info, HttpProcessingError):
            self.info("Cannot read a request: %s", " ".join(exc_info.message.split()))
        else:
            super().exception(msg, *args, exc_info=exc_info, **kwargs)


class _Written(web.StreamResponse):
    """A response that is on the transport already."""

    def __init__(self, *, keep: bool) -> None:
        super().__init__()
        self._keep = keep

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection may serve another request."""
        return self._keep

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Nothing is left to send."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to send."""


def _message(request: web.BaseRequest, body: bytes) -> Request:
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
    peer = transport.get_extra_info("peercert")
    return user_of(peer) if peer else None


def _head(status: int, headers: dict[str, str], *, keep: bool) -> bytes:
    """The status line and headers, without the blank line."""
    headers.setdefault(_NO_CACHE, "no-cache, private")
    if not keep:
        headers["connection"] = "close"
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return _STATUS_LINES.get(status, b"HTTP/1.1 %d Unknown\r\n" % status) + lines.encode("utf-8", "replace")


def _warning_lines(warnings: tuple[str, ...]) -> bytes:
    lines: list[str] = []
    for text in warnings:
        clean = text.replace("\r", " ").replace("\n", " ").replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'warning: 299 - "{clean}"\r\n')
    return "".join(lines).encode("utf-8", "replace")


async def _whole(request: web.BaseRequest, answer: Response) -> web.StreamResponse:
    if len(answer.body) > compression.LARGE and request.method == "GET" and answer.status == HTTPStatus.OK:
        answer = await _smaller(request, answer)
    transport = request.transport
    if len(answer.body) <= _SMALL and transport is not None and request.version == (1, 1):
        keep = request.keep_alive
        head = _head(answer.status, dict(answer.headers), keep=keep)
        body = b"" if request.method == "HEAD" or answer.status in {204, 304} else answer.body
        length = b"" if answer.status in {204, 304} else b"content-length: %d\r\n" % len(answer.body)
        warnings = _warning_lines(answer.warnings) if answer.warnings else b""
        transport.write(b"%b%b%b\r\n%b" % (head, warnings, length, body))
        await request.writer.drain()  # a client that sends on without reading waits here
        return _Written(keep=keep)
    headers = {_NO_CACHE: "no-cache, private", **answer.headers}
    response = web.Response(status=answer.status, body=answer.body, headers=headers)
    for line in _warning_lines(answer.warnings).decode().splitlines():
        response.headers.add("Warning", line.partition(": ")[2])
    return response


async def _smaller(request: web.BaseRequest, answer: Response) -> Response:
    if "content-encoding" in answer.headers or not compression.asked_for(request.headers.get("Accept-Encoding", "")):
        return answer
    headers = {**answer.headers, **compression.HEADERS}
    return Response(answer.status, headers, await compression.compress(answer.body), answer.warnings)


async def _stream(request: web.BaseRequest, answer: Stream) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers={_NO_CACHE: "no-cache, private", **answer.headers})
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        async for piece in answer:
            await response.write(piece)
        await response.write_eof()
    except ConnectionError:
        response.force_close()  # the client went away; nobody is left to tell
    finally:
        await answer.close()
    return response
