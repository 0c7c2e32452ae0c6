"""The HTTP listener: TLS, the open connections and their time limits. All meaning is in `server.py`.

Requests are read and answered by `connection.py`; a connection that becomes a byte stream to a container is handed to
aiohttp, which is imported with the first of them. It must never look into a request.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.connection import Connection, Listener
from podwright.apiserver.server import ApiServer, Upgrade
from podwright.client.transport import Request

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.opened import Opened
    from podwright.apiserver.aggregation.passage import Passages
    from podwright.apiserver.takeover import Takeover

_HANDSHAKE_SECONDS = 15.0
_STOP_SECONDS = 1.0
_LOOKS = (0.02, 2.0)  # seconds between two looks at the deadlines: at least, at most


class HttpServer:
    """Listens and serves until `stop`."""

    def __init__(self, server: ApiServer, authenticator: Authenticator) -> None:
        self._config = server.config
        self._shared = Listener(server, authenticator, self._take_over, self._carry_on)
        authenticator.others = server.others
        server.registry.token_reviewer = authenticator  # a review says what this door accepts
        self._listener: asyncio.Server | None = None
        self._context: ssl.SSLContext | None = None
        self._takeover: Takeover | None = None
        self._passages: Passages | None = None
        self._look: asyncio.TimerHandle | None = None

    async def start(self) -> int:
        """Begin to listen; returns the port. Raises OSError, ssl.SSLError."""
        tls = self._context = self._tls()
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._shared),
            self._config.host,
            self._config.port,
            ssl=tls,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS if tls else None,
            backlog=512,
            reuse_address=True,
        )
        self._look_again()
        return int(self._listener.sockets[0].getsockname()[1])

    def reload_certificate(self) -> None:
        """Show new connections what the files hold now; open ones go on. Raises OSError, ssl.SSLError."""
        if self._context is not None:
            self._tls()  # what cannot be used is found out before anything changes
            self._context.load_cert_chain(*self._files())

    async def stop(self) -> None:
        """Stop listening, let running answers finish for a moment, close connections."""
        if self._look is not None:
            self._look.cancel()
        if self._listener is not None:
            self._listener.close()
        running = [task for connection in list(self._shared.connections) if (task := connection.close()) is not None]
        if running:
            await asyncio.wait(running, timeout=_STOP_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for connection in list(self._shared.connections):
            connection.abort()
        if self._takeover is not None:
            await self._takeover.stop(_STOP_SECONDS)
        if self._passages is not None:
            await self._passages.stop()

    @property
    def connections(self) -> int:
        """Number of open connections, those that became byte streams aside."""
        return len(self._shared.connections)

    def _take_over(self, transport: asyncio.Transport, raw: bytes, message: Request, upgrade: Upgrade) -> None:
        from podwright.apiserver.takeover import Takeover

        if self._takeover is None:
            self._takeover = Takeover()
        self._takeover.take(transport, raw, message, upgrade)

    def _carry_on(self, transport: asyncio.Transport, opened: Opened, early: bytes) -> None:
        from podwright.apiserver.aggregation.passage import Passages

        if self._passages is None:
            self._passages = Passages()
        self._passages.open(transport, opened.line, opened.begun, early)

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [c for c in self._shared.connections if c.deadline < now]:
            connection.expire()
        shortest = min(self._config.idle_seconds, self._config.read_seconds, self._config.request_seconds)
        self._look = loop.call_later(min(max(shortest / 10, _LOOKS[0]), _LOOKS[1]), self._look_again)

    def _files(self) -> tuple[Path, Path]:
        config = self._config
        assert config.tls_cert_file is not None
        assert config.tls_key_file is not None
        return config.tls_cert_file, config.tls_key_file

    def _tls(self) -> ssl.SSLContext | None:
        config = self._config
        if config.tls_cert_file is None or config.tls_key_file is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*self._files())
        if config.client_ca_file is not None:
            context.load_verify_locations(config.client_ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context
