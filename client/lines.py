"""Cutting a byte stream into lines: the hot loop under every watch.

One event can be as large as an object (some MB) and arrive in many pieces, and one piece can hold thousands of
events: nothing is copied more than once, whatever the mix. A line without an end is an error, not a memory leak.
"""

from __future__ import annotations

from podwright.client.transport import TransportError

MAX_LINE = 64 * 1024 * 1024


class LineCutter:
    """Feed it chunks; it returns the lines that are complete."""

    __slots__ = ("_held", "_size")

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the non-empty lines that end in this chunk. Raises TransportError for one that never ends."""
        if b"\n" not in chunk:
            self._held.append(chunk)
            self._size += len(chunk)
            if self._size > MAX_LINE:
                msg = f"a line of the stream is longer than {MAX_LINE} bytes"
                raise TransportError(msg)
            return []
        lines = chunk.split(b"\n")
        if self._held:
            self._held.append(lines[0])
            lines[0] = b"".join(self._held)
            self._held = []
        rest = lines.pop()
        self._size = len(rest)
        if rest:
            self._held.append(rest)
        return [line for line in lines if line]
