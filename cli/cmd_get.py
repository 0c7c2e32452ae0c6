"""`pw get`: objects as tables (the server prints them), or in another form; with -w it follows changes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.cli import errors, manifests
from podwright.cli.errors import CliError
from podwright.cli.naming import Target, one, resolve, shown
from podwright.cli.output import printing, tables
from podwright.cli.output.jsonpath import find
from podwright.cli.requests import refusal
from podwright.cli.selecting import TABLE, Options, fetch
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request, TransportError

JSON = dict[str, Any]


@click.command("get", short_help="Show objects.")
@click.argument("what", nargs=-1)
@click.option("-f", "--filename", multiple=True, help="Show the objects that these manifests name.")
@click.option("-o", "--output", default="", help=f"Form: {printing.FORMATS}.")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", default="", help="Only objects with these labels: app=web,tier!=db.")
@click.option("--field-selector", default="", help="Only objects with these fields: status.phase=Running.")
@click.option("-w", "--watch", is_flag=True, help="Then follow changes.")
@click.option("--watch-only", is_flag=True, help="Follow changes without showing what is there.")
@click.option("--show-labels", is_flag=True, help="Labels as the last column.")
@click.option("-L", "--label-columns", multiple=True, help="These labels as columns.")
@click.option("--sort-by", default="", help="Sort by a field: .metadata.creationTimestamp.")
@click.option("--no-headers", is_flag=True, help="Without column titles.")
@click.option("--ignore-not-found", is_flag=True, help="A missing object is no error.")
@click.option("--subresource", default="", help="Show a subresource: status, scale.")
@click.option("--raw", default="", help="GET this path and print the answer.")
@api_command
async def get(
    session: Session,
    what: tuple[str, ...],
    filename: tuple[str, ...],
    watch: bool,
    watch_only: bool,
    raw: str,
    label_columns: tuple[str, ...],
    **select: Any,
) -> None:
    """Show objects: TYPE, TYPE NAME..., TYPE/NAME..., several types as pods,services, or `all`.

    Examples:  pw get pods -o wide    pw get pods -A -w    pw get deploy/web -o yaml
    """
    if raw:
        await _raw(session, raw)
        return
    columns = tuple(c for given in label_columns for c in given.split(","))
    options = Options(label_columns=columns, **select)
    if not options.as_table:
        printing.printer(options.output)  # an unknown format is refused before anything is sent
    targets = await _targets(session, what, filename)
    if watch or watch_only:
        from podwright.cli.watching import follow

        if len(targets) != 1:
            raise CliError("you may only specify a single resource type with --watch")
        await follow(session, targets[0], options, only_changes=watch_only)
    elif options.as_table:
        await _tables(session, targets, options, mixed=len(targets) > 1)
    else:
        await _objects(session, targets, options)


async def _targets(session: Session, what: Sequence[str], filename: Sequence[str]) -> list[Target]:
    if not filename:
        return await resolve(session.transport, what)
    found: dict[Resource, list[str]] = {}
    for document in manifests.read(filename):
        group, _, _ = str(document.data["apiVersion"]).rpartition("/")
        kind = f"{document.kind}.{group}" if group else document.kind
        found.setdefault(await one(session.transport, kind), []).append(document.name)
    return [Target(resource, tuple(names)) for resource, names in found.items()]


async def _raw(session: Session, path: str) -> None:
    path, _, query = path.partition("?")
    pairs = tuple((k, v) for k, _, v in (p.partition("=") for p in query.split("&") if p))
    answer = await session.transport.request(Request("GET", path, pairs))
    if answer.status >= 400:
        raise refusal(answer.status, answer.body)
    sys.stdout.buffer.write(answer.body)


async def _tables(session: Session, targets: Sequence[Target], options: Options, *, mixed: bool) -> None:
    failed, printed = 0, 0
    for target in targets:
        resource = target.resource
        rows: list[JSON] = []
        definitions: Sequence[Mapping[str, Any]] = []
        for name in target.names or (None,):
            try:
                table = await fetch(session, resource, options, name, TABLE)
            except ApiError as e:
                if not (options.ignore_not_found and e.code == 404):
                    click.echo(errors.text(e), err=True)
                    failed += 1
                continue
            definitions = definitions or table.get("columnDefinitions") or []
            rows += table.get("rows") or []
        if not rows:
            continue
        layout = tables.Layout(
            definitions,
            wide=options.output == "wide",
            with_namespace=options.all_namespaces and resource.namespaced,
            show_labels=options.show_labels,
            label_columns=options.label_columns,
        )
        if options.sort_by:
            rows.sort(key=lambda row: _sort_key(row.get("object") or {}, options.sort_by))
        prefix = shown(resource, "") if mixed else ""
        if printed:
            click.echo()
        tables.show(layout.header(), [layout.row(row, prefix) for row in rows], with_header=not options.no_headers)
        printed += 1
    if failed:
        sys.exit(1)
    if not printed and not options.ignore_not_found:
        anywhere = options.all_namespaces or not targets[0].resource.namespaced
        click.echo("No resources found" + ("" if anywhere else f" in {session.namespace} namespace."), err=True)


def _sort_key(obj: Mapping[str, Any], path: str) -> tuple[int, Any]:
    values = find(path, obj)
    value = values[0] if values else ""
    return (0, value) if isinstance(value, int | float) else (1, str(value))


async def _objects(session: Session, targets: Sequence[Target], options: Options) -> None:
    failed = 0
    found: list[JSON] = []
    single = len(targets) == 1 and len(targets[0].names) == 1
    for target in targets:
        for name in target.names or (None,):
            try:
                got = await fetch(session, target.resource, options, name, "application/json")
            except (ApiError, TransportError) as e:
                if not (options.ignore_not_found and isinstance(e, ApiError) and e.code == 404):
                    click.echo(errors.text(e), err=True)
                    failed += 1
                continue
            api_version, kind = target.resource.api_version, target.resource.kind
            found += [got] if name else [{"apiVersion": api_version, "kind": kind, **item} for item in got["items"]]
    if options.sort_by:
        found.sort(key=lambda obj: _sort_key(obj, options.sort_by))
    if found or not failed:
        whole = (
            found[0]
            if single and found
            else {"apiVersion": "v1", "items": found, "kind": "List", "metadata": {"resourceVersion": ""}}
        )
        if found or not (single and options.ignore_not_found):
            sys.stdout.write(printing.printer(options.output)(whole))
    if failed:
        sys.exit(1)
