"""The tables of workloads that are neither Deployments nor ReplicaSets."""

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
    meta,
    name,
    pairs,
    section,
)  # fmt: skip

_CONTAINERS = Column("Containers", "The containers' names.", priority=1)
_IMAGES = Column("Images", "The containers' images.", priority=1)
_SELECTOR = Column("Selector", "Which pods belong to it.", priority=1)
_DAEMON_COUNTS = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
                  "numberAvailable")  # fmt: skip


def _pod_template(obj: JSON, _: datetime) -> Cells:
    template = section(obj, "template")
    return [name(obj), *container_cells(template), pairs(meta(template).get("labels"))]


POD_TEMPLATE = Printer(
    (
        NAME,
        Column("Containers", "The containers' names."),
        Column("Images", "The containers' images."),
        Column("Pod Labels", "The labels of its pods."),
    ),
    _pod_template,
)


def _daemon_set(obj: JSON, now: datetime) -> Cells:
    spec, status = section(obj, "spec"), section(obj, "status")
    template = section(spec, "template")
    return [
        name(obj),
        *(status.get(count) or 0 for count in _DAEMON_COUNTS),
        pairs(section(template, "spec").get("nodeSelector")),
        age(obj, now),
        *container_cells(template),
        label_selector(spec.get("selector")),
    ]


DAEMON_SET = Printer(
    (
        NAME,
        Column("Desired", "On how many nodes the pod should run.", "integer"),
        Column("Current", "On how many of them it is.", "integer"),
        Column("Ready", "On how many of them it is ready.", "integer"),
        Column("Up-to-date", "On how many of them it has the current template.", "integer"),
        Column("Available", "On how many of them it has been ready for long enough.", "integer"),
        Column("Node Selector", "Labels that the nodes must have."),
        AGE,
        _CONTAINERS,
        _IMAGES,
        _SELECTOR,
    ),
    _daemon_set,
)
