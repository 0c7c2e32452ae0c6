"""The audit log: moments in, lines out, written in batches by a thread, never by the request.

The queue is bounded in moments and in bytes; when the disk cannot keep up, moments are dropped and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from podwright.apiserver.audit.event import Moment, rendered
from podwright.apiserver.audit.policy import Level, Rules, read_policy
from podwright.apiserver.audit.rotating import Bounds, RotatingFile
from podwright.apiserver.audit.trail import Trail
from podwright.client.transport import Request

log = logging.getLogger(__name__)
QUEUE_MOMENTS: Final = 16384
QUEUE_BYTES: Final = 32 << 20
_FLUSH_SECONDS: Final = 0.25


class AuditLog:
    """Follows requests and writes what the policy wants of them. `dropped` is called once for every lost line."""

    def __init__(self, path: Path, bounds: Bounds, clock: Callable[[], datetime], dropped: Callable[[], None]) -> None:
        self._path = path
        self._file = RotatingFile(path, bounds, clock)
        self._clock = clock
        self._dropped = dropped
        self._rules: Rules | None = None
        self._queue: deque[Moment] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, policy: Path) -> None:
        """Read the policy and begin to write. Raises ConfigFileError, OSError when the log cannot be written."""
        self._rules = await asyncio.to_thread(read_policy, policy)
        await asyncio.to_thread(self._file.prepare)
        self._task = asyncio.create_task(self._run(), name="audit-log")

    async def stop(self) -> None:
        """Write what is queued and stop."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._flush()

    def begin(self, request: Request, sources: tuple[str, ...], given_id: str = "") -> Trail:
        """Follow a request that has just arrived from the given addresses."""
        assert self._rules is not None
        return Trail(self._rules, self._add, self._clock, request, sources, given_id)

    def _add(self, moment: Moment) -> None:
        size = moment.size
        if len(self._queue) >= QUEUE_MOMENTS or self._bytes + size > QUEUE_BYTES:
            self._dropped()
            return
        self._queue.append(moment)
        self._bytes += size
        self._wake.set()

    def _take(self) -> list[Moment]:
        taken = list(self._queue)
        self._queue.clear()
        self._bytes = 0
        return taken

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_FLUSH_SECONDS)
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Write what is queued; once begun that goes on to its end, so that no two threads write."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._write, self._take()))
        try:
            lost = await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise
        for _ in range(lost):
            self._dropped()

    def _write(self, moments: list[Moment]) -> int:
        """Write lines; returns how many could not be."""
        lines = [_line(moment) for moment in moments]
        try:
            self._file.write(lines)
        except OSError as error:
            log.warning("Cannot write the audit log %s: %s", self._path, error)
            return len(lines)
        return 0


def _line(moment: Moment) -> bytes:
    """A moment's line; without its objects, where these cannot be written (they nest too deep)."""
    try:
        return rendered(moment)
    except (TypeError, RecursionError):
        return rendered(replace(moment, verdict=replace(moment.verdict, level=Level.METADATA)))
