"""The table of the control plane's parts."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import JSON, NAME, Cells, Column, Printer, name

_WORDS = {"True": "Healthy", "False": "Unhealthy"}


def _cells(part: JSON, now: datetime) -> Cells:
    del now
    conditions = part.get("conditions") or []
    found: JSON = next((c for c in conditions if c.get("type") == "Healthy"), {})
    return [
        name(part),
        _WORDS.get(found.get("status") or "", "Unknown"),
        found.get("message") or "",
        found.get("error") or "",
    ]


PRINTER = Printer(
    (
        NAME,
        Column("Status", "Healthy, Unhealthy or Unknown."),
        Column("Message", "What is known."),
        Column("Error", "What went wrong when it was looked at."),
    ),
    _cells,
)
