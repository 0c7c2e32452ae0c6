"""One connection: requests in, answers out, one at a time and in order, with a time limit on every wait.

    idle -> reading -> answering -> idle ...          a request that comes early waits unread
             |            `-> streaming (a watch, a log), as long as both sides like
             `-> refused: answered, what still comes is thrown away for a moment, closed

Deadlines are plain numbers that the listener looks at now and then: a request costs no timer. Small answers and watch
events go to the transport in one piece, head and body. It must never look into a body.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from podwright.api.errors import ApiError, bad_request, unauthorized
from podwright.apiserver import compression
from podwright.apiserver.aggregation.opened import Opened
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.certificates import ends_at, user_of
from podwright.apiserver.fairness.gate import Passage
from podwright.apiserver.http_message import (
    AUDIT_ID,
    CHUNKED,
    CONTINUE,
    LAST_CHUNK,
    Incoming,
    chunk,
    chunks,
    has_body,
    head,
    length_line,
    sources_of,
)
from podwright.apiserver.impersonation import PREFIX
from podwright.apiserver.pieces import PIECE, pieces
from podwright.apiserver.registry.watching import WatchStream
from podwright.apiserver.request_reader import RequestReader
from podwright.apiserver.responses import error_response
from podwright.apiserver.server import ApiServer, Upgrade
from podwright.apiserver.user import User
from podwright.apiserver.watch_writer import WatchWriter
from podwright.client.transport import Request, Response, Stream

if TYPE_CHECKING:
    from podwright.apiserver.audit.trail import Trail

log = logging.getLogger(__name__)
_TURN_SECONDS = 0.00015  # of writing a long answer, before others get their turn
_EARLY = 64 * 1024  # bytes of further requests that may wait while one is answered
_THROWN_AWAY = 16 * 1024 * 1024  # bytes read after a refusal, so that the client gets to read why
_READING = frozenset(("GET", "HEAD"))
_STILL_SENDING = frozenset((413, 431))  # refusals in the middle of a request
_SLOW_SECONDS = 0.25  # how long a client may keep an answer waiting before the seats are given back
_NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Listener:
    """What the connections of one listener share. `take_over` hands one, with what was read of it, to others."""

    server: ApiServer
    authenticator: Authenticator
    take_over: Callable[[asyncio.Transport, bytes, Request, Upgrade], None]
    carry_on: Callable[[asyncio.Transport, Opened, bytes], None]
    connections: set[Connection] = field(default_factory=set["Connection"])


class Connection(asyncio.Protocol):
    """The server's side of a TCP connection."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._config = listener.server.config
        self._loop = asyncio.get_running_loop()
        self._reader = RequestReader(self._config.body_limit, self._take, self._expected)
        self._transport: asyncio.Transport | None = None
        self._certificate: User | None = None
        self._certified_until = math.inf
        self._waiting: deque[Incoming] = deque()
        self._early: list[bytes] = []
        self._early_size = 0
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._timed_out = False
        self._changing = False  # a request that may change something is being carried out
        self._holds: Passage | None = None  # whose answer is being written
        self._closing = False
        self._thrown_away = 0
        self.deadline = _NEVER

    # -- what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peercert")
        if peer:
            self._certificate, self._certified_until = user_of(peer), ends_at(peer)
        self._listener.connections.add(self)
        self._wait(self._config.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: nobody wants what was being read for it; a change that began goes on to its end.

        The listener keeps the connection until then, for the deadline and for the end of the server.
        """
        del exc
        self._transport = None
        self.resume_writing()
        if self._changing:
            return
        self._listener.connections.discard(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Read, unless a request is being answered: then it waits, and so does the client when it is much."""
        if self._closing:
            self._throw_away(data)
        elif self._task is not None:
            self._early.append(data)
            self._early_size += len(data)
            if self._early_size > _EARLY and self._transport is not None:
                self._transport.pause_reading()
        else:
            self._read(data)

    def eof_received(self) -> bool:
        """A client that will not send more does not wait for answers either."""
        return False

    def pause_writing(self) -> None:
        """The client does not read fast enough."""
        if self._drained is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has read."""
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    # -- what the listener asks for

    def expire(self) -> None:
        """The deadline has passed."""
        self.deadline = _NEVER
        if self._transport is None:
            if self._task is not None:
                self._task.cancel()
            return
        if self._drained is not None or self._closing:
            self._transport.abort()  # it does not take what it asked for
        elif self._task is not None:
            self._timed_out = True
            self._task.cancel()
        elif self._reader.reading:
            late = ApiError(408, "Timeout", "the request did not arrive in time")
            self._take(Incoming("", b"/", [], modern=True, keep=False, refusal=late))
        else:
            self._transport.close()

    def close(self) -> asyncio.Task[None] | None:
        """End it, if nothing is being answered; else return what is."""
        self._closing = True
        if self._task is None and self._transport is not None:
            self._transport.close()
        return self._task

    def abort(self) -> None:
        """End it now."""
        if self._transport is not None:
            self._transport.abort()

    # -- reading

    def _wait(self, seconds: float) -> None:
        self.deadline = self._loop.time() + seconds

    def _read(self, data: bytes) -> None:
        reader = self._reader
        begun = reader.reading
        reader.feed(data)
        if reader.reading and not begun and self._task is None:
            self._wait(self._config.read_seconds)

    def _take(self, incoming: Incoming) -> None:
        self._waiting.append(incoming)
        if self._task is None:
            self._task = self._loop.create_task(self._answer_all())

    def _expected(self) -> None:
        if self._task is None and self._transport is not None:
            self._transport.write(CONTINUE)

    def _throw_away(self, data: bytes) -> None:
        self._thrown_away += len(data)
        if self._thrown_away > _THROWN_AWAY and self._transport is not None:
            self._transport.abort()

    def _resume(self) -> None:
        """Read what came while a request was answered."""
        early, self._early, self._early_size = self._early, [], 0
        if self._transport is not None:
            self._transport.resume_reading()
        if early:
            self._read(b"".join(early))

    # -- answering

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                incoming = self._waiting.popleft()
                self._wait(self._config.request_seconds)
                keep = await self._answer(incoming)
                if self._transport is None:
                    return
                if not keep or self._closing:
                    self._end(incoming.refusal)
                    return
        except asyncio.CancelledError:
            self.abort()
            raise
        except ApiError as error:  # in the middle of an answer: a part must not look like the whole
            log.warning("Cannot go on with an answer: %s", error)
            self.abort()
            return
        except Exception:
            log.exception("Cannot go on with a connection")
            self.abort()
            return
        finally:
            self._task = None
            if self._transport is None:
                self._listener.connections.discard(self)
        self._wait(self._config.read_seconds if self._reader.reading else self._config.idle_seconds)
        if self._early:
            self._resume()

    def _end(self, refusal: ApiError | None) -> None:
        self._closing = True
        if self._transport is None:
            return
        if refusal is not None and refusal.code in _STILL_SENDING and self._transport.is_reading():
            self._wait(self._config.linger_seconds)  # closing now could cost the client the answer
        else:
            self._transport.close()

    async def _answer(self, incoming: Incoming) -> bool:
        """Answer one request; returns whether the connection may serve another."""
        if incoming.refusal is not None:
            return await self._whole(incoming, error_response(incoming.refusal))
        message, server = incoming.message(), self._listener.server
        trail = self._trail(incoming, message)
        delegated = server.is_delegated(message.path)
        if delegated:
            message = replace(message, headers=tuple(incoming.headers))  # what they mean is not ours to know
        pending = self._listener.authenticator.pending(incoming.header("authorization"))
        if pending is not None:
            await pending
        try:
            user = self._user(incoming, message, trail)
            if delegated and incoming.upgrade:
                return await self._upgrade_delegated(incoming, message, user, trail)
            if not delegated and server.is_upgrade(message.path):
                return await self._upgrade(incoming, message, user, trail)
        except ApiError as error:
            answer = error_response(error)
            return await self._refuse(incoming, answer if trail is None else trail.refused(answer))
        if incoming.upgrade:
            self._reader.resume()
        server = self._listener.server
        target = server.target_of(message)
        passage = server.gate.passage(user, message, target)
        try:
            return await server.gate.run(passage, self._serve(incoming, message, passage, trail))
        finally:
            if passage.running:
                server.gate.leave(passage)

    async def _serve(self, incoming: Incoming, message: Request, passage: Passage, trail: Trail | None) -> bool:
        """Carry out a request and write its answer."""
        answer = await self._in_time(message, passage, trail)
        self._holds = passage
        if isinstance(answer, Response):
            return await self._whole(incoming, answer, passage.flow.head)
        self.deadline = _NEVER
        if isinstance(answer, WatchStream) and incoming.modern:
            return await self._watch(incoming, answer, passage)
        self._give_seats_back()  # it lasts as long as it likes
        return await self._stream(incoming, answer, passage.flow.head)

    def _trail(self, incoming: Incoming, message: Request) -> Trail | None:
        """What follows the request for the audit log, if there is one."""
        audit = self._listener.server.audit
        if audit is None:
            return None
        peer = self._transport.get_extra_info("peername") if self._transport is not None else None
        return audit.begin(
            message, sources_of(incoming.headers, str(peer[0]) if peer else ""), incoming.header(AUDIT_ID)
        )

    def _user(self, incoming: Incoming, message: Request, trail: Trail | None) -> User:
        certificate = self._certificate
        if certificate is not None and self._certified_until <= self._listener.server.now().timestamp():
            raise unauthorized()
        user = self._listener.authenticator.authenticate(incoming.header("authorization"), certificate, message.path)
        if trail is not None:
            trail.authenticated(user)
        if any(name.startswith(PREFIX) for name, _ in incoming.headers):
            user = self._listener.server.acting(user, message, incoming.headers)
            if trail is not None:
                trail.acts_as(user)
        return user

    async def _in_time(self, message: Request, passage: Passage, trail: Trail | None) -> Response | Stream:
        server, user, target = self._listener.server, passage.user, passage.target
        try:
            if not server.gate.enter(passage):
                await server.gate.wait(passage)
            self._changing = message.method not in _READING
            return await server.handle(message, user, trail, target)
        except ApiError as error:
            return server.refused(message, user, target, error, trail)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._timed_out or task is None or self._transport is None:
                if trail is not None:
                    trail.abandoned()
                raise
            self._timed_out = False
            task.uncancel()
            self._wait(self._config.request_seconds)
            return server.expired(message, user, self._config.request_seconds, trail)
        finally:
            self._changing = False

    async def _upgrade(self, incoming: Incoming, message: Request, user: User, trail: Trail | None) -> bool:
        found = await self._listener.server.upgrade(message, user, trail)
        if isinstance(found, Response):
            return await self._refuse(incoming, found)
        if self._transport is None:
            return False
        if incoming.upgrade:
            self._early.insert(0, self._reader.rest)
        elif self._waiting:
            return await self._whole(incoming, error_response(bad_request("Upgrade request required")))
        transport, self._transport = self._transport, None  # not ours any more
        self._listener.connections.discard(self)
        self._listener.take_over(transport, b"".join((incoming.text(), *self._early)), message, found)
        return False

    async def _upgrade_delegated(self, incoming: Incoming, message: Request, user: User, trail: Trail | None) -> bool:
        found = await self._listener.server.upgrade_delegated(message, user, trail)
        if isinstance(found, Response):
            return await self._refuse(incoming, found)
        if not isinstance(found, Opened):
            self._reader.resume()
            self.deadline = _NEVER
            return await self._stream(incoming, found)
        if self._transport is None:
            await found.line.close()
            return False
        transport, self._transport = self._transport, None  # not ours any more
        self._listener.connections.discard(self)
        self._listener.carry_on(transport, found, b"".join((self._reader.rest, *self._early)))
        return False

    async def _refuse(self, incoming: Incoming, answer: Response) -> bool:
        """Answer what may have been an upgrade; the connection goes on with HTTP."""
        if incoming.upgrade:
            self._reader.resume()
        return await self._whole(incoming, answer)

    async def _whole(self, incoming: Incoming, answer: Response, flow: bytes = b"") -> bool:
        content = answer.content
        if len(content) > PIECE or not isinstance(content, bytes):
            return await self._long(incoming, answer, flow)
        keep = incoming.keep and not self._closing
        start = head(answer.status, answer.headers, answer.warnings, flow, keep=keep)
        start += length_line(answer.status, content)
        if has_body(incoming.method, answer.status):
            start += content
        return await self._write(start) and keep

    async def _long(self, incoming: Incoming, answer: Response, flow: bytes) -> bool:
        """Write a long answer piece by piece, others in between: making, compressing and encrypting it take a while."""
        keep, headers, body = incoming.keep and not self._closing, answer.headers, pieces(answer.content)
        length = length_line(answer.status, answer.content)
        if _compressible(incoming, answer):
            headers, body, length = {**headers, **compression.HEADERS}, chunks(compression.gzip(body)), CHUNKED
        start = head(answer.status, headers, answer.warnings, flow, keep=keep) + length
        if not has_body(incoming.method, answer.status):
            return await self._write(start) and keep
        begun = -math.inf  # finding what to write took a turn already
        for piece in body:
            if time.perf_counter() - begun > _TURN_SECONDS:
                await asyncio.sleep(0)
                begun = time.perf_counter()
            if piece:
                if not await self._write(start + piece if start else piece):
                    return False
                start = b""  # it went with the first piece: the client wakes up once
        return keep

    async def _write(self, data: bytes | memoryview) -> bool:
        """Write with back-pressure; returns whether the client is still there."""
        if self._transport is None:
            return False
        self._transport.write(data)
        if self._drained is not None:
            await self.drain()
        return self._open()

    def _open(self) -> bool:
        return self._transport is not None

    async def drain(self) -> None:
        """Wait until the client has read most of what was written; not for ever."""
        if self._drained is not None:
            before = self.deadline
            self._wait(self._config.request_seconds)
            slow = self._loop.call_later(_SLOW_SECONDS, self._give_seats_back)
            try:
                await self._drained
            finally:
                slow.cancel()
            self.deadline = before if before is _NEVER else self._loop.time() + self._config.request_seconds

    def _give_seats_back(self) -> None:
        """Its client reads slowly: others need not wait for that."""
        if self._holds is not None:
            self._listener.server.gate.leave(self._holds)

    async def _watch(self, incoming: Incoming, answer: WatchStream, passage: Passage) -> bool:
        if self._transport is None:
            answer.release()
            return False
        gate, limit = self._listener.server.gate, self._config.watch_buffer_bytes
        writer = WatchWriter(answer, self._transport, self.drain, limit, lambda: gate.leave(passage))
        start = head(answer.status, answer.headers, (), passage.flow.head, keep=incoming.keep)
        try:
            whole = await writer.run(start + CHUNKED)
        finally:
            answer.release()
        return whole and incoming.keep

    async def _stream(self, incoming: Incoming, answer: Stream, flow: bytes = b"") -> bool:
        keep = incoming.keep and incoming.modern
        framing: Any = chunk if incoming.modern else bytes
        start = head(answer.status, answer.headers, (), flow, keep=keep)
        try:
            going = await self._write(start + (CHUNKED if incoming.modern else b"\r\n"))
            if going and incoming.method != "HEAD":
                async for piece in answer:
                    if piece and not await self._write(framing(piece)):
                        return False
                if incoming.modern:
                    going = await self._write(LAST_CHUNK)
        finally:
            await answer.close()
        return going and keep


def _compressible(incoming: Incoming, answer: Response) -> bool:
    """Tell whether an answer is sent compressed: to clients that ask for it and know chunks."""
    plain = answer.status == HTTPStatus.OK and "content-encoding" not in answer.headers
    return (
        plain
        and incoming.modern
        and incoming.method == "GET"
        and compression.asked_for(incoming.header("accept-encoding"))
    )
