"""`pw version`: ours and the server's."""

from __future__ import annotations

from importlib.metadata import version as installed

import click

from podwright.cli.requests import call
from podwright.cli.session import Session, api_command


@click.command("version")
@click.option("--client", is_flag=True, help="Only ours; asks no server.")
@click.pass_context
def version(ctx: click.Context, client: bool) -> None:
    """The version of this program and of the server."""
    click.echo(f"Client Version: v{installed('podwright')}")
    if not client:
        ctx.invoke(_server, kubeconfig=None, context=None, namespace=None)


@api_command
async def _server(session: Session) -> None:
    found = await call(session, "GET", "/version")
    click.echo(f"Server Version: {found['gitVersion']}")
