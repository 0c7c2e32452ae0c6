"""A transport between controllers and server that is slow to tell, and loses answers of writes that happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from podwright.client.transport import Request, Response, Stream, Transport, TransportError


class LaggingStream:
    """A watch whose news arrive `lag` seconds late, in order."""

    def __init__(self, inner: Stream, lag: float) -> None:
        self.status, self.headers = inner.status, inner.headers
        self._inner, self._lag = inner, lag

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            await asyncio.sleep(self._lag)
            yield chunk

    async def close(self) -> None:
        await self._inner.close()


class BadTransport:
    """Delays watches by `lag` seconds; of POSTs to a path ending in `lossy`, loses every second answer."""

    def __init__(self, inner: Transport, *, lag: float = 0.0, lossy: str = "") -> None:
        self._inner, self._lag, self._lossy = inner, lag, lossy
        self._count = 0
        self.lost = 0

    async def request(self, request: Request) -> Response:
        response = await self._inner.request(request)
        if self._lossy and request.method == "POST" and request.path.endswith(self._lossy) and response.status < 300:
            self._count += 1
            if self._count % 2:
                self.lost += 1
                msg = "connection lost"
                raise TransportError(msg)
        return response

    async def stream(self, request: Request) -> Stream:
        return LaggingStream(await self._inner.stream(request), self._lag)

    async def close(self) -> None:
        await self._inner.close()
