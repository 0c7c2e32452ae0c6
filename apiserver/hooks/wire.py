"""One TLS connection to a program that clients configured, and one question over it at a time.

Directly, or over a byte stream through the node that runs its pod. It must never read more of an answer than it is told
to, and never use a connection again that did not end an answer cleanly.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import Final

import httptools

from podwright.api.errors import ApiError
from podwright.apiserver.hooks.failing import HookError
from podwright.apiserver.streams import ByteStream

log = logging.getLogger(__name__)
_PIECE: Final = 256 * 1024
_MEASURES: Final = frozenset(
    (b"content-length", b"transfer-encoding")
)  # without one an answer ends with its connection


class Answer:
    """What came back."""

    __slots__ = ("body", "complete", "keep", "status")

    def __init__(self) -> None:
        self.status = 0
        self.body = bytearray()
        self.complete = False
        self.keep = False


class _Reading:
    """Takes an answer apart as it comes."""

    def __init__(self) -> None:
        self.answer = Answer()
        self._begun = self._measured = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, piece: bytes) -> None:
        """Read on. Raises httptools.HttpParserError."""
        self._parser.feed_data(piece)

    def ended(self) -> bool:
        """Tell whether the answer is whole when the connection ends now."""
        self.answer.complete = self.answer.complete or (self._begun and not self._measured)
        return self.answer.complete

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        del value
        self._measured = self._measured or name.lower() in _MEASURES

    def on_headers_complete(self) -> None:
        """The head is read."""
        self.answer.status = self._parser.get_status_code()
        self._begun = self.answer.status >= 200

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        self.answer.body += piece

    def on_message_complete(self) -> None:
        """The answer is whole; interim ones do not count."""
        if self.answer.status >= 200:
            self.answer.complete, self.answer.keep = True, self._parser.should_keep_alive()


class Wire:
    """An open connection. `used`: an answer came over it already."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tunnel: Tunnel | None = None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._tunnel = tunnel
        self.used = False
        self.since = 0.0  # when it became idle

    @property
    def alive(self) -> bool:
        """Whether the other side has not ended it, as far as one can see."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def ask(self, head: bytes, body: bytes, limit: int) -> Answer:
        """Send a request and read the whole answer. Raises HookError, OSError, EOFError."""
        self._writer.write(head + body)
        await self._writer.drain()
        reading = _Reading()
        answer = reading.answer
        while not answer.complete:
            piece = await self._reader.read(_PIECE)
            if not piece and reading.ended():
                break
            if not piece:
                if answer.status or answer.body:
                    msg = "unexpected EOF"
                    raise HookError(msg)
                raise EOFError
            try:
                reading.feed(piece)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
                msg = f"malformed HTTP response: {error}"
                raise HookError(msg) from error
            if len(answer.body) > limit:
                msg = f"the answer is larger than {limit} bytes"
                raise HookError(msg)
        self.used = True
        return answer

    async def close(self) -> None:
        """End it at once."""
        self._writer.transport.abort()
        if self._tunnel is not None:
            await self._tunnel.close()
        await asyncio.sleep(0)  # the loop closes the socket on its next turn


class Tunnel:
    """Carries bytes between a socket of ours and a byte stream to a pod."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._writer: asyncio.StreamWriter | None = None
        self.problem: ApiError | None = None
        """Why the stream ended, if it says so."""

    async def begin(self) -> socket.socket:
        """Begin to carry; returns the socket to speak to."""
        ours, theirs = socket.socketpair()
        reader, self._writer = await asyncio.open_connection(sock=theirs)
        self._tasks = (
            asyncio.create_task(self._up(reader), name="webhook tunnel up"),
            asyncio.create_task(self._down(self._writer), name="webhook tunnel down"),
        )
        return ours

    async def _up(self, reader: asyncio.StreamReader) -> None:
        try:
            while piece := await reader.read(_PIECE):
                await self._stream.send(piece)
        except Exception as error:  # noqa: BLE001 - whoever speaks over it sees it end, and says so
            log.debug("The way to a webhook's pod ended: %r", error)

    async def _down(self, writer: asyncio.StreamWriter) -> None:
        try:
            async for piece in self._stream:
                writer.write(piece)
                await writer.drain()
        except ApiError as error:
            self.problem = error
        except Exception as error:  # noqa: BLE001 - as above
            log.debug("The way from a webhook's pod ended: %r", error)
        finally:
            writer.close()

    async def close(self) -> None:
        """End both sides."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.transport.abort()
        await self._stream.close()


async def connect(host: str, port: int, context: ssl.SSLContext, name: str) -> Wire:
    """Open a connection to an address. Raises OSError, ssl.SSLError."""
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name, limit=_PIECE)
    return Wire(reader, writer)


async def connect_through(stream: ByteStream, context: ssl.SSLContext, name: str) -> Wire:
    """Open a connection over a byte stream to a pod. Raises OSError, ssl.SSLError, ApiError."""
    tunnel = Tunnel(stream)
    sock = await tunnel.begin()
    try:
        reader, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name, limit=_PIECE)
    except BaseException as error:
        await tunnel.close()
        if tunnel.problem is not None and isinstance(error, OSError):
            raise tunnel.problem from error
        raise
    return Wire(reader, writer, tunnel)
