"""A container's last words: the file it wrote, or the end of its log when it failed without any.

Blocking file reads: call in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podwright.agent.pods.crilog import tail_text

MAX_MESSAGE = 4096
MAX_POD = 12288  # shared evenly by a pod's containers
MAX_LOG_LINES = 80
MAX_LOG_BYTES = 2048


def message(container: Mapping[str, Any], containers_in_pod: int, exit_code: int, file: Path, log: str) -> str:
    """Return the termination message; the file wins over the log."""
    limit = min(MAX_MESSAGE, MAX_POD // max(containers_in_pod, 1))
    text = _read(file, limit)
    if text or exit_code == 0 or container.get("terminationMessagePolicy") != "FallbackToLogsOnError":
        return text
    return tail_text(log, MAX_LOG_LINES, min(MAX_LOG_BYTES, limit))


def _read(file: Path, limit: int) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""
