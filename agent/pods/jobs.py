"""The tasks of one pod's worker: at most one per key, none lost, failures slowed down.

A job that fails unexpectedly is logged and its key held back for a while (1 s doubling to 60 s), so that a defect in
one pod cannot spin the node.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from podwright.agent.pods.backoff import Backoff

log = logging.getLogger(__name__)


class Jobs:
    """Owns the tasks. `poke` is called whenever one ends."""

    def __init__(self, name: str, now: Callable[[], float], poke: Callable[[], None]) -> None:
        self._name = name
        self._now = now
        self._poke = poke
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._faults = Backoff(1.0, 60.0)
        self._held: dict[str, float] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._tasks

    def running(self) -> list[str]:
        """Keys of the running jobs."""
        return list(self._tasks)

    def hold(self, key: str, until: float) -> None:
        """Do not start this job before then."""
        self._held[key] = until

    def release(self, key: str) -> None:
        """Let it start at once."""
        self._held.pop(key, None)

    def next_release(self) -> float | None:
        """When the next held job may start."""
        now = self._now()
        return min((at for at in self._held.values() if at > now), default=None)

    def start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Start a job unless it runs or is held back; say whether it was started."""
        if key in self._tasks or self._held.get(key, 0.0) > self._now():
            return False
        self._held.pop(key, None)
        self._tasks[key] = asyncio.create_task(self._run(key, work), name=f"{self._name} {key}")
        return True

    def cancel(self, key: str) -> None:
        """Cancel a job if it runs; it counts as running until it has ended."""
        task = self._tasks.get(key)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Cancel everything and wait for it."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
            self._faults.forget(key)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("Cannot finish %r of pod %s", key, self._name)
            now = self._now()
            self._held[key] = now + self._faults.step(key, now)
        finally:
            if self._tasks.get(key) is asyncio.current_task():
                del self._tasks[key]
            self._poke()
