"""Notices at once that a container ended or that its monitor died, without polling and without a thread.

An end shows as a file that conmon puts into the exits folder (inotify); a dead monitor as its pidfd becoming
readable. Notices are hints: whoever gets one looks at the container anew, and missing one must be harmless.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from podwright.agent.linux.inotify import FolderWatch
from podwright.agent.linux.processes import ProcessId, open_pidfd

log = logging.getLogger(__name__)


class ExitWatch:
    """Tells subscribers the ids of containers that ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._subscribers: dict[object, Callable[[str], None]] = {}
        self._monitors: dict[str, int] = {}  # container id -> pidfd of its conmon
        self._watch: FolderWatch | None = None

    def open(self) -> None:
        """Start watching; needs a running loop."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._watch = FolderWatch(str(self._folder), self._exited)

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        for container_id in list(self._monitors):
            self.forget(container_id)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back with each id from now on; returns the unsubscriber."""
        key = object()
        self._subscribers[key] = callback
        return lambda: self._subscribers.pop(key, None) and None

    async def monitored(self, container_id: str, monitor: ProcessId) -> None:
        """Watch over a container's monitor, too. One that is dead already is reported at once."""
        fd = await asyncio.to_thread(open_pidfd, monitor)
        self.forget(container_id)
        if fd is None:
            self._monitor_died(container_id)
            return
        self._monitors[container_id] = fd
        asyncio.get_running_loop().add_reader(fd, self._monitor_died, container_id)

    def forget(self, container_id: str) -> None:
        """Stop watching over its monitor."""
        fd = self._monitors.pop(container_id, None)
        if fd is not None:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    def watched(self) -> Iterable[str]:
        """Containers whose monitor is watched."""
        return tuple(self._monitors)

    def _exited(self, name: str | None) -> None:
        # glib writes a temporary file first and renames it: its name is the id plus a dot and six characters.
        if name is None:
            for container_id in self.watched():  # events were dropped: let everybody look
                self._tell(container_id)
        elif "." not in name:
            self.forget(name)  # its monitor ends now, too, and that is no news
            self._tell(name)

    def _monitor_died(self, container_id: str) -> None:
        self.forget(container_id)
        self._tell(container_id)

    def _tell(self, container_id: str) -> None:
        for callback in tuple(self._subscribers.values()):
            try:
                callback(container_id)
            except Exception:
                log.exception("Cannot tell a subscriber that container %s ended", container_id)
