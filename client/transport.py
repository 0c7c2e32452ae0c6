"""How a request reaches an apiserver: over HTTP, or in the same process. Same request, same answer.

The apiserver implements `Transport` in-process (its entry point runs authentication, admission and all);
`client/http.py` implements it over TLS. Everything else in `client/` is built on this Protocol alone.

A watch is lines of JSON. Within a process nobody has to write and read them: there its events may be taken as objects.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
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


class Pieces(Protocol):
    """A long body that is put together while it is read. It may be gone through more than once."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[bytes | memoryview]: ...


Content = bytes | Pieces


def whole(content: Content) -> bytes:
    """All of a body in one piece."""
    return content if isinstance(content, bytes) else b"".join(content)


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    content: Content
    warnings: tuple[str, ...] = ()

    @property
    def body(self) -> bytes:
        """All of the body in one piece: put together anew each time when it is a long one."""
        return whole(self.content)


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
