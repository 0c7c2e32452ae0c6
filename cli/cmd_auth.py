"""`pw auth`: who one is to the server, and what one may do there."""

from __future__ import annotations

from typing import Any

import click

from podwright.api.resources import RESOURCES, find
from podwright.cli.output.tabwriter import align
from podwright.cli.requests import call
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]


@click.group("auth")
def auth() -> None:
    """Show who you are and what you may do."""


@auth.command("whoami")
@api_command
async def whoami(session: Session) -> None:
    """Show who you are to the server."""
    resource = find("selfsubjectreviews", "authentication.k8s.io")
    body = {"kind": resource.kind, "apiVersion": resource.api_version}
    answer = await call(session, "POST", resource.path(), body)
    info: JSON = answer["status"]["userInfo"]
    rows = [("ATTRIBUTE", "VALUE"), ("Username", info.get("username", ""))]
    rows += [("UID", info["uid"])] if info.get("uid") else []
    rows += [("Groups", _listed(info["groups"]))] if info.get("groups") else []
    rows += [(f"Extra: {key}", _listed(values)) for key, values in sorted((info.get("extra") or {}).items())]
    click.echo(align(["\t".join(row) for row in rows], padding=3), nl=False)


@auth.command("can-i")
@click.argument("verb")
@click.argument("what")
@click.argument("name", default="")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces at once.")
@click.option("--subresource", default="", help="A subresource such as log or scale.")
@click.option("-q", "--quiet", is_flag=True, help="Answer by the exit status alone.")
@api_command
async def can_i(
    session: Session, verb: str, what: str, name: str, *, all_namespaces: bool, subresource: str, quiet: bool
) -> None:
    """Example:  pw auth can-i create deployments"""
    resource = find("selfsubjectaccessreviews", "authorization.k8s.io")
    spec: JSON = {"nonResourceAttributes": {"verb": verb, "path": what}}
    if not what.startswith("/"):
        kind, _, inner = what.partition("/")
        spec = {"resourceAttributes": _attributes(verb, kind, name or inner, subresource)}
        if not all_namespaces:
            spec["resourceAttributes"]["namespace"] = session.namespace
    body = {"kind": resource.kind, "apiVersion": resource.api_version, "spec": spec}
    status = (await call(session, "POST", resource.path(), body))["status"]
    if not quiet:
        reason = f" - {status['reason']}" if status.get("reason") and not status["allowed"] else ""
        click.echo(("yes" if status["allowed"] else "no") + reason)
    if not status["allowed"]:
        raise click.exceptions.Exit(1)


def _attributes(verb: str, kind: str, name: str, subresource: str) -> JSON:
    """The question about a resource, by any of its names; one that is not known is asked about as it is."""
    plural, _, group = kind.partition(".")
    for row in RESOURCES:
        if kind in {row.plural, row.singular, *row.short_names}:
            plural, group = row.plural, row.group
            break
    asked = {"verb": verb, "group": group, "resource": plural, "name": name, "subresource": subresource}
    return {key: value for key, value in asked.items() if value}


def _listed(values: list[str]) -> str:
    return f"[{' '.join(values)}]"
