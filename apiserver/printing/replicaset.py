"""The table of replica sets and of their elders, replication controllers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podwright.apiserver.printing.printer import (
    AGE,
    CONTAINERS,
    IMAGES,
    JSON,
    NAME,
    NONE,
    SELECTOR,
    Cells,
    Column,
    Printer,
    age,
    container_cells,
    label_selector,
    name,
    pairs,
    section,
)  # fmt: skip


def _cells(owner: JSON, now: datetime, selector: str) -> Cells:
    spec, status = section(owner, "spec"), section(owner, "status")
    return [
        name(owner),
        spec.get("replicas") or 0,
        status.get("replicas") or 0,
        status.get("readyReplicas") or 0,
        age(owner, now),
        *container_cells(spec.get("template")),
        selector,
    ]


def _selector(owner: JSON) -> Any:
    return section(owner, "spec").get("selector")


_COLUMNS = (
    NAME,
    Column("Desired", "How many pods are wanted.", "integer"),
    Column("Current", "How many pods there are.", "integer"),
    Column("Ready", "How many pods are ready.", "integer"),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)

PRINTER = Printer(_COLUMNS, lambda obj, now: _cells(obj, now, label_selector(_selector(obj)) or NONE))
REPLICATION_CONTROLLER = Printer(_COLUMNS, lambda obj, now: _cells(obj, now, pairs(_selector(obj))))
