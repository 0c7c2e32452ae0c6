"""The CLI's own Transport: HTTP/1.1 over asyncio's streams, because importing an HTTP library takes longer than a verb.

Speaks to API servers only: no redirects, no proxies, no compression. Connections are used again within one command.
What needs a websocket (exec) uses `podwright.client.http` instead.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from podwright.cli.unreachable import explained
from podwright.client.kubeconfig import Connection
from podwright.client.tls import client_context
from podwright.client.transport import Request, Response, TransportError

_CONNECT_SECONDS: Final = 10.0
_REQUEST_SECONDS: Final = 65.0  # a little over the server's own limit of a minute
_HEAD_LIMIT: Final = 1024 * 1024  # bytes of an answer's head; also what a slow reader lets wait
_PATH_SAFE: Final = "/:@!$&'()*+,;=~"
_WARNING: Final = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
# a server whose host vanished is noticed by a watch within half a minute
_LIVENESS: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
_BROKEN: Final = (OSError, ssl.SSLError, EOFError, asyncio.LimitOverrunError, ValueError)


@dataclass(slots=True)
class _Wire:
    """One connection. `used`: it has carried a request before."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False


@dataclass(slots=True)
class _Head:
    status: int
    headers: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Http1Transport:
    """Carries one command's requests to one server. Connects on first use."""

    connection: Connection
    _idle: list[_Wire] = field(default_factory=list[_Wire])
    _context: ssl.SSLContext | None = None

    async def request(self, request: Request) -> Response:
        """Send and read the whole answer. Raises TransportError."""
        keep = False
        wire = None
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                wire, head = await self._send(request)
                body = b"".join([chunk async for chunk in _body(wire.reader, head, request.method)])
            keep = head.headers.get("connection", "").lower() != "close" and _delimited(head)
        except _BROKEN as error:
            raise self._failed(request, error) from error
        finally:
            if wire and keep:
                self._idle.append(wire)
            elif wire:
                await _drop(wire)
        return Response(head.status, head.headers, body, head.warnings)

    async def stream(self, request: Request) -> Http1Stream:
        """Send and return when the answer's head is there. Raises TransportError."""
        try:
            wire, head = await self._send(request)
        except _BROKEN as error:
            raise self._failed(request, error) from error
        return Http1Stream(wire, head, request, self.connection)

    async def close(self) -> None:
        """Drop every connection."""
        while self._idle:
            await _drop(self._idle.pop())

    async def _send(self, request: Request) -> tuple[_Wire, _Head]:
        """Write the request and read the answer's head, anew if a connection used before turns out to be closed."""
        while True:
            wire = self._idle.pop() if self._idle else await self._connect()
            try:
                wire.writer.write(self._bytes(request))
                await wire.writer.drain()
                return wire, await _head(wire.reader)
            except BaseException as error:
                await _drop(wire)
                if not (wire.used and isinstance(error, (ConnectionError, asyncio.IncompleteReadError))):
                    raise
            finally:
                wire.used = True

    async def _connect(self) -> _Wire:
        where = urlsplit(self.connection.server)
        secure = where.scheme == "https"
        if secure and self._context is None:
            config = self.connection
            self._context = client_context(config.ca, config.certificate, config.key, insecure=config.insecure)
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                where.hostname,
                where.port or (443 if secure else 80),
                ssl=self._context,
                server_hostname=(self.connection.server_name or where.hostname) if secure else None,
                limit=_HEAD_LIMIT,
            )
        connected: socket.socket = writer.get_extra_info("socket")
        for level, option, value in _LIVENESS:
            connected.setsockopt(level, option, value)
        return _Wire(reader, writer)

    def _bytes(self, request: Request) -> bytes:
        where = urlsplit(self.connection.server)
        target = where.path.rstrip("/") + quote(request.path, safe=_PATH_SAFE)
        if request.query:
            target += "?" + urlencode(request.query)
        lines = [f"{request.method} {target} HTTP/1.1", f"host: {where.netloc}", "user-agent: pw"]
        lines += [f"{key}: {value}" for key, value in request.headers]
        lines += [f"authorization: {value}" for value in self._credentials()]
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"content-length: {len(request.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body

    def _credentials(self) -> list[str]:
        config = self.connection
        token = config.token
        if config.token_file and not token:
            try:
                token = Path(config.token_file).read_text().strip()
            except OSError as error:
                msg = f"cannot read the token file {config.token_file}: {error}"
                raise TransportError(msg) from error
        if token:
            return [f"Bearer {token}"]
        if config.username:
            return ["Basic " + base64.b64encode(f"{config.username}:{config.password}".encode()).decode()]
        return []

    def _failed(self, request: Request, error: BaseException) -> TransportError:
        return explained(f"{request.method} {self.connection.server}{request.path}", error, self.connection)


class Http1Stream:
    """An answer that is being read."""

    __slots__ = ("_connection", "_head", "_request", "_wire", "headers", "status")

    def __init__(self, wire: _Wire, head: _Head, request: Request, connection: Connection) -> None:
        self._wire = wire
        self._head = head
        self._request = request
        self._connection = connection
        self.status = head.status
        self.headers = head.headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what has arrived, as it arrives. Raises TransportError when the connection breaks."""
        try:
            async for chunk in _body(self._wire.reader, self._head, self._request.method):
                yield chunk
        except _BROKEN as error:
            raise explained(f"read on from {self._request.path}", error, self._connection) from error

    async def close(self) -> None:
        """Drop the connection; what is left of the answer is not read."""
        await _drop(self._wire)


async def _drop(wire: _Wire) -> None:
    wire.writer.transport.abort()
    await asyncio.sleep(0)  # the loop closes the socket on its next turn


async def _head(reader: asyncio.StreamReader) -> _Head:
    """Read status and headers, skipping interim answers. Header names become lower-case."""
    while True:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        if not version.startswith("HTTP/1."):
            msg = f"the server does not speak HTTP: {lines[0][:60]!r}"
            raise ValueError(msg)
        status = int(rest[:3])
        headers: dict[str, str] = {}
        warnings: list[str] = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
            if name.lower() == "warning":
                warnings += [re.sub(r"\\(.)", r"\1", found[1]) for found in _WARNING.finditer(value)]
        if status >= 200:
            return _Head(status, headers, tuple(warnings))


def _delimited(head: _Head) -> bool:
    """Whether the answer's end is marked by other means than closing the connection."""
    return "content-length" in head.headers or head.headers.get("transfer-encoding") == "chunked" or head.status == 204


async def _body(reader: asyncio.StreamReader, head: _Head, method: str) -> AsyncIterator[bytes]:
    if method == "HEAD" or head.status in {204, 304}:
        return
    if head.headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            async for piece in _exactly(reader, size):
                yield piece
            await reader.readexactly(2)
        while await reader.readuntil(b"\r\n") != b"\r\n":
            continue  # trailers
    elif "content-length" in head.headers:
        async for piece in _exactly(reader, int(head.headers["content-length"])):
            yield piece
    else:
        while piece := await reader.read(65536):
            yield piece


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, 262144))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece
