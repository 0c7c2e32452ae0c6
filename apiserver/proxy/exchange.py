"""One HTTP request and its answer over a byte stream to a pod.

The answer is passed on piece by piece, as slowly as the client reads it. It must never pass on what belongs to one
connection alone, nor the caller's credentials.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

import httptools

from podwright.api.errors import service_unavailable
from podwright.apiserver.streams import ByteStream
from podwright.client.transport import Request, Response, Stream

_OWN: Final = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
    )
)
_CALLERS: Final = ("authorization", "host", "impersonate-")  # what was said to us, by how it begins
_LONGEST: Final = 256 * 1024  # bytes of a head
_MEASURES: Final = frozenset(("content-length", "transfer-encoding"))  # without one a body ends with its connection
_BODILESS: Final = frozenset((204, 304))


def written(request: Request, path: str, host: str, *, keep: bool = False) -> bytes:
    """The request as it is sent to the pod; unless it is to be kept, the connection serves this one alone."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    lines = [f"{request.method} {quote(path)}{query} HTTP/1.1", f"Host: {host}"]
    lines += [] if keep else ["Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers if goes_on(name)]
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + request.body


def goes_on(name: str) -> bool:
    """Whether a header of a request is for whoever it is passed on to."""
    return name not in _OWN and not name.startswith(_CALLERS)


class Passed:
    """An answer that is passed on while it comes.

    `again` takes the connection back after an answer that ended cleanly; without it every connection ends.
    """

    def __init__(self, stream: ByteStream, again: Callable[[], None] | None = None) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._stream = stream
        self._read = aiter(stream)
        self._parser = httptools.HttpResponseParser(self)
        self._given: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._begun = self._done = self._measured = False
        self._again = again
        self._reusable = False
        self._closed = False

    def on_message_begin(self) -> None:
        """An answer begins; one that nobody asked for makes the connection useless."""
        if self._done:
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; of several of one name, all."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._given[key] = f"{self._given[key]}, {text}" if key in self._given else text

    def on_headers_complete(self) -> None:
        """The head is read; an interim answer is none."""
        self.status = self._parser.get_status_code()
        self._begun = self.status >= 200
        self._measured = not _MEASURES.isdisjoint(self._given)
        self.headers = {key: text for key, text in self._given.items() if key not in _OWN}
        self._given = {}

    def on_body(self, piece: bytes) -> None:
        """Keep a piece until it is passed on."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self._done = self._begun
        self._reusable = self._done and self._parser.should_keep_alive()

    async def begin(self) -> None:
        """Read the head. Raises ApiError 503."""
        while not self._begun:
            if not await self._more():
                raise service_unavailable("error trying to reach service: the connection was closed")
            if self._size > _LONGEST and not self._begun:
                raise service_unavailable("error trying to reach service: the answer's head is too long")

    async def _more(self) -> bool:
        piece = await anext(self._read, b"")
        if not piece:
            return False
        self._size += len(piece)
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserError as error:
            raise service_unavailable(f"error trying to reach service: malformed HTTP response: {error}") from error
        return True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            going = True
            while going:
                pieces, self._pieces = self._pieces, []
                for piece in pieces:
                    yield piece
                going = not self._done and await self._more()
            for piece in self._pieces:
                yield piece
            if self._measured and not self._done:  # clients must not take a part for the whole
                raise service_unavailable("error trying to reach service: the answer broke off")
        finally:
            await self.close()

    async def close(self) -> None:
        """End the connection, or give it back."""
        if self._closed:
            return
        self._closed = True
        if self._reusable and self._again is not None:
            self._again()
        else:
            await self._stream.close()


async def exchange(
    stream: ByteStream, request: Request, path: str, host: str, again: Callable[[], None] | None = None
) -> Response | Stream:
    """Send a request and return its answer, of which the head was read. Raises ApiError 503.

    `again` takes the connection back when it may serve another request.
    """
    answer = Passed(stream, again)
    try:
        await stream.send(written(request, path, host, keep=again is not None))
        await answer.begin()
    except BaseException:
        await stream.close()
        raise
    if answer.status in _BODILESS or request.method == "HEAD":
        await answer.close()
        return Response(answer.status, answer.headers, b"")
    return answer
