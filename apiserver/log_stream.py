"""A container's log as a stream that transports can read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping


class LogStream:
    """Passes the gateway's pieces on; closing it closes the gateway's side."""

    def __init__(self, pieces: AsyncIterator[bytes], headers: Mapping[str, str]) -> None:
        self.status = 200
        self.headers = headers
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def close(self) -> None:
        """Stop reading."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
