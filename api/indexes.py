"""Sets of indexes as Jobs write them: "1,3-5,7". Pure."""

from __future__ import annotations

from collections.abc import Iterable

from podwright.api.quoting import quote


class IndexTextError(ValueError):
    """A text that is no set of indexes."""


def parse_intervals(text: str, limit: int) -> list[tuple[int, int]]:
    """Read first and last index of each interval, all below `limit`. Raises IndexTextError saying what is wrong."""
    found: list[tuple[int, int]] = []
    last = -1
    for piece in text.split(",") if text else ():
        ends = piece.split("-")
        if len(ends) > 2:
            msg = (
                f"the fragment {quote(piece)} violates the requirement that an index interval can have at most two"
                " parts separated by '-'"
            )
            raise IndexTextError(msg)
        numbers: list[int] = []
        for end in ends:
            if not (end.isascii() and end.isdigit() and len(end) < 19):
                msg = f"cannot convert string to integer for index: {quote(end)}"
                raise IndexTextError(msg)
            number = int(end)
            if number >= limit:
                msg = f"too large index: {quote(end)}"
                raise IndexTextError(msg)
            if number <= last:
                msg = f"non-increasing order, previous: {last}, current: {number}"
                raise IndexTextError(msg)
            numbers.append(number)
            last = number
        found.append((numbers[0], numbers[-1]))
    return found


def count(intervals: Iterable[tuple[int, int]]) -> int:
    """How many indexes the intervals hold."""
    return sum(last - first + 1 for first, last in intervals)
