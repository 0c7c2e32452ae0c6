"""Sets of completion indexes as statuses write them: "0-2,5" is 0, 1, 2 and 5."""

from __future__ import annotations

from collections.abc import Iterable


def parse(text: str | None, size: int) -> set[int]:
    """Read a set; indexes from `size` on, and what cannot be read, are left out."""
    found: set[int] = set()
    for part in (text or "").split(","):
        first, dash, last = part.strip().partition("-")
        if first.isdecimal() and (not dash or last.isdecimal()):
            found.update(range(int(first), min(int(last if dash else first), size - 1) + 1))
    return found


def write(indexes: Iterable[int]) -> str:
    """Write a set, runs of three and more, or of two, as ranges."""
    parts: list[str] = []
    run: list[int] = []
    for index in sorted(set(indexes)):
        if run and index != run[-1] + 1:
            parts.append(_range(run))
            run = []
        run = [*run[:1], index]
    if run:
        parts.append(_range(run))
    return ",".join(parts)


def _range(run: list[int]) -> str:
    first, last = run[0], run[-1]
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
