"""Shows the Tables that the server prints: plain aligned text when piped, colours on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podwright.cli.output.tabwriter import align

if TYPE_CHECKING:
    from rich.table import Table as RichTable

JSON = dict[str, Any]

_GAP = 3  # spaces between columns

_STYLES = (
    (
        (
            "Error",
            "Crash",
            "ImagePull",
            "ErrImage",
            "Failed",
            "OOM",
            "NotReady",
            "Unknown",
            "Evicted",
            "Invalid",
            "Warning",
        ),
        "red",
    ),
    (("Pending", "ContainerCreating", "PodInitializing", "Terminating", "Init:", "Create"), "yellow"),
    (("Running", "Ready", "Active", "Completed", "Succeeded", "Bound"), "green"),
)


class Layout:
    """Which of a table's columns are shown, and what stands before and after them."""

    def __init__(
        self,
        definitions: Sequence[Mapping[str, Any]],
        *,
        wide: bool = False,
        with_namespace: bool = False,
        show_labels: bool = False,
        label_columns: Sequence[str] = (),
    ) -> None:
        self._shown = [i for i, d in enumerate(definitions) if wide or not d.get("priority")]
        self._names = [str(definitions[i]["name"]).upper() for i in self._shown]
        self._with_namespace = with_namespace
        self._show_labels = show_labels
        self._label_columns = label_columns

    def header(self) -> list[str]:
        """The column titles."""
        return [
            *(["NAMESPACE"] if self._with_namespace else []),
            *self._names,
            *(c.rpartition("/")[2].upper() for c in self._label_columns),
            *(["LABELS"] if self._show_labels else []),
        ]

    def row(self, row: Mapping[str, Any], prefix: str = "") -> list[str]:
        """One object's cells; `prefix` ("pod/") stands before its name."""
        metadata: Mapping[str, Any] = (row.get("object") or {}).get("metadata") or {}
        labels: Mapping[str, str] = metadata.get("labels") or {}
        cells = [_cell(row["cells"][i]) for i in self._shown]
        if prefix and cells:
            cells[0] = prefix + cells[0]
        return [
            *([str(metadata.get("namespace", ""))] if self._with_namespace else []),
            *cells,
            *(labels.get(c, "") for c in self._label_columns),
            *([",".join(f"{k}={v}" for k, v in sorted(labels.items())) or "<none>"] if self._show_labels else []),
        ]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "<none>" if value is None else str(value).replace("\n", "\\n")


def text(lines: Sequence[Sequence[str]]) -> str:
    """Rows of cells as aligned plain text."""
    return align(["\t".join(cells) for cells in lines], padding=3, minimum=6)


def rich_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> RichTable:
    """The same for a terminal, states in colour; as wide as it has to be, whatever the terminal's width."""
    from rich.table import Table
    from rich.text import Text

    width = sum(max(map(len, column)) + _GAP for column in zip(header, *rows, strict=True)) - _GAP
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold", width=width)
    for title in header:
        table.add_column(title, no_wrap=True, overflow="ignore")
    for row in rows:
        table.add_row(*(Text(cell, style=style(cell)) for cell in row))
    return table


def style(cell: str) -> str:
    """The colour of a state word, "" for any other text."""
    for words, colour in _STYLES:
        if cell.startswith(words):
            return colour
    return ""


def show(header: Sequence[str], rows: Sequence[Sequence[str]], *, with_header: bool = True) -> None:
    """Print a table in the way that suits standard output."""
    if sys.stdout.isatty():
        from rich.console import Console

        table = rich_table(header, rows)
        table.show_header = with_header
        console = Console(highlight=False)
        console.print(table, width=max(console.width, table.width or 0), crop=False, soft_wrap=True)
    else:
        sys.stdout.write(text([header, *rows] if with_header else rows))
