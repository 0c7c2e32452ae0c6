"""Removes links many at a time.

The kernel waits some 20 ms for other processors whenever a link goes, holding the lock that every network change
needs. Links that are removed in one request share that wait; so requests that come while one is under way are
collected and go together.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
from collections.abc import Sequence

from podwright.agent.linux.netlink import RouteSocket, delete_group, set_group


class LinkRemover:
    """Collects and carries out removals; safe to use from many tasks of one loop."""

    def __init__(self, socket: RouteSocket) -> None:
        self._socket = socket
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def remove(self, name: str) -> None:
        """Remove one link and return when it is gone; nothing when there is none. Raises OSError."""
        future = self._waiting.get(name)
        if future is None:
            future = self._waiting[name] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        await asyncio.shield(future)

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, {}
                error: OSError | None = None
                try:
                    await asyncio.to_thread(self._remove, tuple(batch))
                except OSError as refused:
                    error = refused
                for future in batch.values():
                    if error is None:
                        future.set_result(None)
                    else:
                        future.set_exception(error)
        finally:
            self._task = None

    def _remove(self, names: Sequence[str]) -> None:
        # A group number that nobody uses: what else is in the group would go with it. Group 0 is everybody's.
        group = secrets.randbelow(1 << 30) + (1 << 30)
        gone = (errno.ENODEV,)
        self._socket.send([set_group(name, group) for name in names], ignore=gone)
        self._socket.send([delete_group(group)], ignore=gone)
