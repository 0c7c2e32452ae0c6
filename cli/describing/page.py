"""A page of `pw describe`: lines with levels of indentation and tab-separated columns, laid out at the end. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podwright.api.times import parse_time
from podwright.cli.output.tabwriter import align

JSON = Mapping[str, Any]


class Page:
    """Collects lines; `level` counts steps of two spaces."""

    def __init__(self, level: int = 0) -> None:
        self.lines: list[str] = []
        self._level = level

    def line(self, text: str = "", level: int = 0) -> None:
        """One line; tabs separate columns."""
        self.lines.append("  " * (self._level + level) + text)

    def field(self, name: str, value: Any, level: int = 0) -> None:
        """ "Name:<tab>value"."""
        self.line(f"{name}:\t{value}", level)

    def pairs(self, name: str, values: Mapping[str, Any] | None, separator: str = "=") -> None:
        """A map, one entry a line, sorted; <none> when empty."""
        rows = [f"{k}{separator}{v}" for k, v in sorted((values or {}).items())]
        self.field(name, rows[0] if rows else "<none>")
        for row in rows[1:]:
            self.line("\t" + row)

    def rows(self, name: str, values: Iterable[str]) -> None:
        """A list, one entry a line; <none> when empty."""
        shown = list(values)
        self.field(name, shown[0] if shown else "<none>")
        for row in shown[1:]:
            self.line("\t" + row)

    def table(self, titles: Sequence[str], rows: Iterable[Sequence[str]], level: int = 1) -> None:
        """Titles, their underlines, rows."""
        self.line("\t".join(titles), level)
        self.line("\t".join("-" * max(len(t), 4) if t == "Age" else "-" * len(t) for t in titles), level)
        for row in rows:
            self.line("\t".join(row), level)

    def text(self) -> str:
        """The page laid out."""
        return align(self.lines)


def head(page: Page, obj: JSON) -> None:
    """Name, namespace, labels, annotations: how every page begins."""
    metadata = obj["metadata"]
    page.field("Name", metadata["name"])
    if "namespace" in metadata:
        page.field("Namespace", metadata["namespace"])
    page.pairs("Labels", metadata.get("labels"))
    annotation_rows(page, obj)


_HIDDEN = ("kubectl.kubernetes.io/last-applied-configuration",)


def annotation_rows(page: Page, obj: JSON) -> None:
    """Annotations but for what `apply` keeps for itself; a value of several lines stands below its key."""
    held = {k: v for k, v in (obj["metadata"].get("annotations") or {}).items() if k not in _HIDDEN}
    page.pairs("Annotations", {k: str(v).replace("\n", "\n\t  ") for k, v in held.items()}, ": ")


def stamp(text: str | None) -> str:
    """A time of the API as people read it: "Sun, 22 Nov 2026 23:03:18 +0000"."""
    if not text:
        return "<unset>"
    return parse_time(text).astimezone().strftime("%a, %d %b %Y %H:%M:%S %z")


def age(text: str | None, now: dt.datetime) -> str:
    """How long ago: 5s, 3m10s, 2h5m, 4d3h."""
    if not text:
        return "<unknown>"
    seconds = max(0, int((now - parse_time(text)).total_seconds()))
    if seconds < 120:
        return f"{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes}m{seconds}s" if seconds else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{minutes}m" if minutes else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours}h" if hours and days < 8 else f"{days}d"


def selector(value: JSON | None) -> str:
    """A label selector as text."""
    if not value:
        return "<none>"
    parts = [f"{k}={v}" for k, v in sorted((value.get("matchLabels") or {}).items())]
    for rule in value.get("matchExpressions") or ():
        values = ",".join(rule.get("values") or ())
        operator = str(rule["operator"])
        word = {"In": f"{rule['key']} in ({values})", "NotIn": f"{rule['key']} notin ({values})"}
        parts.append(word.get(operator, rule["key"] if operator == "Exists" else f"!{rule['key']}"))
    return ",".join(parts) or "<none>"


def events(page: Page, found: Sequence[JSON], now: dt.datetime) -> None:
    """The object's events, oldest first, repeated ones counted; then what explains a decision in detail."""
    if not found:
        page.field("Events", "<none>")
        return
    page.line("Events:")
    page.table(("Type", "Reason", "Age", "From", "Message"), [_event(e, now) for e in sorted(found, key=when)])


def when(event: JSON) -> str:
    """When an event was last seen."""
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )


def _event(event: JSON, now: dt.datetime) -> tuple[str, ...]:
    count = int((event.get("series") or {}).get("count") or event.get("count") or 1)
    first = event.get("firstTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    shown = age(when(event), now)
    source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
    where = (event.get("involvedObject") or {}).get("fieldPath")
    message = str(event.get("message", "")).strip()
    return (
        str(event.get("type", "")),
        str(event.get("reason", "")),
        f"{shown} (x{count} over {age(first, now)})" if count > 1 else shown,
        str(source),
        f"{where}: {message}" if where else message,
    )
