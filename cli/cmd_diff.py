"""`pw diff`: what `pw apply` would change, as the server would have it."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.cli import blaming, errors, manifests
from podwright.cli.applying import LAST_APPLIED, client_side
from podwright.cli.naming import shown
from podwright.cli.output import printing
from podwright.cli.parameters import MANIFESTS, filename
from podwright.cli.requests import exists, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError

JSON = dict[str, Any]


@click.command("diff")
@filename(MANIFESTS, required=True)
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@api_command
async def diff(session: Session, filename: tuple[str, ...], recursive: bool) -> None:
    """Exit status 0: nothing would change, 1: something would, 2: it cannot be told."""
    query = [("fieldManager", "pw"), ("fieldValidation", "Strict"), ("dryRun", "All")]
    changed = failed = False
    for document in manifests.read(filename, recursive=recursive):
        resource = None
        try:
            resource = await manifests.resource_of(session.transport, document)
            path = resource.path(namespace_of(session, resource, document.data), document.name)
            before = await exists(session, path)
            after, done = await client_side(session, resource, document.data, query, send=True)
        except (ApiError, TransportError, errors.CliError) as e:
            click.echo(blaming.text(e, "comparing", document, resource), err=True)
            failed = True
            continue
        if done == "unchanged":
            continue
        lines = list(_compare(shown(resource, document.name), before, after))
        changed = changed or bool(lines)
        for line in lines:
            click.echo(click.style(line, fg=_COLOURS.get(line[:1])))
    if failed or changed:
        sys.exit(2 if failed else 1)


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _compare(name: str, before: JSON | None, after: JSON) -> Iterable[str]:
    """Lines of a unified diff; what apply notes for itself is left out."""
    yaml = printing.printer("yaml")
    old = yaml(_plain(before)).splitlines() if before else []
    new = yaml(_plain(after)).splitlines()
    return difflib.unified_diff(old, new, f"live/{name}", f"applied/{name}", lineterm="")


def _plain(obj: JSON) -> JSON:
    metadata: JSON = dict(obj["metadata"])
    annotations = {k: v for k, v in (metadata.pop("annotations", None) or {}).items() if k != LAST_APPLIED}
    noise = ("resourceVersion", "generation", "uid", "creationTimestamp")
    kept = {k: v for k, v in metadata.items() if k not in noise}
    return {**obj, "metadata": {**kept, **({"annotations": annotations} if annotations else {})}}
