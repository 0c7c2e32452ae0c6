"""The format of container logs: `2026-01-02T03:04:05.000000006+00:00 stdout F text`.

A line that was cut in pieces has P on all but its last piece. Everything here is bytes in, bytes out, and blocking
where it reads files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log file. `text` ends with a newline unless the piece is partial."""

    time: bytes
    stream: bytes
    text: bytes

    def seconds(self) -> float:
        """Unix time, with the precision a float has."""
        from datetime import datetime

        whole = self.time[:19].decode("ascii", "replace")
        try:
            moment = datetime.fromisoformat(whole + "+00:00").timestamp()
            return moment + float(b"0." + self.time[20:].rstrip(b"Z").split(b"+")[0] + b"0")
        except ValueError:
            return 0.0

    def stamped(self) -> bytes:
        """The text with its time before it, as clients ask for it."""
        return self.time.replace(b"+00:00", b"Z") + b" " + self.text


def parse(line: bytes) -> Entry | None:
    """Read one line (without its newline); None when it is damaged."""
    parts = line.split(b" ", 3)
    if len(parts) < 3:
        return None
    text = parts[3] if len(parts) == 4 else b""
    return Entry(parts[0], parts[1], text if parts[2].startswith(b"P") else text + b"\n")


def tail_offset(fd: int, lines: int) -> int:
    """Find where the last `lines` lines of a file begin."""
    end = os.fstat(fd).st_size
    if lines <= 0:
        return end
    position, found = end, 0
    while position > 0:
        size = min(_BLOCK, position)
        position -= size
        block = os.pread(fd, size, position)
        cut = len(block)
        while (cut := block.rfind(b"\n", 0, cut)) >= 0:
            if position + cut == end - 1:
                continue  # the newline that ends the file
            found += 1
            if found == lines:
                return position + cut + 1
    return 0


def tail_text(path: str, lines: int, limit: int) -> str:
    """Return the end of a log as text: at most `lines` lines and `limit` bytes."""
    try:
        with Path(path).open("rb") as file:
            file.seek(tail_offset(file.fileno(), lines))
            raw = file.read()
    except OSError:
        return ""
    entries = (parse(line) for line in raw.splitlines())
    text = b"".join(e.text for e in entries if e)
    return text[-limit:].decode("utf-8", "replace")
