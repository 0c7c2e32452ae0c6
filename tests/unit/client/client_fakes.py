"""The fakes of the client's tests, at the lowest seams: a scripted Transport and a Clock that never waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from podwright.client.transport import Request, Response

JSON = dict[str, Any]


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    """A complete JSON answer; header names are written with underscores."""
    return Response(status, {key.replace("_", "-"): value for key, value in headers.items()}, orjson.dumps(body or {}))


def refusal(code: int, reason: str, **details: Any) -> Response:
    status = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": f"{reason}!"}
    return answer({**status, "details": details} if details else status, code)


class FakeStream:
    """A stream whose content the test provides while it is being read."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = headers or {}
        self.closed = asyncio.Event()
        self._chunks: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()

    def event(self, kind: str, obj: JSON) -> None:
        self._chunks.put_nowait(orjson.dumps({"type": kind, "object": obj}) + b"\n")

    def chunk(self, data: bytes) -> None:
        self._chunks.put_nowait(data)

    def end(self) -> None:
        self._chunks.put_nowait(None)

    def fail(self, error: BaseException) -> None:
        self._chunks.put_nowait(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            chunk = await self._chunks.get()
            if chunk is None:
                return
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    async def close(self) -> None:
        self.closed.set()


class FakeTransport:
    """Gives out scripted answers in order, waiting for the test to provide one, and keeps what was asked."""

    def __init__(self, *answers: Response | FakeStream | BaseException) -> None:
        self.asked: list[Request] = []
        self._answers: asyncio.Queue[Response | FakeStream | BaseException] = asyncio.Queue()
        for item in answers:
            self._answers.put_nowait(item)

    def add(self, *answers: Response | FakeStream | BaseException) -> None:
        for item in answers:
            self._answers.put_nowait(item)

    async def request(self, request: Request) -> Response:
        item = await self._next(request)
        assert isinstance(item, Response), f"{request} wants a complete answer"
        return item

    async def stream(self, request: Request) -> FakeStream:
        item = await self._next(request)
        if isinstance(item, Response):
            stream = FakeStream(item.status, item.headers)
            stream.chunk(item.body)
            stream.end()
            return stream
        return item

    async def close(self) -> None:
        pass

    async def _next(self, request: Request) -> Response | FakeStream:
        self.asked.append(request)
        item = await self._answers.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def query(self, at: int = -1) -> dict[str, str]:
        return dict(self.asked[at].query)

    def body(self, at: int = -1) -> Any:
        return orjson.loads(self.asked[at].body)


class FakeClock:
    """Sleeping takes no time but moves the clock; every pause is kept."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self._seconds = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def advance(self, seconds: float) -> None:
        self._seconds += seconds
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(50):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Let tasks go on until something is so; a test that waits in vain fails."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("what was waited for did not happen")
