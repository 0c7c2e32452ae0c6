"""A request that asks another API server for a connection of another protocol, and what came of it.

Only after that server has agreed (101) may bytes go both ways: before, what a client sends next would be a request that
nobody here has looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote, urlencode

from podwright.api.errors import service_unavailable
from podwright.apiserver.aggregation.delegate import Delegate
from podwright.apiserver.aggregation.dialler import Dialler
from podwright.apiserver.aggregation.line import Line
from podwright.apiserver.aggregation.opened import Opened
from podwright.apiserver.aggregation.remote_user import claims, without_claims
from podwright.apiserver.proxy.exchange import Passed, goes_on
from podwright.apiserver.user import User
from podwright.client.transport import Request, Stream

_END: Final = b"\r\n\r\n"
_LONGEST: Final = 256 * 1024
_SWITCHED: Final = b" 101 "


class _Begun:
    """A line whose first bytes were read already."""

    def __init__(self, line: Line, begun: bytes) -> None:
        self._line = line
        self._begun = begun

    async def send(self, data: bytes) -> None:
        """Send. Raises ApiError 503."""
        await self._line.send(data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._begun
        async for piece in self._line:
            yield piece

    async def close(self) -> None:
        """End it."""
        await self._line.close()


async def upgrade(dialler: Dialler, delegate: Delegate, request: Request, user: User) -> Opened | Stream:
    """Ask; an answer that is no agreement is passed on as any other. Raises ApiError 503."""
    line = await dialler.dial(delegate)
    try:
        await line.send(_written(request, user, delegate.authority))
        begun = await _head(line)
        if _SWITCHED in begun.partition(b"\r\n")[0]:
            return Opened(line, begun)
        answer = Passed(_Begun(line, begun))
        await answer.begin()
    except BaseException:
        await line.close()
        raise
    return answer


def _written(request: Request, user: User, host: str) -> bytes:
    protocol = next((value for name, value in request.headers if name == "upgrade"), "")
    query = f"?{urlencode(request.query)}" if request.query else ""
    lines = [f"{request.method} {quote(request.path)}{query} HTTP/1.1", f"Host: {host}"]
    lines += ["Connection: Upgrade", f"Upgrade: {protocol}"]
    kept = (pair for pair in without_claims(request.headers) if goes_on(pair[0]))
    lines += [f"{name}: {value}" for name, value in (*kept, *claims(user))]
    if request.body:
        lines.append(f"Content-Length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + request.body


async def _head(line: Line) -> bytes:
    read = b""
    async for piece in line:
        read += piece
        if _END in read:
            return read
        if len(read) > _LONGEST:
            raise service_unavailable("error trying to reach service: the answer's head is too long")
    raise service_unavailable("error trying to reach service: the connection was closed")
