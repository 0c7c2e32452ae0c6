"""`pw api-resources` and `pw api-versions`: every type the server has, with its short names; their versions."""

from __future__ import annotations

import click

from podwright.cli.naming import discover, preferred
from podwright.cli.output import tables
from podwright.cli.session import Session, api_command


@click.command("api-versions")
@api_command
async def api_versions(session: Session) -> None:
    """Every group/version the server has."""
    for version in sorted({r.api_version for r in await discover(session.transport)}):
        click.echo(version)


@click.command("api-resources")
@click.option("--api-group", default=None, help="Only this group.")
@click.option("--namespaced/--not-namespaced", default=None, help="Only types that live in namespaces, or not.")
@click.option("-o", "--output", type=click.Choice(["", "name", "wide"]), default="", help="Form.")
@api_command
async def api_resources(session: Session, api_group: str | None, namespaced: bool | None, output: str) -> None:
    """Names, short names, API version, whether namespaced, kind."""
    rows = [
        r
        for r in sorted(preferred(await discover(session.transport)), key=lambda r: (r.group, r.plural))
        if (api_group is None or r.group == api_group) and (namespaced is None or r.namespaced == namespaced)
    ]
    if output == "name":
        for row in rows:
            click.echo(row.qualified)
        return
    header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", *(["VERBS"] if output == "wide" else [])]
    cells = [
        [r.plural, ",".join(r.short_names), r.api_version, str(r.namespaced).lower(), r.kind]
        + ([",".join(r.verbs)] if output == "wide" else [])
        for r in rows
    ]
    tables.show(header, cells)
