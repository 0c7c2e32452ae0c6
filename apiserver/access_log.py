"""The access log: one JSON line a request, written in batches by a thread, never by the request.

The queue is bounded; when the disk cannot keep up, lines are dropped and counted. It must never log a body, a
query's selector values are as far as it goes, or a credential.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

log = logging.getLogger(__name__)
QUEUE_LINES = 8192
_FLUSH_SECONDS = 0.25


class AccessLog:
    """Appends to a file. `dropped` is called once for every lost line."""

    def __init__(self, path: Path, dropped: Callable[[], None]) -> None:
        self._path = path
        self._dropped = dropped
        self._queue: deque[tuple[Any, ...]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write. Raises OSError when the file cannot be opened."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab"):
            pass
        self._task = asyncio.create_task(self._run(), name="access-log")

    async def stop(self) -> None:
        """Write what is queued and stop."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await asyncio.to_thread(self._write, self._take())

    def add(self, when: datetime, user: str, method: str, path: str, code: int, seconds: float, size: int) -> None:
        """Queue one line; `size` is the answer's body in bytes (-1: a stream)."""
        if len(self._queue) >= QUEUE_LINES:
            self._dropped()
            return
        self._queue.append((when, user, method, path, code, seconds, size))
        self._wake.set()

    def _take(self) -> list[tuple[Any, ...]]:
        taken = list(self._queue)
        self._queue.clear()
        return taken

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_FLUSH_SECONDS)
            self._wake.clear()
            await asyncio.to_thread(self._write, self._take())

    def _write(self, lines: list[tuple[Any, ...]]) -> None:
        names = ("time", "user", "method", "path", "code", "seconds", "bytes")
        data = b"".join(
            orjson.dumps(dict(zip(names, line, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for line in lines
        )
        if not data:
            return
        try:
            with self._path.open("ab") as file:
                file.write(data)
        except OSError as error:
            log.warning("Cannot write the access log %s: %s", self._path, error)
