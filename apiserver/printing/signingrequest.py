"""The table of signing requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from podwright.apiserver.printing.ages import human_duration
from podwright.apiserver.printing.printer import AGE, JSON, NAME, NONE, Cells, Column, Printer, age, name, section


def _cells(request: JSON, now: datetime) -> Cells:
    spec = section(request, "spec")
    seconds = spec.get("expirationSeconds")
    return [
        name(request),
        age(request, now),
        spec.get("signerName") or "",
        spec.get("username") or "",
        NONE if seconds is None else human_duration(timedelta(seconds=seconds)),
        _state(section(request, "status")),
    ]


def _state(status: JSON) -> str:
    held = {condition.get("type") for condition in status.get("conditions") or []}
    words = ["Denied" if "Denied" in held else "Approved" if "Approved" in held else "Pending"]
    words += ["Failed"] if "Failed" in held else []
    words += ["Issued"] if status.get("certificate") else []
    return ",".join(words)


PRINTER = Printer(
    (
        NAME,
        AGE,
        Column("SignerName", "Who is to sign it."),
        Column("Requestor", "Who asks for it."),
        Column("RequestedDuration", "How long the certificate should be valid."),
        Column("Condition", "What was decided, and whether there is a certificate."),
    ),
    _cells,
)
