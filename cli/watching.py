"""`get -w`: on a terminal a table that changes in place, elsewhere one line a change, as scripts expect."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import AsyncIterator
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.cli.describing.page import age
from podwright.cli.errors import CliError
from podwright.cli.naming import Target
from podwright.cli.output import printing, tables
from podwright.cli.output.made_tables import as_table
from podwright.cli.requests import refusal
from podwright.cli.selecting import TABLE, Options, fetch, path_of
from podwright.cli.session import Session
from podwright.client.transport import Request

JSON = dict[str, Any]


async def follow(
    session: Session, target: Target, options: Options, show: printing.Printer | None, *, only_changes: bool
) -> None:
    """Show what is there, then every change, until interrupted."""
    if len(target.names) > 1:
        raise CliError("watch is only supported on individual resources and resource collections")
    name = target.names[0] if target.names else None
    accept = TABLE if options.as_table else "application/json"
    first = await fetch(session, target.resource, options, name, accept)
    version = str((first.get("metadata") or {}).get("resourceVersion") or "")
    if show is None:
        await _follow_table(session, target, options, first, version, name, only_changes=only_changes)
        return
    if not only_changes:
        for item in printing.items(first):
            sys.stdout.write(show({"apiVersion": target.resource.api_version, "kind": target.resource.kind, **item}))
    async for event in _events(session, target, options, name, version, accept):
        sys.stdout.write(show(event["object"]))
        sys.stdout.flush()


async def _events(
    session: Session, target: Target, options: Options, name: str | None, version: str, accept: str
) -> AsyncIterator[JSON]:
    """Watch events from `version` on; when the server ends the stream, it goes on where it ended."""
    query = options.query()
    if name:
        query.append(("fieldSelector", f"metadata.name={name}"))
    path = path_of(session, target.resource, options)
    while True:
        pairs = (*query, ("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", version))
        stream = await session.transport.stream(Request("GET", path, pairs, (("accept", accept),)))
        buffer = b""
        try:
            async for chunk in stream:
                *lines, buffer = (buffer + chunk).split(b"\n")
                if stream.status != 200:
                    continue
                for line in lines:
                    event: JSON = orjson.loads(line)
                    if event["type"] == "ERROR":
                        raise ApiError.from_status(event["object"])
                    version = _version(event["object"]) or version
                    if event["type"] == "BOOKMARK":
                        continue
                    if accept == TABLE:
                        event["object"] = as_table(event["object"], dt.datetime.now(dt.UTC))
                    yield event
            if stream.status != 200:
                raise refusal(stream.status, buffer)
        finally:
            await stream.close()


def _version(obj: JSON) -> str:
    rows = obj.get("rows")
    metadata = (rows[0].get("object") or {}).get("metadata") if rows else obj.get("metadata")
    return str((metadata or {}).get("resourceVersion") or "")


async def _follow_table(
    session: Session,
    target: Target,
    options: Options,
    first: JSON,
    version: str,
    name: str | None,
    *,
    only_changes: bool,
) -> None:
    layout = tables.Layout(
        first.get("columnDefinitions") or [],
        wide=options.output == "wide",
        with_namespace=options.all_namespaces and target.resource.namespaced,
        show_labels=options.show_labels,
        label_columns=options.label_columns,
    )
    events = _events(session, target, options, name, version, TABLE)
    rows: list[JSON] = first.get("rows") or []
    if sys.stdout.isatty():
        await _in_place(layout, rows, events)
    else:
        await _line_by_line(layout, [] if only_changes else rows, events, with_header=not options.no_headers)


async def _line_by_line(
    layout: tables.Layout, rows: list[JSON], events: AsyncIterator[JSON], *, with_header: bool
) -> None:
    """One line a change; columns are as wide as what was there at the beginning."""
    shown = [layout.row(row) for row in rows]
    sys.stdout.write(tables.text([*([layout.header()] if with_header else []), *shown]))
    sys.stdout.flush()
    widths = [max(map(len, column)) for column in zip(layout.header(), *shown, strict=True)]
    async for event in events:
        for row in event["object"].get("rows") or ():
            cells = layout.row(row)
            sys.stdout.write("   ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip() + "\n")
            sys.stdout.flush()


async def _in_place(layout: tables.Layout, rows: list[JSON], events: AsyncIterator[JSON]) -> None:
    """A table that changes where it stands; ages grow while nothing happens."""
    from rich.console import Console
    from rich.live import Live

    held = {_key(row): row for row in rows}

    with Live(console=Console(), auto_refresh=False) as live:

        def show() -> None:
            ordered = sorted(held.values(), key=_order)
            now = dt.datetime.now(dt.UTC)
            live.update(tables.rich_table(layout.header(), [_aged(layout, row, now) for row in ordered]), refresh=True)

        async def tick() -> None:
            while True:
                await asyncio.sleep(1)
                show()

        show()
        ticking = asyncio.create_task(tick())
        try:
            async for event in events:
                for row in event["object"].get("rows") or ():
                    if event["type"] == "DELETED":
                        held.pop(_key(row), None)
                    else:
                        held[_key(row)] = row
                show()
        finally:
            ticking.cancel()


def _aged(layout: tables.Layout, row: JSON, now: dt.datetime) -> list[str]:
    """A row with its age as it is now, where the age is that of the object."""
    cells, header = layout.row(row), layout.header()
    created = _metadata(row).get("creationTimestamp")
    if created and header.count("AGE") == 1:
        cells[header.index("AGE")] = age(created, now)
    return cells


def _metadata(row: JSON) -> JSON:
    return (row.get("object") or {}).get("metadata") or {}


def _order(row: JSON) -> tuple[str, str]:
    metadata = _metadata(row)
    return str(metadata.get("namespace", "")), str(metadata.get("name", ""))


def _key(row: JSON) -> str:
    return str(_metadata(row).get("uid") or row["cells"][0])
