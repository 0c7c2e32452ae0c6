"""The OpenAPI documents of delegates: fetched when somebody asks for ours, kept for half a minute.

A delegate that does not answer in time is left out. Nothing is fetched, and nothing kept, for servers that nobody asks
for documents.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.aggregation.delegate import Delegate
from podwright.apiserver.aggregation.dialler import Dialler
from podwright.apiserver.aggregation.examining import fetch
from podwright.apiserver.aggregation.forwarding import forward
from podwright.apiserver.aggregation.schemas import index_part, merged, own_part
from podwright.apiserver.user import AUTHENTICATED, User
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Request, Response, Stream

JSON = dict[str, Any]
_ASKER: Final = User("system:aggregator", groups=(AUTHENTICATED,))
_SECONDS: Final = 5.0
_KEPT: Final = 30.0
Part = Callable[[object, str], JSON]


class DelegatedOpenAPI:
    """Fetches and keeps."""

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler
        self._kept: dict[tuple[Delegate, str], tuple[float, bytes]] = {}
        self._merged: tuple[tuple[bytes, ...], bytes] = ((), b"")

    async def index(self, own: bytes, delegates: Iterable[Delegate]) -> bytes:
        """The index of version 3 documents, with those of delegates."""
        document: JSON = orjson.loads(own)
        parts = await self._parts(delegates, "/openapi/v3", lambda found, path: index_part(found, path.strip("/")))
        for part in parts:
            document["paths"] |= orjson.loads(part)
        document["paths"] = dict(sorted(document["paths"].items()))
        return orjson.dumps(document)

    async def third(self, delegate: Delegate, request: Request) -> Response | Stream:
        """A delegate's version 3 document, as it answers."""
        return await forward(self._dialler, delegate, request, _ASKER)

    async def second(self, own: bytes, delegates: Iterable[Delegate]) -> bytes:
        """The version 2 document, with what delegates serve."""
        parts = await self._parts(delegates, "/openapi/v2", own_part)
        key = own, *parts
        if self._merged[0] != key:
            self._merged = key, await asyncio.to_thread(_merge, own, parts)
        return self._merged[1]

    async def _parts(self, delegates: Iterable[Delegate], path: str, part: Part) -> list[bytes]:
        """What each delegate has of a document, as JSON."""
        wanted = list(delegates)
        now = time.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < _KEPT}
        async with TaskGroup() as group:
            for delegate in wanted:
                if (delegate, path) not in self._kept:
                    group.create_task(self._fetch(delegate, path, part))
        kept = (self._kept.get((delegate, path)) for delegate in wanted)
        return [found[1] for found in kept if found is not None]

    async def _fetch(self, delegate: Delegate, path: str, part: Part) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                status, body = await fetch(self._dialler, delegate, path, _ASKER)
            if status == 200:
                found = await asyncio.to_thread(_part, body, part, delegate.path)
                self._kept[delegate, path] = time.monotonic(), found
        except (ApiError, TimeoutError, ValueError):
            return  # the others' documents are worth something too


def _part(body: bytes, part: Part, path: str) -> bytes:
    return orjson.dumps(part(orjson.loads(body), path), option=orjson.OPT_SORT_KEYS)


def _merge(own: bytes, parts: list[bytes]) -> bytes:
    document: JSON = orjson.loads(own)
    for part in parts:
        merged(document, orjson.loads(part))
    return orjson.dumps(document)
