"""`pw certificate`: decide about signing requests."""

from __future__ import annotations

from typing import Any

import click

from podwright.api.resources import find
from podwright.cli.errors import CliError
from podwright.cli.naming import shown
from podwright.cli.parameters import completer
from podwright.cli.requests import call
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]

_VERBS = {"Approved": "approve", "Denied": "deny"}
_NAMES = click.argument(
    "names", nargs=-1, required=True, shell_complete=completer("names", "certificatesigningrequests")
)


@click.group("certificate")
def certificate() -> None:
    """Approve and deny signing requests."""


@certificate.command("approve")
@_NAMES
@api_command
async def approve(session: Session, names: tuple[str, ...]) -> None:
    """Let a signer answer requests."""
    await _decide(session, names, "Approved")


@certificate.command("deny")
@_NAMES
@api_command
async def deny(session: Session, names: tuple[str, ...]) -> None:
    """Refuse requests."""
    await _decide(session, names, "Denied")


async def _decide(session: Session, names: tuple[str, ...], decision: str) -> None:
    resource = find("certificatesigningrequests", "certificates.k8s.io")
    verb = _VERBS[decision]
    for name in names:
        request = await call(session, "GET", resource.path(None, name))
        conditions: list[JSON] = request["status"].setdefault("conditions", [])
        held = {condition["type"] for condition in conditions}
        if held & ({"Approved", "Denied"} - {decision}):
            msg = f"cannot change what was decided about {shown(resource, name)}: it is {', '.join(sorted(held))}"
            raise CliError(msg)
        if decision not in held:
            text = f"This CSR was {decision.lower()} by pw certificate {verb}."
            conditions.append({"type": decision, "status": "True", "reason": f"Pw{verb.capitalize()}", "message": text})
            await call(session, "PUT", resource.path(None, name, "approval"), request)
        click.echo(f"{shown(resource, name)} {decision.lower()}")
