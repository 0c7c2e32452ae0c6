"""`pw events`: what happened, oldest first."""

from __future__ import annotations

import datetime as dt
import sys

import click

from podwright.api.resources import find
from podwright.cli.describing.page import age, when
from podwright.cli.errors import CliError
from podwright.cli.naming import resolve
from podwright.cli.output import printing, tables
from podwright.cli.parameters import output
from podwright.cli.requests import call
from podwright.cli.selecting import Options
from podwright.cli.session import Session, api_command


@click.command("events")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces.")
@click.option("--for", "about", default="", help="Only about this object: pod/web-1.")
@click.option("--types", default="", help="Only Normal or Warning.")
@click.option("-w", "--watch", is_flag=True, help="Then follow what happens.")
@output("Form: json, yaml, name ...")
@click.option("--no-headers", is_flag=True, help="Without column titles.")
@api_command
async def events(
    session: Session, all_namespaces: bool, about: str, types: str, watch: bool, output: str, no_headers: bool
) -> None:
    """Events of the namespace, oldest first. `pw get events` shows them by name."""
    fields: list[str] = []
    if about:
        targets = await resolve(session.transport, [about])
        if len(targets[0].names) != 1:
            raise CliError("--for must be in resource/name form")
        fields += [f"involvedObject.kind={targets[0].resource.kind}", f"involvedObject.name={targets[0].names[0]}"]
    if types:
        fields.append(f"type={types.capitalize()}")
    resource = find("events")
    if watch:
        from podwright.cli.naming import Target
        from podwright.cli.watching import follow

        options = Options("", all_namespaces, "", ",".join(fields), False, (), "", no_headers, False, "")
        await follow(session, Target(resource), options, None, only_changes=False)
        return
    path = resource.path(None if all_namespaces else session.namespace)
    found = await call(session, "GET", path, query=[("fieldSelector", ",".join(fields))] if fields else [])
    if output:
        sys.stdout.write(printing.printer(output)(found))
        return
    now = dt.datetime.now(dt.UTC)
    rows = [
        [
            *([e["metadata"]["namespace"]] if all_namespaces else []),
            age(when(e), now),
            str(e.get("type", "")),
            str(e.get("reason", "")),
            f"{e['involvedObject'].get('kind', '')}/{e['involvedObject'].get('name', '')}",
            str(e.get("message", "")).strip(),
        ]
        for e in sorted(found["items"], key=when)
    ]
    if not rows:
        click.echo("No events found" + ("." if all_namespaces else f" in {session.namespace} namespace."), err=True)
        return
    header = [*(["NAMESPACE"] if all_namespaces else []), "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    tables.show(header, rows, with_header=not no_headers)
