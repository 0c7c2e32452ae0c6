"""`pw delete`: remove objects, and wait until they are gone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.cli import errors, manifests
from podwright.cli.errors import CliError
from podwright.cli.naming import DRY_RUN, resolve
from podwright.cli.parameters import filename, what
from podwright.cli.requests import call, exists, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request, TransportError

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Victim:
    """An object to remove; `place`: where its manifest stands."""

    resource: Resource
    namespace: str | None
    name: str
    place: str = ""

    @property
    def path(self) -> str:
        """Its URL path."""
        return self.resource.path(self.namespace, self.name)


@click.command("delete")
@what()
@filename("Remove what these manifests name.")
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@click.option("-l", "--selector", default="", help="All objects of the type with these labels.")
@click.option("--field-selector", default="", help="All objects of the type with these fields.")
@click.option("--all", "everything", is_flag=True, help="All objects of the type in the namespace.")
@click.option("--grace-period", type=int, default=-1, help="Seconds a pod has to end by itself.")
@click.option("--now", is_flag=True, help="A grace period of one second.")
@click.option(
    "--force", is_flag=True, help="Do not wait for the node: the object goes at once (with --grace-period=0)."
)
@click.option(
    "--cascade", type=click.Choice(["background", "foreground", "orphan"]), default="background", help="Dependents."
)
@click.option("--wait/--no-wait", default=True, help="Return when the objects are gone.")
@click.option("--ignore-not-found", is_flag=True, help="A missing object is no error.")
@click.option("--dry-run", type=click.Choice(["none", "client", "server"]), default="none", help="Try, change nothing.")
@api_command
async def delete(
    session: Session,
    what: tuple[str, ...],
    filename: tuple[str, ...],
    recursive: bool,
    selector: str,
    field_selector: str,
    everything: bool,
    grace_period: int,
    now: bool,
    force: bool,
    cascade: str,
    wait: bool,
    ignore_not_found: bool,
    dry_run: str,
) -> None:
    """Remove objects: TYPE NAME..., TYPE/NAME..., -f FILE, TYPE -l LABELS, TYPE --all."""
    grace = 1 if now else 0 if force and grace_period < 0 else grace_period
    options: JSON = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": cascade.capitalize()}
    if grace >= 0:
        options["gracePeriodSeconds"] = grace
    if dry_run == "server":
        options["dryRun"] = ["All"]
    if force:
        click.echo("Warning: nothing waits for the containers to end; they may run on for a while", err=True)
    if filename:
        victims = await _of_manifests(session, filename, recursive=recursive)
    elif selector or field_selector or everything:
        victims = await _selected(session, what, selector, field_selector, everything=everything)
    else:
        victims = await _named(session, what)
    if not victims:
        click.echo("No resources found")
    removed, failed = await _remove(
        session,
        victims,
        options,
        ignore_not_found=ignore_not_found,
        send=dry_run != "client",
        done="force deleted" if force else "deleted",
        suffix=DRY_RUN[dry_run],
    )
    if wait and dry_run == "none" and not force:
        await asyncio.gather(*(gone(session, victim, uid) for victim, uid in removed))
    if failed:
        sys.exit(1)


async def _named(session: Session, what: Sequence[str]) -> list[Victim]:
    targets = await resolve(session.transport, what)
    if not all(t.names for t in targets):
        raise CliError("resource(s) were provided, but no name was specified; --all or -l select many")
    return [Victim(t.resource, namespace_of(session, t.resource), name) for t in targets for name in t.names]


async def _of_manifests(session: Session, filename: Sequence[str], *, recursive: bool) -> list[Victim]:
    victims: list[Victim] = []
    for document in manifests.read(filename, recursive=recursive):
        resource = await manifests.resource_of(session.transport, document)
        namespace = namespace_of(session, resource, document.data)
        victims.append(Victim(resource, namespace, document.name, document.place))
    return victims


async def _selected(
    session: Session, what: Sequence[str], labels: str, fields: str, *, everything: bool
) -> list[Victim]:
    if everything and (labels or fields):
        raise CliError("setting 'all' parameter but found a non empty selector")
    query = [(k, v) for k, v in (("labelSelector", labels), ("fieldSelector", fields)) if v]
    victims: list[Victim] = []
    for target in await resolve(session.transport, what):
        if target.names:
            raise CliError("name cannot be provided when a selector is specified")
        resource = target.resource
        found = await call(session, "GET", resource.path(namespace_of(session, resource)), query=query)
        victims += [Victim(resource, namespace_of(session, resource, i), i["metadata"]["name"]) for i in found["items"]]
    return victims


async def _remove(
    session: Session,
    victims: Sequence[Victim],
    options: JSON,
    *,
    ignore_not_found: bool,
    send: bool,
    done: str,
    suffix: str,
) -> tuple[list[tuple[Victim, str]], int]:
    removed: list[tuple[Victim, str]] = []
    failed = 0
    for victim in victims:
        try:
            if send:
                answer = await call(session, "DELETE", victim.path, options)
                uid = (answer.get("details") or {}).get("uid") or answer.get("metadata", {}).get("uid") or ""
                removed.append((victim, str(uid)))
            else:
                await call(session, "GET", victim.path)
        except (ApiError, TransportError) as e:
            if isinstance(e, ApiError) and e.code == 404 and ignore_not_found:
                continue
            click.echo(errors.text(e, f"deleting {victim.place}" if victim.place else ""), err=True)
            failed += 1
            continue
        resource = victim.resource
        kind = f"{resource.singular}.{resource.group}" if resource.group else resource.singular
        where = f" from {victim.namespace} namespace" if victim.namespace else ""
        click.echo(f'{kind} "{victim.name}" {done}{where}{suffix}')
    return removed, failed


async def gone(session: Session, victim: Victim, uid: str) -> None:
    """Return when no object of that uid is there any more; follows the object, no polling."""
    while True:
        current = await exists(session, victim.path)
        if current is None or (uid and current["metadata"]["uid"] != uid):
            return
        query = (
            ("watch", "1"),
            ("fieldSelector", f"metadata.name={victim.name}"),
            ("resourceVersion", current["metadata"]["resourceVersion"]),
        )
        stream = await session.transport.stream(Request("GET", victim.resource.path(victim.namespace), query))
        try:
            seen = b""
            async for chunk in stream:
                seen = seen[-64:] + chunk
                if b'"type":"DELETED"' in seen:
                    return
        finally:
            await stream.close()
