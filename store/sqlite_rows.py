"""Reads many rows in one step of SQLite.

The sqlite3 module gives the interpreter lock away and takes it back for every row. Beside a busy event loop each
taking-back may wait a whole switch interval (5 ms) and more, so a list of 2,000 rows took 4 to 27 s here. Concatenated
by SQLite into one row it takes one hand-over. Only the query's shape is this module's business, never its meaning.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Literal

# int: never NULL. text: never NULL and free of control characters. blob: NULL comes back as None.
Column = tuple[str, Literal["int", "text", "blob"]]


def gather(
    db: sqlite3.Connection, columns: Sequence[Column], rows: str, parameters: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    """Run the SELECT `rows`, whose result has the named columns, and yield its rows in its order.

    `rows` must have a LIMIT (-1 will do): it obliges SQLite to keep the order, and the caller to bound the answer.
    """
    parts: list[str] = []
    for name, kind in columns:
        if kind == "int":
            parts.append(f"group_concat({name}, ',')")
        elif kind == "text":
            parts.append(f"CAST(group_concat({name}, char(10)) AS BLOB)")
        else:
            parts.append(f"group_concat(coalesce(length({name}), -1), ',')")
            parts.append(f"CAST(group_concat(coalesce({name}, x''), '') AS BLOB)")
    cells = iter(db.execute(f"SELECT {', '.join(parts)} FROM ({rows})", parameters).fetchone())  # noqa: S608 - fixed text
    lists: list[Sequence[Any]] = []
    for _, kind in columns:
        cell = next(cells)
        if cell is None:  # no rows at all
            return iter(())
        if kind == "int":
            lists.append(_ints(cell))
        elif kind == "text":
            lists.append(cell.decode().split("\n"))
        else:
            lists.append(_cut(next(cells), _ints(cell)))
    return zip(*lists, strict=True)


def _ints(cell: str | int) -> list[int]:
    return [int(number) for number in str(cell).split(",")]


def _cut(joined: bytes, lengths: list[int]) -> list[bytes | None]:
    pieces: list[bytes | None] = []
    at = 0
    for length in lengths:
        pieces.append(None if length < 0 else joined[at : at + length])
        at += max(length, 0)
    return pieces
