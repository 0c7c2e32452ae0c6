"""The table of events, of either group: events.k8s.io shows the same objects under newer names."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.ages import since
from podwright.apiserver.printing.printer import JSON, NAME, Cells, Column, Printer, name


def _cells(event: JSON, now: datetime) -> Cells:
    first = since(event.get("firstTimestamp") or event.get("deprecatedFirstTimestamp") or event.get("eventTime"), now)
    last_time = event.get("lastTimestamp") or event.get("deprecatedLastTimestamp")
    last, count = since(last_time, now) if last_time else first, event.get("count") or event.get("deprecatedCount") or 1
    series: JSON | None = event.get("series")
    if series is not None:
        last, count = since(series.get("lastObservedTime"), now), series.get("count") or 0
    about: JSON = event.get("involvedObject") or event.get("regarding") or {}
    return [
        last,
        event.get("type") or "",
        event.get("reason") or "",
        _about(about),
        about.get("fieldPath") or "",
        _source(event),
        (event.get("message") or event.get("note") or "").strip(),
        first,
        count,
        name(event),
    ]


def _about(reference: JSON) -> str:
    kind = (reference.get("kind") or "").lower()
    return f"{kind}/{reference['name']}" if reference.get("name") else kind


def _source(event: JSON) -> str:
    source: JSON = event.get("source") or event.get("deprecatedSource") or {}
    reporter = event.get("reportingComponent") or event.get("reportingController")
    component = source.get("component") or reporter or ""
    instance = source.get("host") or event.get("reportingInstance")
    return f"{component}, {instance}" if instance else component


PRINTER = Printer(
    (
        Column("Last Seen", "How long ago it happened last."),
        Column("Type", "Normal or Warning."),
        Column("Reason", "What happened, in one word."),
        Column("Object", "The object it happened to."),
        Column("Subobject", "The part of the object it happened to.", priority=1),
        Column("Source", "Who reported it.", priority=1),
        Column("Message", "What happened."),
        Column("First Seen", "How long ago it happened first.", priority=1),
        Column("Count", "How often it happened.", priority=1),
        Column(NAME.name, NAME.doc, format=NAME.format, priority=1),
    ),
    _cells,
)
