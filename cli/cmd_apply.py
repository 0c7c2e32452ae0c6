"""`pw apply`: make the cluster have what the manifests say, changing only what they own."""

from __future__ import annotations

import sys

import click

from podwright.api.errors import ApiError
from podwright.cli import blaming, errors, manifests
from podwright.cli.applying import client_side, on_server
from podwright.cli.naming import DRY_RUN, shown
from podwright.cli.output import printing
from podwright.cli.parameters import MANIFESTS, filename, output
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError


@click.command("apply")
@filename(MANIFESTS, required=True)
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@click.option("--dry-run", type=click.Choice(["none", "client", "server"]), default="none", help="Try, change nothing.")
@click.option("--validate", type=click.Choice(["strict", "warn", "ignore"]), default="strict", help="Unknown fields.")
@click.option("--server-side", is_flag=True, help="Let the server merge (field ownership).")
@click.option("--force-conflicts", is_flag=True, help="With --server-side: take fields over from other managers.")
@click.option("--field-manager", default="pw", help="Name of the manager of the fields that are set.")
@output("Print the objects: json, yaml, name ...")
@api_command
async def apply(
    session: Session,
    filename: tuple[str, ...],
    recursive: bool,
    dry_run: str,
    validate: str,
    server_side: bool,
    force_conflicts: bool,
    field_manager: str,
    output: str,
) -> None:
    """Create or change objects so that they are as the manifests say.

    Example:  pw apply -f manifests/examples/simpleserver.yaml
    """
    query = [("fieldManager", field_manager), ("fieldValidation", validate.capitalize())]
    if dry_run == "server":
        query.append(("dryRun", "All"))
    failed = 0
    for document in manifests.read(filename, recursive=recursive):
        resource = None
        try:
            resource = await manifests.resource_of(session.transport, document)
            if server_side:
                extra = [("force", "true")] if force_conflicts else []
                obj, done = await on_server(session, resource, document.data, [*query, *extra]), "serverside-applied"
            else:
                obj, done = await client_side(session, resource, document.data, query, send=dry_run != "client")
        except (ApiError, TransportError, errors.CliError) as e:
            click.echo(blaming.text(e, "applying", document, resource), err=True)
            failed += 1
            continue
        suffix = DRY_RUN[dry_run]
        name = str((obj.get("metadata") or {}).get("name") or document.name)
        if output:
            sys.stdout.write(printing.printer(output)(obj))
        else:
            click.echo(f"{shown(resource, name)} {done}{suffix}")
    if failed:
        sys.exit(1)
