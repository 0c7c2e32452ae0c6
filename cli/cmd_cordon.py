"""`pw cordon` and `pw uncordon`: keep new pods off a node, or let them on it again."""

from __future__ import annotations

import click

from podwright.api.resources import find
from podwright.cli.naming import shown
from podwright.cli.parameters import NODES
from podwright.cli.requests import MERGE, call
from podwright.cli.session import Session, api_command


@click.command("cordon")
@NODES
@api_command
async def cordon(session: Session, nodes: tuple[str, ...]) -> None:
    """Mark nodes as unschedulable; pods that run there stay."""
    await mark(session, nodes, "cordoned", unschedulable=True)


@click.command("uncordon")
@NODES
@api_command
async def uncordon(session: Session, nodes: tuple[str, ...]) -> None:
    """Mark nodes as schedulable."""
    await mark(session, nodes, "uncordoned", unschedulable=False)


async def mark(session: Session, nodes: tuple[str, ...], done: str, *, unschedulable: bool) -> None:
    """Cordon or uncordon nodes, saying so."""
    resource = find("nodes")
    for name in nodes:
        path = resource.path(None, name)
        node = await call(session, "GET", path)
        if bool(node["spec"].get("unschedulable")) == unschedulable:
            click.echo(f"{shown(resource, name)} already {done}")
            continue
        patch = {"spec": {"unschedulable": True if unschedulable else None}}
        await call(session, "PATCH", path, patch, content_type=MERGE)
        click.echo(f"{shown(resource, name)} {done}")
