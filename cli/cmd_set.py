"""`pw set`: change the part of a workload that is changed most."""

from __future__ import annotations

from typing import Any

import click

from podwright.cli.errors import CliError
from podwright.cli.naming import Target, resolve, shown
from podwright.cli.parameters import what
from podwright.cli.requests import STRATEGIC, call, namespace_of
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]


@click.group("set")
def set_() -> None:
    """Change a workload's parts."""


@set_.command("image", short_help="Change containers' images.")
@what("deployments", "replicasets", "pods")
@api_command
async def image(session: Session, what: tuple[str, ...]) -> None:
    """TYPE/NAME CONTAINER=IMAGE...; * stands for all containers.

    Example:  pw set image deploy/simpleserver server=podwright.dev/simpleserver:2
    """
    changes = dict(word.split("=", 1) for word in what if "=" in word)
    if not changes:
        raise CliError("at least one CONTAINER=IMAGE is required")
    named = [word for word in what if "=" not in word]
    for target in await resolve(session.transport, named, need_names=True):
        for name in target.names:
            await _set(session, target, name, changes)


async def _set(session: Session, target: Target, name: str, changes: dict[str, str]) -> None:
    resource = target.resource
    path = resource.path(namespace_of(session, resource), name)
    obj = await call(session, "GET", path)
    in_template = "template" in (obj.get("spec") or {})
    spec: JSON = obj["spec"]["template"]["spec"] if in_template else obj.get("spec") or {}
    keys = ("containers", "initContainers")
    held = {c["name"]: c["image"] for key in keys for c in spec.get(key) or ()}
    for container in changes:
        if container != "*" and container not in held:
            msg = f'unable to find container named "{container}" in {shown(resource, name)}; it has {", ".join(held)}'
            raise CliError(msg)
    wanted = {n: changes.get(n, changes.get("*", image)) for n, image in held.items()}
    if wanted == held:
        return
    lists = {key: [{"name": c["name"], "image": wanted[c["name"]]} for c in spec.get(key) or ()] for key in keys}
    change: JSON = {key: value for key, value in lists.items() if value}
    patch = {"spec": {"template": {"spec": change}} if in_template else change}
    await call(session, "PATCH", path, patch, query=[("fieldManager", "pw")], content_type=STRATEGIC)
    click.echo(f"{shown(resource, name)} image updated")
