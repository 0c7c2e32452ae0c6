"""Directory events on the event loop: tells which file appeared in a folder, without a thread.

The kernel drops events when its queue is full and says so: the callback then gets None and must look at everything
(level-triggered; events are hints, the folder is the truth).
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable, Iterator
from typing import Final

from podwright.agent.linux import libc

IN_CLOSE_WRITE: Final = 0x008
IN_MOVED_TO: Final = 0x080
IN_CREATE: Final = 0x100
IN_Q_OVERFLOW: Final = 0x4000
COMPLETED: Final = IN_CLOSE_WRITE | IN_MOVED_TO
_HEADER: Final = struct.Struct("iIII")  # watch, mask, cookie, length of the name


def events(buffer: bytes) -> Iterator[tuple[int, str]]:
    """(mask, file name) of each event in one read."""
    offset = 0
    while offset < len(buffer):
        _, mask, _, length = _HEADER.unpack_from(buffer, offset)
        offset += _HEADER.size
        yield mask, os.fsdecode(buffer[offset : offset + length].rstrip(b"\0"))
        offset += length


class FolderWatch:
    """Calls back with the name of each file that shows an event in one folder; None after an overflow.

    By default: files completed or renamed into it.
    """

    def __init__(self, folder: str, callback: Callable[[str | None], None], mask: int = COMPLETED) -> None:
        self._callback = callback
        self._fd = libc.inotify_init()
        try:
            libc.inotify_add_watch(self._fd, folder, mask)
        except OSError:
            os.close(self._fd)
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    def close(self) -> None:
        """Stop watching."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _read(self) -> None:
        try:
            buffer = os.read(self._fd, 16384)
        except BlockingIOError:
            return
        for mask, name in events(buffer):
            self._callback(None if mask & IN_Q_OVERFLOW else name)
