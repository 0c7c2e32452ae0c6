"""The Transport over HTTPS, and the only module here that knows an HTTP library.

One connection pool per server; watches and logs read through a large buffer, because a slow reader of small
pieces is what makes watches expensive. A broken or unreachable server is a TransportError whatever the cause.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from podwright.client.client import refusal
from podwright.client.tls import client_context
from podwright.client.transport import Request, Response, TransportError

_READ_BUFFER: Final = 1024 * 1024  # bytes per connection
_CONNECTIONS: Final = 256  # per server; one per running watch plus the requests in flight
_CONNECT_SECONDS: Final = 10.0
_REQUEST_SECONDS: Final = 65.0  # a little over the server's own limit of a minute
_TOKEN_SECONDS: Final = 60.0  # how long a token file's content is taken as current
_PATH_SAFE: Final = "/:@!$&'()*+,;=~"
_WARNING: Final = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """Where a server is and who we are. Certificates are PEM; a token file is read again as it is rotated."""

    server: str
    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    token_file: str = ""
    username: str = ""
    password: str = ""
    server_name: str = ""
    insecure: bool = False


class HttpTransport:
    """Carries requests to one server. Make it anywhere; it connects on first use."""

    def __init__(self, config: HttpConfig) -> None:
        self._config = config
        self._base = config.server.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._token = config.token
        self._token_read = -_TOKEN_SECONDS

    async def request(self, request: Request) -> Response:
        """Send and read the whole answer. Raises TransportError."""
        session = await self._ready()
        try:
            async with session.request(
                request.method,
                self._url(request),
                headers=self._headers(request),
                data=request.body or None,
                allow_redirects=False,
                server_hostname=self._config.server_name or None,
            ) as answer:
                body = await answer.read()
                headers = {key.lower(): value for key, value in answer.headers.items()}
                warnings = _warnings(answer.headers.getall("Warning", ()))
                return Response(answer.status, headers, body, warnings)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._failed(request, error) from error

    async def stream(self, request: Request) -> HttpStream:
        """Send and return when the answer's head is there. Raises TransportError."""
        session = await self._ready()
        try:
            answer = await session.request(
                request.method,
                self._url(request),
                headers=self._headers(request),
                data=request.body or None,
                allow_redirects=False,
                server_hostname=self._config.server_name or None,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
                read_bufsize=_READ_BUFFER,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._failed(request, error) from error
        return HttpStream(answer)

    async def websocket(self, request: Request, protocols: Sequence[str]) -> aiohttp.ClientWebSocketResponse:
        """Open a websocket (exec, attach, port-forward), offering these subprotocols in order.

        Raises TransportError; ApiError for a refusal that says why.
        """
        session = await self._ready()
        try:
            return await session.ws_connect(
                self._url(request),
                headers=self._headers(request),
                protocols=tuple(protocols),
                max_msg_size=0,
                autoping=True,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._failed(request, error) from error

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ready(self) -> aiohttp.ClientSession:
        if self._config.token_file and time.monotonic() - self._token_read > _TOKEN_SECONDS:
            self._token = await asyncio.to_thread(_read_token, self._config.token_file)
            self._token_read = time.monotonic()
        if self._session is not None:
            return self._session
        config = self._config
        context: ssl.SSLContext | bool = True
        if self._base.startswith("https:"):
            context = await asyncio.to_thread(
                client_context, config.ca, config.certificate, config.key, insecure=config.insecure
            )
        if self._session is None:  # nobody else made it meanwhile
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=_CONNECTIONS, ssl=context, keepalive_timeout=60, socket_factory=_socket
                ),
                timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS, sock_connect=_CONNECT_SECONDS),
                skip_auto_headers=("User-Agent", "Content-Type"),
                raise_for_status=_refused_upgrade,
            )
        return self._session

    def _url(self, request: Request) -> URL:
        url = self._base + quote(request.path, safe=_PATH_SAFE)
        if request.query:
            url += "?" + urlencode(request.query)
        return URL(url, encoded=True)

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        headers = list(request.headers)
        if self._token:
            headers.append(("authorization", f"Bearer {self._token}"))
        elif self._config.username:
            pair = f"{self._config.username}:{self._config.password}"
            headers.append(("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        return headers

    def _failed(self, request: Request, error: BaseException) -> TransportError:
        why = str(error) or type(error).__name__
        return TransportError(f"cannot {request.method} {self._base}{request.path}: {why}")


class HttpStream:
    """An answer that is being read."""

    __slots__ = ("_answer", "headers", "status")

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.status = answer.status
        self.headers: Mapping[str, str] = {key.lower(): value for key, value in answer.headers.items()}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what has arrived, as it arrives. Raises TransportError when the connection breaks."""
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            msg = f"cannot read on from {self._answer.url.path}: {str(error) or type(error).__name__}"
            raise TransportError(msg) from error

    async def close(self) -> None:
        """Drop the connection; what is left of the answer is not read."""
        self._answer.close()


# A peer that vanished without a word (its host lost power) is noticed within half a minute, also by an idle watch.
_LIVENESS: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)


def _socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    for level, option, value in _LIVENESS:
        made.setsockopt(level, option, value)
    return made


async def _refused_upgrade(answer: aiohttp.ClientResponse) -> None:
    """Raise what a refused websocket was refused for: the library drops the answer's body."""
    if answer.status >= 400 and "upgrade" in answer.request_info.headers:
        raise refusal(answer.status, answer.headers, await answer.read())


def _warnings(headers: Sequence[str]) -> tuple[str, ...]:
    texts = (found[1] for header in headers for found in _WARNING.finditer(header))
    return tuple(re.sub(r"\\(.)", r"\1", text) for text in texts)


def _read_token(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        msg = f"cannot read the token file {path}: {error}"
        raise TransportError(msg) from error
