"""How a request reaches an apiserver: over HTTP, or in the same process. Same request, same answer.

The apiserver implements `Transport` in-process (its entry point runs authentication, admission and all);
`client/http.py` implements it over TLS. Everything else in `client/` is built on this Protocol alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol


class TransportError(Exception):
    """The server could not be reached or the connection broke. Retrying may help; a write may have happened."""


@dataclass(frozen=True, slots=True)
class Request:
    """One API request. `path` begins with `/`, without query; `query` holds decoded pairs in order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


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
