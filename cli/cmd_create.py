"""`pw create`: make the objects of manifests; an existing one is an error."""

from __future__ import annotations

import sys
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.cli import blaming, errors, manifests
from podwright.cli.naming import DRY_RUN, shown
from podwright.cli.output import printing
from podwright.cli.parameters import MANIFESTS, filename, output, what
from podwright.cli.requests import call, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError

JSON = dict[str, Any]


@click.command("create")
@what()
@filename(MANIFESTS)
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@click.option("--image", multiple=True, help="For a deployment: the image of its container.")
@click.option("--replicas", type=int, default=1, help="For a deployment.")
@click.option("--from-literal", multiple=True, help="For a configmap or secret: key=value.")
@click.option("--from-file", multiple=True, help="For a configmap or secret: [key=]path.")
@click.option("--schedule", default="", help="For a cronjob: when, such as '0 3 * * *'.")
@click.option("--restart", type=click.Choice(["Never", "OnFailure"]), help="For a job or cronjob.")
@click.option("--from", "source", default="", help="For a job: the cronjob to start now, as cronjob/NAME.")
@click.option("--dry-run", type=click.Choice(["none", "client", "server"]), default="none", help="Try, change nothing.")
@output("Print the objects: json, yaml, name ...")
@api_command
async def create(
    session: Session,
    what: tuple[str, ...],
    filename: tuple[str, ...],
    recursive: bool,
    dry_run: str,
    output: str,
    **parts: Any,
) -> None:
    """Create what manifests say, or one object by name.

    pw create -f FILE | namespace NAME | deployment NAME --image I | configmap NAME --from-literal k=v |
    secret generic NAME --from-literal k=v | serviceaccount NAME |
    job NAME --image I -- COMMAND | job NAME --from cronjob/NAME | cronjob NAME --image I --schedule S -- COMMAND
    """
    source: str = parts.pop("source")
    if filename:
        documents = manifests.read(filename, recursive=recursive)
    elif source:
        documents = [manifests.Document(await _started(session, what, source), "", 0)]
    else:
        from podwright.cli.generating import generate

        documents = [manifests.Document(generate(what, parts), "", 0)]
    query = [("fieldManager", "pw"), ("fieldValidation", "Strict")]
    if dry_run == "server":
        query.append(("dryRun", "All"))
    failed = 0
    for document in documents:
        resource = None
        try:
            resource = await manifests.resource_of(session.transport, document)
            path = resource.path(namespace_of(session, resource, document.data))
            obj = (
                document.data if dry_run == "client" else await call(session, "POST", path, document.data, query=query)
            )
        except (ApiError, TransportError, errors.CliError) as e:
            click.echo(blaming.text(e, "creating", document, resource) if filename else errors.text(e), err=True)
            failed += 1
            continue
        if output:
            sys.stdout.write(printing.printer(output)(obj))
        else:
            click.echo(f"{shown(resource, obj['metadata']['name'])} created{DRY_RUN[dry_run]}")
    if failed:
        sys.exit(1)


async def _started(session: Session, what: tuple[str, ...], source: str) -> JSON:
    """The Job of a CronJob, to be started now. Raises CliError, ApiError."""
    from podwright.api.resources import find
    from podwright.cli.generating import job_of

    kind, _, name = source.partition("/")
    if len(what) != 2 or what[0] != "job" or kind not in {"cronjob", "cronjobs", "cj", "cronjobs.batch"} or not name:
        msg = "--from takes a cronjob: pw create job NAME --from cronjob/NAME"
        raise errors.CliError(msg)
    cron_jobs = find("cronjobs", "batch")
    return job_of(await call(session, "GET", cron_jobs.path(namespace_of(session, cron_jobs), name)), what[1])
