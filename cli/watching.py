"""`get -w`: on a terminal a table that changes in place, elsewhere one line a change, as scripts expect."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.cli.errors import CliError
from podwright.cli.naming import Target
from podwright.cli.output import printing, tables
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
                    if event["type"] != "BOOKMARK":
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
    rows: dict[str, list[str]] = {_key(row): layout.row(row) for row in first.get("rows") or ()}
    events = _events(session, target, options, name, version, TABLE)
    if not sys.stdout.isatty():
        shown = [] if only_changes else list(rows.values())
        header = [] if options.no_headers else [layout.header()]
        sys.stdout.write(tables.text([*header, *shown]))
        sys.stdout.flush()
        widths = [max(map(len, column)) for column in zip(layout.header(), *rows.values(), strict=True)]
        async for event in events:
            for row in event["object"].get("rows") or ():
                cells = layout.row(row)
                sys.stdout.write("   ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip() + "\n")
                sys.stdout.flush()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(soft_wrap=False), auto_refresh=False) as live:
        live.update(tables.rich_table(layout.header(), list(rows.values())), refresh=True)
        async for event in events:
            for row in event["object"].get("rows") or ():
                if event["type"] == "DELETED":
                    rows.pop(_key(row), None)
                else:
                    rows[_key(row)] = layout.row(row)
            live.update(tables.rich_table(layout.header(), list(rows.values())), refresh=True)


def _key(row: JSON) -> str:
    metadata = (row.get("object") or {}).get("metadata") or {}
    return str(metadata.get("uid") or row["cells"][0])
