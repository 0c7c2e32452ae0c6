"""`pw cluster-info`: where the control plane answers, and whether it is well."""

from __future__ import annotations

import click

from podwright.api.resources import find
from podwright.cli.requests import call
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request


@click.command("cluster-info")
@api_command
async def cluster_info(session: Session) -> None:
    """The server's address, its health and the number of Ready nodes."""
    answer = await session.transport.request(Request("GET", "/readyz"))
    state = "ready" if answer.status == 200 else f"not ready ({answer.body.decode(errors='replace').strip()})"
    click.echo(f"Control plane is running at {session.server}, {state}")
    nodes = (await call(session, "GET", find("nodes").path()))["items"]
    ready = sum(
        any(c["type"] == "Ready" and c["status"] == "True" for c in (n.get("status") or {}).get("conditions") or ())
        for n in nodes
    )
    click.echo(f"Nodes: {ready} of {len(nodes)} Ready")
