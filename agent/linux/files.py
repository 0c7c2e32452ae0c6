"""File habits that survive kill -9: a file is either the old one or the new one, never half of either."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file in one step. Not synced: safe against the agent's death, not against the machine's."""
    temporary = path.with_name(f".{path.name}.{threading.get_native_id()}.new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)
    temporary.replace(path)
