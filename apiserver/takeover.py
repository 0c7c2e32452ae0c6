"""Connections that stop being HTTP: exec, attach and port-forward, carried by aiohttp's websockets.

Imported with the first of them: aiohttp costs as much memory as everything else of the API server together. What has
been read of such a connection is given to aiohttp as if it had read it itself.
"""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from aiohttp import web

from podwright.apiserver.server import Upgrade
from podwright.client.transport import Request

log = logging.getLogger(__name__)
_HEAD_LIMIT = 256 * 1024


class Takeover:
    """Owns the connections that were handed over."""

    def __init__(self) -> None:
        self._server = web.Server(
            self._handle,
            access_log=None,
            handler_cancellation=True,
            max_line_size=_HEAD_LIMIT,
            max_field_size=_HEAD_LIMIT,
        )
        self._taken: dict[asyncio.BaseTransport, tuple[Request, Upgrade]] = {}

    def take(self, transport: asyncio.Transport, raw: bytes, message: Request, upgrade: Upgrade) -> None:
        """Serve a connection to its end; `raw` is the request and what came behind it."""
        self._taken[transport] = (message, upgrade)
        protocol = self._server()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        transport.resume_reading()
        protocol.data_received(raw)

    async def stop(self, seconds: float) -> None:
        """End all of them."""
        await self._server.shutdown(seconds)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        taken = self._taken.pop(cast("asyncio.BaseTransport", request.transport), None)
        if taken is None:  # a second request behind a refused upgrade
            response: web.StreamResponse = web.Response(status=400, text="this connection was for one stream")
        else:
            message, (streams, pod, subresource) = taken
            response = await streams.handle_upgrade(request, pod, subresource, message.query)
        response.force_close()
        return response
