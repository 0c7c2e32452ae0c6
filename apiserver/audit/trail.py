"""One request on its way, as auditing follows it: who it turned out to be, what was decided, how it ended.

Made when a request arrives and told of each step; each stage that the policy wants becomes a `Moment` in the log. It
must never wait, and never change what a client is answered but for the Audit-Id header.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from podwright.apiserver.audit.event import Moment
from podwright.apiserver.audit.policy import COMPLETE, PANIC, RECEIVED, SILENT, STARTED, Level, Rules
from podwright.apiserver.authorization.authorizer import Decision
from podwright.apiserver.http_message import AUDIT_ID
from podwright.apiserver.options import Query
from podwright.apiserver.registry.watching import EventWatch, WatchStream
from podwright.apiserver.routes import resolve
from podwright.apiserver.streams import ByteStream, LogOptions, NodeStreams
from podwright.apiserver.user import User
from podwright.client.transport import Request, Response, Stream

JSON = dict[str, Any]
_LONGEST_ID: Final = 64
_SWITCHED: Final = 101


class Trail:
    """What is known of one request so far."""

    def __init__(
        self,
        rules: Rules,
        add: Callable[[Moment], None],
        clock: Callable[[], datetime],
        request: Request,
        sources: tuple[str, ...],
        given_id: str,
    ) -> None:
        self.id = given_id[:_LONGEST_ID] or str(uuid4())
        self.annotations: dict[str, str] = {}
        """What authorization and admission note."""
        self._rules = rules
        self._add = add
        self._clock = clock
        self._request = request
        watch = bool(request.query) and Query(request.query).flag("watch")
        self._target = resolve(request.method, request.path, watch=watch)
        self._sources = sources
        self._received = clock()
        self._user: User | None = None
        self._acting: User | None = None
        self._verdict = SILENT
        self._ended = False

    # -- what the way of a request tells

    def authenticated(self, user: User) -> None:
        """Somebody asks: the policy is asked about them."""
        self._user = user
        self._verdict = self._rules.verdict(user, self._target)
        self._stage(RECEIVED)

    def acts_as(self, user: User) -> None:
        """It is carried out as somebody else's."""
        if user is not self._user:
            self._acting = user

    def decided(self, decision: Decision) -> None:
        """Whether it is allowed, and why."""
        self.annotations["authorization.k8s.io/decision"] = "allow" if decision.allowed else "forbid"
        self.annotations["authorization.k8s.io/reason"] = decision.reason

    def refused(self, answer: Response) -> Response:
        """The answer to a request that did not get far: nobody could be made out, or they may not act as they want."""
        return self.whole(answer) if self._user is not None else self._nobody(answer)

    def _nobody(self, answer: Response) -> Response:
        """Its one event has the stage at which the original records it."""
        self._verdict = replace(self._rules.verdict(User(""), self._target), omitted=frozenset())
        self._stage(STARTED, code=answer.status, message="Authentication failed")
        self._ended = True
        return self._marked(answer)

    def answered(self, answer: Response | Stream) -> Response | Stream:
        """What is answered: whole, or a stream."""
        return self.whole(answer) if isinstance(answer, Response) else self.followed(answer)

    def whole(self, answer: Response) -> Response:
        """The answer is complete."""
        self._end(code=answer.status, response=answer)
        return self._marked(answer)

    def followed(self, answer: Stream) -> Stream:
        """The answer has begun, and is followed to its end."""
        self._stage(STARTED, code=answer.status)
        status = answer.status
        if isinstance(answer, WatchStream | EventWatch):
            answer.on_end = lambda: self._end(code=status)
            answer.headers = self._with_id(answer.headers)
            return answer
        return _Followed(answer, self._with_id(answer.headers), lambda: self._end(code=status))

    def panicked(self, answer: Response, reference: str) -> Response:
        """The server failed."""
        self._stage(PANIC, code=answer.status, message=f"the server failed, reference {reference}")
        self._ended = True
        return self._marked(answer)

    def switched(self, streams: NodeStreams) -> NodeStreams:
        """The connection becomes a stream to a node."""
        self._stage(STARTED, code=_SWITCHED)
        return _FollowedNode(streams, lambda: self._end(code=_SWITCHED))

    def carried(self, line: ByteStream) -> ByteStream:
        """The connection becomes a stream to another server."""
        self._stage(STARTED, code=_SWITCHED)
        return _FollowedLine(line, lambda: self._end(code=_SWITCHED))

    def abandoned(self) -> None:
        """Whoever asked is gone before there was an answer."""
        self._end(code=0)

    # -- stages

    def _end(self, *, code: int, response: Response | None = None) -> None:
        if not self._ended:
            self._ended = True
            self._stage(COMPLETE, code=code, response=response)

    def _stage(self, stage: str, *, code: int = 0, message: str = "", response: Response | None = None) -> None:
        verdict = self._verdict
        if verdict.level is Level.NONE or stage in verdict.omitted:
            return
        self._add(
            Moment(
                id=self.id,
                stage=stage,
                verdict=verdict,
                request=self._request,
                target=self._target,
                user=self._user,
                acting=self._acting,
                sources=self._sources,
                received=self._received,
                now=self._received if stage is RECEIVED else self._clock(),
                code=code,
                message=message,
                response=response,
                annotations=dict(self.annotations),
            )
        )

    def _marked(self, answer: Response) -> Response:
        return replace(answer, headers=self._with_id(answer.headers))

    def _with_id(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {**headers, AUDIT_ID: self.id}


class _Followed:
    """A stream that tells when it ends."""

    def __init__(self, inner: Stream, headers: Mapping[str, str], on_end: Callable[[], None]) -> None:
        self.status = inner.status
        self.headers = headers
        self._inner = inner
        self._on_end = on_end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                yield piece
        finally:
            self._on_end()

    async def close(self) -> None:
        """Stop reading and release the connection."""
        try:
            await self._inner.close()
        finally:
            self._on_end()


class _FollowedLine:
    """A connection to another server that tells when it ends."""

    def __init__(self, inner: ByteStream, on_end: Callable[[], None]) -> None:
        self._inner = inner
        self._on_end = on_end

    async def send(self, data: bytes) -> None:
        """Send to the other server."""
        await self._inner.send(data)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._inner)

    async def close(self) -> None:
        """End the connection."""
        try:
            await self._inner.close()
        finally:
            self._on_end()


class _FollowedNode:
    """The way to a node of one connection, that tells when it ends."""

    def __init__(self, inner: NodeStreams, on_end: Callable[[], None]) -> None:
        self._inner = inner
        self._on_end = on_end

    async def logs(self, pod: JSON, options: LogOptions) -> AsyncIterator[bytes]:
        """See `NodeStreams.logs`."""
        return await self._inner.logs(pod, options)

    async def dial(self, pod: JSON, port: int) -> ByteStream:
        """See `NodeStreams.dial`."""
        return await self._inner.dial(pod, port)

    async def handle_upgrade(self, request: Any, pod: JSON, subresource: str, query: Sequence[tuple[str, str]]) -> Any:
        """See `NodeStreams.handle_upgrade`."""
        try:
            return await self._inner.handle_upgrade(request, pod, subresource, query)
        finally:
            self._on_end()
