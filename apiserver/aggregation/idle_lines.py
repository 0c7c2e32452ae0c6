"""Lines to other API servers that wait for the next request: a handshake costs more than most requests.

A line ends when it was idle for long, when there are many, or when its delegate goes. It must never hand out a line
that the other side has ended, or on which it spoke without being asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Final

from podwright.apiserver.aggregation.line import Line

_MOST: Final = 8
"""Lines kept for one delegate."""
_SECONDS: Final = 30.0


class IdleLines:
    """Owns them. Keys say whom a line leads to."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, list[tuple[float, Line]]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def take(self, key: Hashable) -> Line | None:
        """A line that may be used, the one that was used last first."""
        lines = self._lines.get(key) or []
        while lines:
            _, line = lines.pop()
            if await line.is_quiet():
                return line
            self._end(line)
        return None

    def give(self, key: Hashable, line: Line) -> None:
        """Keep a line whose last answer ended cleanly."""
        lines = self._lines.setdefault(key, [])
        if self._closed or len(lines) >= _MOST:
            self._end(line)
            return
        loop = asyncio.get_running_loop()
        lines.append((loop.time(), line))
        if self._timer is None:
            self._timer = loop.call_later(_SECONDS, self._sweep)

    def drop(self, unwanted: Callable[[Hashable], bool]) -> None:
        """End the lines of some keys."""
        for key in [key for key in self._lines if unwanted(key)]:
            for _, line in self._lines.pop(key):
                self._end(line)

    async def close(self) -> None:
        """End all; what is given back later ends at once."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.drop(lambda _: True)
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        limit = loop.time() - _SECONDS
        for key, lines in list(self._lines.items()):
            for since, line in lines:
                if since <= limit:
                    self._end(line)
            self._lines[key] = [pair for pair in lines if pair[0] > limit]
            if not self._lines[key]:
                del self._lines[key]
        if self._lines:
            self._timer = loop.call_later(_SECONDS, self._sweep)

    def _end(self, line: Line) -> None:
        task = asyncio.get_running_loop().create_task(line.close(), name="line ends")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
