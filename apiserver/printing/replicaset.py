"""The table of replica sets."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import (
    AGE,
    JSON,
    NAME,
    Cells,
    Column,
    Printer,
    age,
    container_cells,
    label_selector,
    name,
    section,
)  # fmt: skip


def _cells(replica_set: JSON, now: datetime) -> Cells:
    spec, status = section(replica_set, "spec"), section(replica_set, "status")
    return [
        name(replica_set),
        spec.get("replicas") or 0,
        status.get("replicas") or 0,
        status.get("readyReplicas") or 0,
        age(replica_set, now),
        *container_cells(spec.get("template")),
        label_selector(spec.get("selector")),
    ]


PRINTER = Printer(
    (
        NAME,
        Column("Desired", "How many pods are wanted.", "integer"),
        Column("Current", "How many pods there are.", "integer"),
        Column("Ready", "How many pods are ready.", "integer"),
        AGE,
        Column("Containers", "The containers' names.", priority=1),
        Column("Images", "The containers' images.", priority=1),
        Column("Selector", "Which pods belong to it.", priority=1),
    ),
    _cells,
)
