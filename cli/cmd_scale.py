"""`pw scale`: set the number of replicas."""

from __future__ import annotations

import click

from podwright.cli.errors import CliError
from podwright.cli.naming import shown
from podwright.cli.parameters import what
from podwright.cli.requests import MERGE, call, namespace_of
from podwright.cli.selecting import chosen
from podwright.cli.session import Session, api_command


@click.command("scale")
@what("deployments", "replicasets", "statefulsets", "replicationcontrollers")
@click.option("--replicas", type=click.IntRange(min=0), required=True, help="The wanted number.")
@click.option("-l", "--selector", default="", help="All objects of the type with these labels.")
@click.option("--all", "everything", is_flag=True, help="All objects of the type in the namespace.")
@click.option("--current-replicas", type=int, default=-1, help="Only if this is the number now.")
@api_command
async def scale(
    session: Session, what: tuple[str, ...], replicas: int, current_replicas: int, selector: str, everything: bool
) -> None:
    """Example:  pw scale deployment simpleserver --replicas 10"""
    for target in await chosen(session, what, selector, everything=everything):
        resource = target.resource
        if "scale" not in resource.subresources:
            msg = f"cannot scale {resource.plural}: they have no replicas of their own; scale what owns them"
            raise CliError(msg)
        for name in target.names:
            path = resource.path(namespace_of(session, resource), name, "scale")
            patch: dict[str, dict[str, object]] = {"spec": {"replicas": replicas}}
            if current_replicas >= 0:
                current = await call(session, "GET", path)
                found = int((current.get("spec") or {}).get("replicas", 0))
                if found != current_replicas:
                    msg = f"Expected replicas to be {current_replicas}, was {found}"
                    raise CliError(msg)
                patch["metadata"] = {"resourceVersion": current["metadata"]["resourceVersion"]}
            await call(session, "PATCH", path, patch, content_type=MERGE)
            click.echo(f"{shown(resource, name)} scaled")
