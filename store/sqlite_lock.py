"""One process per state file: revisions are counted in memory, so a second writer would corrupt history."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from podwright.store.protocol import StoreError, StoreUnavailable


class FileLock:
    """An exclusive lock on a file beside the state file; the kernel frees it when the process dies."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.released = False

    @classmethod
    def take(cls, path: Path) -> FileLock:
        """Lock or raise StoreUnavailable at once, naming the holder. Creates the folder where needed."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"cannot open {path}: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise StoreUnavailable(f"cannot open {path}: process {holder} is using the store") from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return cls(fd)

    def release(self) -> None:
        """Unlock."""
        if not self.released:
            self.released = True
            os.close(self._fd)
