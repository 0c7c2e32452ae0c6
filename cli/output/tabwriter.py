"""Elastic tab stops: tab-separated cells become columns as wide as their widest cell, as Go's tabwriter has them.

A column is a run of consecutive lines that have a tab-terminated cell there; the text after a line's last tab takes
part in none.
"""

from __future__ import annotations

from collections.abc import Sequence


def align(lines: Sequence[str], *, padding: int = 2, minimum: int = 0) -> str:
    """Lay out lines (without newlines); returns text that ends with a newline unless there are no lines."""
    cells = [line.split("\t") for line in lines]
    widths: list[list[int]] = [[0] * (len(row) - 1) for row in cells]
    _measure(cells, widths, 0, len(cells), 0, padding, minimum)
    out: list[str] = []
    for row, width in zip(cells, widths, strict=True):
        out.append("".join(cell.ljust(w) for cell, w in zip(row, width, strict=False)) + row[-1] + "\n")
    return "".join(out)


def _measure(
    cells: list[list[str]], widths: list[list[int]], begin: int, end: int, column: int, padding: int, minimum: int
) -> None:
    line = begin
    while line < end:
        if column >= len(cells[line]) - 1:
            line += 1
            continue
        block = line
        while block < end and column < len(cells[block]) - 1:
            block += 1
        longest = max(len(cells[i][column]) for i in range(line, block))
        width = max(longest + padding, minimum) if longest or minimum else 0
        for i in range(line, block):
            widths[i][column] = width
        _measure(cells, widths, line, block, column + 1, padding, minimum)
        line = block
