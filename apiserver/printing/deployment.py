"""The table of deployments."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import (
    AGE,
    CONTAINERS,
    IMAGES,
    JSON,
    NAME,
    SELECTOR,
    Cells,
    Column,
    Printer,
    age,
    container_cells,
    label_selector,
    name,
    section,
)  # fmt: skip


def _cells(deployment: JSON, now: datetime) -> Cells:
    spec, status = section(deployment, "spec"), section(deployment, "status")
    return [
        name(deployment),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas") or 0,
        status.get("availableReplicas") or 0,
        age(deployment, now),
        *container_cells(spec.get("template")),
        label_selector(spec.get("selector")),
    ]


PRINTER = Printer(
    (
        NAME,
        Column("Ready", "How many of the wanted pods are ready."),
        Column("Up-to-date", "How many pods have the current template."),
        Column("Available", "How many pods have been ready for long enough."),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    _cells,
)
