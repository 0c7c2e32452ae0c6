"""`pw replace`: put manifests in place of what is there, whoever set it."""

from __future__ import annotations

import sys
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.cli import blaming, errors, manifests
from podwright.cli.naming import DRY_RUN, shown
from podwright.cli.parameters import MANIFESTS, filename
from podwright.cli.requests import call, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError

JSON = dict[str, Any]
Query = list[tuple[str, str]]


@click.command("replace")
@filename(MANIFESTS, required=True)
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@click.option("--force", is_flag=True, help="Delete what is there and create it anew.")
@click.option("--dry-run", type=click.Choice(["none", "server"]), default="none", help="Try, change nothing.")
@api_command
async def replace(session: Session, filename: tuple[str, ...], recursive: bool, force: bool, dry_run: str) -> None:
    """Replace whole objects. A metadata.resourceVersion in a manifest must still be the current one."""
    query: Query = [("fieldManager", "pw"), ("fieldValidation", "Strict")]
    query += [("dryRun", "All")] if dry_run == "server" else []
    failed = False
    for document in manifests.read(filename, recursive=recursive):
        resource = None
        try:
            resource = await manifests.resource_of(session.transport, document)
            put = _anew if force and dry_run == "none" else _replace
            await put(session, resource, document.data, query)
        except (ApiError, TransportError, errors.CliError) as e:
            click.echo(blaming.text(e, "replacing", document, resource), err=True)
            failed = True
            continue
        click.echo(f"{shown(resource, document.name)} replaced{DRY_RUN[dry_run]}")
    if failed:
        sys.exit(1)


async def _replace(session: Session, resource: Resource, manifest: JSON, query: Query) -> None:
    name = str(manifest["metadata"]["name"])
    path = resource.path(namespace_of(session, resource, manifest), name)
    version = manifest["metadata"].get("resourceVersion")
    if not version:
        version = (await call(session, "GET", path))["metadata"]["resourceVersion"]
    body = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
    await call(session, "PUT", path, body, query=query)


async def _anew(session: Session, resource: Resource, manifest: JSON, query: Query) -> None:
    from podwright.cli.cmd_delete import Victim, gone

    namespace = namespace_of(session, resource, manifest)
    victim = Victim(resource, namespace, str(manifest["metadata"]["name"]))
    try:
        await call(session, "DELETE", victim.path)
        await gone(session, victim, "")
    except ApiError as e:
        if e.code != 404:
            raise
    await call(session, "POST", resource.path(namespace), manifest, query=query)
