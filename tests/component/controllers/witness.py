"""A transport that remembers every object a watch handed over, so that a test can tell whether anybody changed one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import orjson

from podwright.client.transport import Event, EventStream, Request, Response, Stream, Transport

JSON = dict[str, Any]
PLAIN = (str, int, float, bool, type(None))


def text(obj: JSON) -> bytes:
    return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS)


def is_json(value: Any) -> bool:
    """Whether parsing its JSON would give the same types."""
    if type(value) is dict:
        return all(type(name) is str and is_json(part) for name, part in value.items())
    if type(value) is list:
        return all(map(is_json, value))
    return type(value) in PLAIN


class _Watched:
    def __init__(self, inner: Stream, seen: list[tuple[JSON, bytes]]) -> None:
        assert isinstance(inner, EventStream)
        self.status, self.headers = inner.status, inner.headers
        self._inner, self._events, self._seen = inner, inner.events(), seen

    async def events(self) -> AsyncIterator[Iterable[Event]]:
        async for batch in self._events:
            yield map(self._note, batch)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    def _note(self, event: Event) -> Event:
        self._seen.append((event[1], text(event[1])))
        return event

    async def close(self) -> None:
        await self._inner.close()


class Witness:
    """Carries requests, and knows what every object looked like when it was handed over."""

    def __init__(self, inner: Transport, seen: list[tuple[JSON, bytes]]) -> None:
        self._inner, self._seen = inner, seen

    async def request(self, request: Request) -> Response:
        return await self._inner.request(request)

    async def stream(self, request: Request) -> Stream:
        stream = await self._inner.stream(request)
        return _Watched(stream, self._seen) if isinstance(stream, EventStream) else stream

    async def close(self) -> None:
        await self._inner.close()
