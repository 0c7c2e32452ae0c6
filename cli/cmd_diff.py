"""`pw diff`: what `pw apply` would change, as the server would have it; or what has changed since a moment."""

from __future__ import annotations

import difflib
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.cli import blaming, errors, manifests
from podwright.cli.applying import LAST_APPLIED, client_side
from podwright.cli.errors import CliError
from podwright.cli.moments import AT, moment
from podwright.cli.naming import resolve, shown
from podwright.cli.output import printing
from podwright.cli.parameters import MANIFESTS, filename, what
from podwright.cli.requests import call, exists, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError

JSON = dict[str, Any]


@click.command("diff")
@what()
@filename(MANIFESTS)
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@AT
@api_command
async def diff(session: Session, what: tuple[str, ...], filename: tuple[str, ...], recursive: bool, at: str) -> None:
    """What `apply -f` would change; with --at, what has changed since then.

    \b
    Examples:  pw diff -f web.yaml
               pw diff deploy/web --at -5m
               pw diff cm --at 2006-01-02T15:04:05Z

    Exit status 0: nothing differs, 1: something does, 2: it cannot be told.
    """
    if bool(filename) == bool(what) or bool(what) != bool(at):
        raise CliError("give manifests with -f, or objects (TYPE, TYPE NAME..., TYPE/NAME...) with --at")
    compare = _with_manifests(session, filename, recursive=recursive) if filename else _with_then(session, what, at)
    changed = failed = False
    async for lines in compare:
        failed = failed or lines is None
        for line in lines or ():
            changed = True
            click.echo(click.style(line, fg=_COLOURS.get(line[:1])))
    if failed or changed:
        sys.exit(2 if failed else 1)


async def _with_manifests(
    session: Session, filename: tuple[str, ...], *, recursive: bool
) -> AsyncIterator[Iterable[str] | None]:
    """The changes that applying each document would make; None for one that cannot be compared."""
    query = [("fieldManager", "pw"), ("fieldValidation", "Strict"), ("dryRun", "All")]
    for document in manifests.read(filename, recursive=recursive):
        resource = None
        try:
            resource = await manifests.resource_of(session.transport, document)
            path = resource.path(namespace_of(session, resource, document.data), document.name)
            before = await exists(session, path)
            after, done = await client_side(session, resource, document.data, query, send=True)
        except (ApiError, TransportError, CliError) as e:
            click.echo(blaming.text(e, "comparing", document, resource), err=True)
            yield None
            continue
        if done != "unchanged":
            yield _compare(shown(resource, document.name), before, after, "live", "applied")


async def _with_then(session: Session, what: Sequence[str], at: str) -> AsyncIterator[Iterable[str] | None]:
    """The changes of each object since a moment; objects that came or went are all new or all old."""
    query = moment(at)
    for target in await resolve(session.transport, what):
        resource, place = target.resource, target.seen_from(session)
        namespace = namespace_of(place, resource)
        try:
            then, now = [await _named(place, resource.path(namespace), target.names, q) for q in (query, [])]
        except (ApiError, TransportError) as e:
            click.echo(errors.text(e), err=True)
            yield None
            continue
        for name in sorted({*then, *now}):
            yield _compare(shown(resource, name), then.get(name), now.get(name), at, "now")
        for name in target.names:
            if name not in then and name not in now:
                click.echo(f"Error: {shown(resource, name)} was not there at {at} and is not there now", err=True)
                yield None


async def _named(session: Session, path: str, names: Sequence[str], query: list[tuple[str, str]]) -> dict[str, JSON]:
    """The objects of a collection by name: all, or those that are named."""
    items: list[JSON] = (await call(session, "GET", path, query=query))["items"]
    found = {str(item["metadata"]["name"]): item for item in items}
    return {name: item for name, item in found.items() if not names or name in names}


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _compare(name: str, before: JSON | None, after: JSON | None, then: str, now: str) -> Iterable[str]:
    """Lines of a unified diff; what apply notes for itself is left out."""
    yaml = printing.printer("yaml")
    old, new = (yaml(_plain(obj)).splitlines() if obj else [] for obj in (before, after))
    return difflib.unified_diff(old, new, f"{then}/{name}", f"{now}/{name}", lineterm="")


def _plain(obj: JSON) -> JSON:
    metadata: JSON = dict(obj["metadata"])
    annotations = {k: v for k, v in (metadata.pop("annotations", None) or {}).items() if k != LAST_APPLIED}
    noise = ("resourceVersion", "generation", "uid", "creationTimestamp")
    kept = {k: v for k, v in metadata.items() if k not in noise}
    return {**obj, "metadata": {**kept, **({"annotations": annotations} if annotations else {})}}
