"""What the apiserver needs of whoever reaches the nodes: logs and interactive streams of pods.

Implemented by the node gateway; the apiserver authenticates, authorizes and checks the pod before it calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """How to read a container's log. `since_time` is RFC 3339 text; None leaves a bound out."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since_seconds: int | None = None
    since_time: str | None = None
    tail_lines: int | None = None
    limit_bytes: int | None = None
    stream: str = "All"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecOptions:
    """What an exec or attach asks for."""

    container: str = ""
    command: tuple[str, ...] = ()
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


class ByteStream(Protocol):
    """A connection to a port of a pod. Reading ends with it, or with an ApiError that says why there is none."""

    async def send(self, data: bytes) -> None:
        """Send to the pod."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def close(self) -> None:
        """End the connection."""
        ...


class NodeStreams(Protocol):
    """The node gateway as the apiserver sees it. Methods raise ApiError when the node cannot be reached."""

    async def logs(self, pod: JSON, options: LogOptions) -> AsyncIterator[bytes]:
        """Open a container's log; the iterator yields pieces until its end."""
        ...

    async def dial(self, pod: JSON, port: int) -> ByteStream:
        """Connect to a port of a pod."""
        ...

    async def handle_upgrade(self, request: Any, pod: JSON, subresource: str, query: Sequence[tuple[str, str]]) -> Any:
        """Take over an HTTP connection (an aiohttp request) for exec, attach or portforward; returns the response."""
        ...
