"""The tables of workloads that are neither Deployments nor ReplicaSets."""

from __future__ import annotations

from datetime import datetime

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
    meta,
    name,
    pairs,
    section,
)  # fmt: skip

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
        label_selector(spec.get("selector")) or NONE,
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
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    _daemon_set,
)


def _stateful_set(obj: JSON, now: datetime) -> Cells:
    spec, status = section(obj, "spec"), section(obj, "status")
    ready = f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}"
    return [name(obj), ready, age(obj, now), *container_cells(spec.get("template"))]


STATEFUL_SET = Printer(
    (NAME, Column("Ready", "How many of the wanted pods are ready."), AGE, CONTAINERS, IMAGES),
    _stateful_set,
)


def _controller_revision(obj: JSON, now: datetime) -> Cells:
    owners = [owner for owner in meta(obj).get("ownerReferences") or () if owner.get("controller")]
    return [name(obj), _named(owners[0]) if owners else NONE, obj.get("revision") or 0, age(obj, now)]


def _named(owner: JSON) -> str:
    """The owner as clients name resources: `statefulset.apps/x`."""
    group, slash, _ = (owner.get("apiVersion") or "").partition("/")
    kind = (owner.get("kind") or "").lower()
    return f"{kind}.{group}/{owner.get('name')}" if slash else f"{kind}/{owner.get('name')}"


CONTROLLER_REVISION = Printer(
    (
        NAME,
        Column("Controller", "Whose state it is."),
        Column("Revision", "Which state in a row it is."),
        AGE,
    ),
    _controller_revision,
)
