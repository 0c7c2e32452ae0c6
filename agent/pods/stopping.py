"""Ending one container gracefully: preStop hook, its turn, the stop signal, the grace period, the kill.

The grace is counted from the request to stop and may be shortened while it runs, never lengthened. Whatever is left
of it, a container has at least 2 s between signal and kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal as signals
from collections.abc import Callable, Mapping
from typing import Any

from podwright.agent.pods.actions import Stop
from podwright.agent.pods.hooks import HookError, run_hook
from podwright.agent.pods.host import Host
from podwright.agent.pods.spec import Pod

MIN_WINDOW = 2.0
_KILL_AGAIN = 10.0  # a kill that had no effect for this long is repeated


class Deadline:
    """When a pod's grace is over, by the wall clock; can move closer."""

    def __init__(self, at: float) -> None:
        self.at = at
        self._moved = asyncio.Event()

    def shorten(self, at: float) -> None:
        """Bring it closer."""
        if at < self.at:
            self.at = at
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    async def wait(self, done: asyncio.Event, now: Callable[[], float], at_least: float = 0.0) -> bool:
        """Wait until `done` or the end of the grace (and not less than until `at_least`); True when done."""
        while not done.is_set():
            left = max(self.at, at_least) - now()
            if left <= 0:
                return False
            moved = self._moved
            waits = [asyncio.create_task(done.wait()), asyncio.create_task(moved.wait())]
            try:
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waits:
                    task.cancel()
        return True


class Stopper:
    """Stops containers of one pod. `ended(name)` gives the event that is set when that container has ended."""

    def __init__(self, host: Host, ended: Callable[[str], asyncio.Event]) -> None:
        self._host = host
        self._ended = ended

    async def stop(self, pod: Pod, order: Stop, deadline: Deadline, ip: str, *, signal: str = "") -> None:
        """See the container end; returns when it has."""
        host, container = self._host, order.container
        ended = self._ended(container.name)
        host.events.normal(pod, "Killing", order.text, container)
        hook = (container.spec.get("lifecycle") or {}).get("preStop")
        if hook and deadline.at > host.now():
            await self._pre_stop(pod, order, hook, deadline, ended, ip)
        for name in order.after:
            if not await deadline.wait(self._ended(name), host.now):
                break
        if ended.is_set():
            return
        sent = host.now()
        await host.runtime.signal(order.id, stop_number(signal))
        while not await deadline.wait(ended, host.now, sent + MIN_WINDOW):
            await host.runtime.signal(order.id, signals.SIGKILL)
            deadline = Deadline(host.now() + _KILL_AGAIN)

    async def _pre_stop(
        self, pod: Pod, order: Stop, hook: Mapping[str, Any], deadline: Deadline, ended: asyncio.Event, ip: str
    ) -> None:
        host, container = self._host, order.container
        left = max(deadline.at - host.now(), 0.0)
        running = asyncio.create_task(run_hook(host.runtime, pod, container.spec, order.id, hook, ip, left))
        over = asyncio.create_task(deadline.wait(ended, host.now))
        try:
            await asyncio.wait({running, over}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done() or running.exception() is not None:
                host.events.warning(pod, "FailedPreStopHook", "PreStopHook failed", container)
        finally:
            for task in (running, over):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, HookError):
                    await task


def stop_number(name: str) -> int:
    """Return the number of a stop signal by name (`SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`); an unknown one is SIGTERM."""
    text = name.upper().strip()
    if text.isdigit():
        return int(text)
    if text and not text.startswith("SIG"):
        text = f"SIG{text}"
    base, plus, offset = text.partition("+")
    found = getattr(signals, base, signals.SIGTERM) if base else signals.SIGTERM
    return int(found) + (int(offset) if plus and offset.isdigit() else 0)
