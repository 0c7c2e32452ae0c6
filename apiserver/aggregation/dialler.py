"""The way to other API servers, with the certificate that lets us speak for our users."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from random import sample
from typing import Final

from podwright.api.errors import ApiError, service_unavailable
from podwright.apiserver.aggregation.delegate import Delegate
from podwright.apiserver.aggregation.idle_lines import IdleLines
from podwright.apiserver.aggregation.line import PIECE, TRYING, Line, NoBackend
from podwright.apiserver.hooks.backends import Backend, backends_of
from podwright.apiserver.hooks.failing import unreachable
from podwright.apiserver.hooks.wire import Tunnel
from podwright.apiserver.strategy import Lookup
from podwright.apiserver.streams import NodeStreams

_SECONDS: Final = 10.0
"""For a connection to be there, with its handshake."""
_TRIED: Final = 3
"""Of those that answer for a service, how many are tried for one request."""


class Dialler:
    """Opens lines. `identity` holds the files of our certificate and its key, if we have one."""

    def __init__(
        self, identity: tuple[Path, Path] | None, lookup: Lookup, streams: Callable[[], NodeStreams | None]
    ) -> None:
        self._identity = identity
        self._lookup = lookup
        self._streams = streams
        self.idle = IdleLines()
        """Lines that were used, by their delegate."""
        self._contexts: dict[tuple[bytes, bool], ssl.SSLContext] = {}

    async def dial(self, delegate: Delegate) -> Line:
        """Connect to one that answers for a delegate. Raises ApiError 503, NoBackend when there is none."""
        try:
            backends = backends_of(delegate.service, self._lookup)
        except ValueError as error:
            raise NoBackend(str(error)) from error
        chosen = sample(backends, min(len(backends), _TRIED))
        for backend in chosen[:-1]:
            with contextlib.suppress(ApiError):
                return await self._reach(backend, delegate)
        return await self._reach(chosen[-1], delegate)

    async def _reach(self, backend: Backend, delegate: Delegate) -> Line:
        where = f"{backend.host}:{backend.port}"
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._open(backend, await self._context(delegate), delegate.service.server_name, where)
        except TimeoutError as error:
            raise service_unavailable(f"{TRYING}dial tcp {where}: i/o timeout") from error
        except (OSError, EOFError) as error:
            raise service_unavailable(TRYING + unreachable(error, where)) from error

    def forget(self, delegate: Delegate) -> None:
        """End the lines of a delegate that are not in use."""
        self.idle.drop(lambda each: each == delegate)

    def forget_all_but(self, wanted: set[Delegate]) -> None:
        """Keep the lines and TLS settings of these delegates alone."""
        keys = {(delegate.ca, delegate.blind) for delegate in wanted}
        self._contexts = {key: context for key, context in self._contexts.items() if key in keys}
        self.idle.drop(lambda delegate: delegate not in wanted)

    async def _open(self, backend: Backend, context: ssl.SSLContext, name: str, where: str) -> Line:
        streams = self._streams()
        if streams is None or backend.pod is None or not backend.pod["spec"].get("nodeName"):
            reader, writer = await asyncio.open_connection(
                backend.host, backend.port, ssl=context, server_hostname=name, limit=PIECE
            )
            return Line(reader, writer, where)
        tunnel = Tunnel(await streams.dial(backend.pod, backend.port))
        try:
            reader, writer = await asyncio.open_connection(
                sock=await tunnel.begin(), ssl=context, server_hostname=name, limit=PIECE
            )
        except BaseException:
            await tunnel.close()
            raise
        return Line(reader, writer, where, tunnel)

    async def _context(self, delegate: Delegate) -> ssl.SSLContext:
        key = delegate.ca, delegate.blind
        found = self._contexts.get(key)
        if found is None:
            try:
                found = await asyncio.to_thread(_context, *key, self._identity)
            except (ssl.SSLError, OSError, UnicodeDecodeError) as error:
                raise service_unavailable(f"{TRYING}unable to load root certificates: {error}") from error
            self._contexts[key] = found
        return found


def _context(ca: bytes, blind: bool, identity: tuple[Path, Path] | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca.decode() if ca else None)
    if blind:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        context.load_cert_chain(*identity)
    context.set_alpn_protocols(["http/1.1"])
    return context
