"""Long bodies as pieces: put together a little at a time while they are written, so that nobody holds or waits for all.

What a body consists of is kept as it is, bytes that others hold anyway, and joined piece by piece. It must never look
into the bytes, and what it was given must not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from podwright.client.transport import Content

PIECE: Final = 128 * 1024
"""Bytes that are joined, compressed or encrypted before others get their turn: a tenth of a millisecond."""


class Joined:
    """Parts with something between them, and something around them. Each part lacks its first `skip` bytes."""

    __slots__ = ("_between", "_head", "_parts", "_size", "_skip", "_tail")

    def __init__(self, head: bytes, parts: Sequence[bytes], tail: bytes, *, between: bytes, skip: int = 0) -> None:
        """There is at least one part."""
        self._head = head
        self._parts = parts
        self._tail = tail
        self._between = between
        self._skip = skip
        self._size = len(head) + len(tail) + sum(map(len, parts)) + (len(parts) - 1) * len(between) - len(parts) * skip

    def __len__(self) -> int:
        """Bytes in all."""
        return self._size

    def __iter__(self) -> Iterator[bytes | memoryview]:
        """Yield the pieces: none is much longer than `PIECE`."""
        between, skip, last = self._between, self._skip, len(self._parts) - 1
        pending: list[bytes | memoryview] = []
        size = 0
        for number, part in enumerate(self._parts):
            rest: bytes | memoryview = memoryview(part)[skip:]
            if number == 0:
                rest = b"%b%b" % (self._head, rest)
            if number == last:
                rest = b"%b%b" % (rest, self._tail)
            pending.append(rest)
            size += len(rest)
            if size >= PIECE or number == last:
                yield from cut(between.join(pending))
                pending.clear()
                pending.append(b"")  # so that the next piece begins with what is between them
                size = 0


def joined(head: bytes, parts: Sequence[bytes], tail: bytes, *, between: bytes, skip: int = 0) -> Content:
    """Parts as a body: in pieces when it is a long one."""
    content = Joined(head, parts, tail, between=between, skip=skip)
    return content if len(content) > PIECE else b"".join(content)


def cut(data: bytes) -> Iterator[bytes | memoryview]:
    """Yield bytes in pieces, without a copy."""
    if len(data) < 2 * PIECE:
        yield data
        return
    view = memoryview(data)
    for begin in range(0, len(data), PIECE):
        yield view[begin : begin + PIECE]


def pieces(content: Content) -> Iterator[bytes | memoryview]:
    """Yield a body's pieces."""
    return cut(content) if isinstance(content, bytes) else iter(content)
