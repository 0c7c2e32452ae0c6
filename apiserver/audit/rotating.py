"""A log file of bounded size: full ones are set aside under their time, and those that are too many or too old go.

Blocking; the writer's thread alone calls it. It must never truncate or delete the file that is being written.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

_STAMP: Final = "%Y-%m-%dT%H-%M-%S.%f"
_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept: a file's bytes, how many full files (0: all), how many days of them (0: for ever)."""

    bytes: int = 100 << 20
    files: int = 10
    days: int = 0


class RotatingFile:
    """Appends lines to `path`."""

    def __init__(self, path: Path, bounds: Bounds, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._bounds = bounds
        self._clock = clock

    def prepare(self) -> None:
        """Make the file. Raises OSError when it cannot be written."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(self._open())
        self._forget()

    def write(self, lines: Iterable[bytes]) -> None:
        """Append; a line is never split over two files. Raises OSError."""
        fd = self._open()
        try:
            size = os.fstat(fd).st_size
            waiting: list[bytes] = []
            for line in lines:
                if size and size + len(line) > self._bounds.bytes:
                    _write_all(fd, waiting)
                    os.close(fd)
                    fd = -1
                    self._set_aside()
                    fd, size, waiting = self._open(), 0, []
                waiting.append(line)
                size += len(line)
            _write_all(fd, waiting)
        finally:
            if fd >= 0:
                os.close(fd)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)

    def _set_aside(self) -> None:
        """Name the full file by its time, always later than those before: clocks repeat themselves."""
        newest = max((moment for moment, _ in self._full_files()), default=None)
        moment = self._clock()
        if newest is not None and newest >= moment:
            moment = newest + timedelta(microseconds=1)
        self._path.rename(self._named(moment))
        self._forget()

    def _named(self, moment: datetime) -> Path:
        return self._path.with_name(f"{self._path.stem}-{moment.strftime(_STAMP)}{self._path.suffix}")

    def _forget(self) -> None:
        """Remove what is beyond the bounds; other files are left alone."""
        found = sorted(self._full_files(), reverse=True)
        oldest = self._clock() - timedelta(days=self._bounds.days)
        for number, (moment, path) in enumerate(found):
            too_many = self._bounds.files and number >= self._bounds.files
            if too_many or (self._bounds.days and moment < oldest):
                path.unlink(missing_ok=True)

    def _full_files(self) -> Iterable[tuple[datetime, Path]]:
        head, tail = f"{self._path.stem}-", self._path.suffix
        for path in self._path.parent.iterdir():
            if path.name.startswith(head) and path.name.endswith(tail):
                stamp = path.name[len(head) : len(path.name) - len(tail)]
                with contextlib.suppress(ValueError):
                    zone = self._clock().tzinfo
                    yield datetime.strptime(stamp, _STAMP).replace(tzinfo=zone), path


def _write_all(fd: int, lines: list[bytes]) -> None:
    data = memoryview(b"".join(lines))
    while data:
        data = data[os.write(fd, data) :]
