"""`pw get`: objects as tables (the server prints them), or in another form; with -w it follows changes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.jsonpath import find
from podwright.cli import errors
from podwright.cli.errors import CliError
from podwright.cli.moments import AT
from podwright.cli.naming import Target, resolve, shown
from podwright.cli.output import printing, tables
from podwright.cli.parameters import filename, output, what
from podwright.cli.requests import refusal
from podwright.cli.selecting import TABLE, Options, fetch
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request, TransportError

JSON = dict[str, Any]


@click.command("get")
@what()
@filename("Show the objects that these manifests name.")
@output(f"Form: {printing.FORMATS}.")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", default="", help="Only objects with these labels: app=web,tier!=db.")
@click.option("--field-selector", default="", help="Only objects with these fields: status.phase=Running.")
@click.option("-w", "--watch", is_flag=True, help="Then follow changes.")
@click.option("--watch-only", is_flag=True, help="Follow changes without showing what is there.")
@click.option("--show-labels", is_flag=True, help="Labels as the last column.")
@click.option("-L", "--label-columns", multiple=True, help="These labels as columns.")
@click.option("--sort-by", default="", help="Sort by a field: .metadata.creationTimestamp.")
@click.option("--show-kind", is_flag=True, help="The type before each name.")
@click.option("--show-managed-fields", is_flag=True, help="With who manages which field (json, yaml).")
@click.option("--no-headers", is_flag=True, help="Without column titles.")
@click.option("--ignore-not-found", is_flag=True, help="A missing object is no error.")
@click.option("--subresource", default="", help="Show a subresource: status, scale.")
@click.option("--chunk-size", type=int, default=500, help="How many objects to ask for at a time; 0: all at once.")
@AT
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
    show_kind: bool,
    show_managed_fields: bool,
    **select: Any,
) -> None:
    """Show objects: TYPE, TYPE NAME..., TYPE/NAME..., several types as pods,services, or `all`.

    \b
    Examples:  pw get pods -o wide
               pw get pods -A -w
               pw get deploy/web -o yaml
               pw get pods --at -5m
    """
    if raw:
        await _raw(session, raw)
        return
    columns = tuple(c for given in label_columns for c in given.split(","))
    options = Options(label_columns=columns, **select)
    if options.as_table:
        show = None
    else:  # an unknown format is refused before anything is sent
        show = printing.printer(options.output, managed_fields=show_managed_fields, headers=not options.no_headers)
    targets = await _targets(session, what, filename)
    if watch or watch_only:
        from podwright.cli.watching import follow

        if options.at:
            raise CliError("--at shows one moment: it cannot be followed with --watch")
        if len(targets) != 1:
            raise CliError("you may only specify a single resource type with --watch")
        await follow(session, targets[0], options, show, only_changes=watch_only)
    elif show is None:
        await _tables(session, targets, options, with_kind=show_kind or len(targets) > 1)
    else:
        await _objects(session, targets, options, show)


async def _targets(session: Session, what: Sequence[str], filename: Sequence[str]) -> list[Target]:
    if not filename:
        return await resolve(session.transport, what)
    from podwright.cli import manifests

    return await manifests.targets(session, filename)


async def _raw(session: Session, path: str) -> None:
    path, _, query = path.partition("?")
    pairs = tuple((k, v) for k, _, v in (p.partition("=") for p in query.split("&") if p))
    answer = await session.transport.request(Request("GET", path, pairs))
    if answer.status >= 400:
        raise refusal(answer.status, answer.body)
    sys.stdout.buffer.write(answer.body)


async def _tables(session: Session, targets: Sequence[Target], options: Options, *, with_kind: bool) -> None:
    failed: list[str] = []
    printed = 0
    for target in targets:
        resource, place = target.resource, target.seen_from(session)
        rows: list[JSON] = []
        definitions: Sequence[Mapping[str, Any]] = []
        for name in target.names or (None,):
            try:
                table = await fetch(place, resource, options, name, TABLE)
            except ApiError as e:
                if not (options.ignore_not_found and e.code == 404):
                    failed.append(errors.text(e))
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
        prefix = shown(resource, "") if with_kind else ""
        if printed and not options.no_headers:
            click.echo()
        tables.show(layout.header(), [layout.row(row, prefix) for row in rows], with_header=not options.no_headers)
        printed += 1
    _end(failed)
    if not printed and not options.ignore_not_found:
        anywhere = options.all_namespaces or not targets[0].resource.namespaced
        click.echo("No resources found" + ("" if anywhere else f" in {session.namespace} namespace."), err=True)


def _sort_key(obj: Mapping[str, Any], path: str) -> tuple[int, Any]:
    values = find(path, obj)
    value = values[0] if values else ""
    return (0, value) if isinstance(value, int | float) else (1, str(value))


def _end(failed: Sequence[str]) -> None:
    """Say what could not be had after what could."""
    for text in failed:
        click.echo(text, err=True)
    if failed:
        sys.exit(1)


async def _objects(session: Session, targets: Sequence[Target], options: Options, show: printing.Printer) -> None:
    failed: list[str] = []
    found: list[JSON] = []
    single = len(targets) == 1 and len(targets[0].names) == 1
    for target in targets:
        for name in target.names or (None,):
            try:
                got = await fetch(target.seen_from(session), target.resource, options, name, "application/json")
            except (ApiError, TransportError) as e:
                if not (options.ignore_not_found and isinstance(e, ApiError) and e.code == 404):
                    failed.append(errors.text(e))
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
            sys.stdout.write(show(whole))
    _end(failed)
