"""How a request reaches an apiserver: over HTTP, or in the same process. Same request, same answer.

The apiserver implements `Transport` in-process (its entry point runs authentication, admission and all);
`client/http.py` implements it over TLS. Everything else in `client/` is built on this Protocol alone.

A watch is lines of JSON. Within a process nobody has to write and read them: there its events may be taken as objects.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

JSON = dict[str, Any]
Event = tuple[str, JSON]
"""What a watch tells: the event's type and the object. Objects are shared with others: never change them."""


class TransportError(Exception):
    """The server could not be reached or the connection broke. Retrying may help; a write may have happened."""


@dataclass(frozen=True, slots=True)
class Request:
    """One API request. `path` begins with `/`, without query; `query` holds decoded pairs in order.

    `objects` asks for the events of a watch as objects (`EventStream`), where no bytes have to carry them.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    objects: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    warnings: tuple[str, ...] = ()


class Stream(Protocol):
    """An answer that is read piece by piece (a watch, a log): chunks of bytes, not split at lines."""

    status: int
    headers: Mapping[str, str]

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def close(self) -> None:
        """Stop reading and release the connection."""
        ...


@runtime_checkable
class EventStream(Protocol):
    """What the stream of a watch is, too, where the server is in the same process and the request takes objects."""

    def events(self) -> AsyncIterator[Iterable[Event]]:
        """Yield together what happened together, instead of chunks."""
        ...


class Transport(Protocol):
    """Carries requests. Both methods raise TransportError only; an HTTP error is an ordinary answer."""

    async def request(self, request: Request) -> Response:
        """Send and read the whole answer."""
        ...

    async def stream(self, request: Request) -> Stream:
        """Send and return as soon as the answer's head is there."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
