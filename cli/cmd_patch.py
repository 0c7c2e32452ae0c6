"""`pw patch`: change parts of an object by a patch given on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from podwright.cli.errors import CliError
from podwright.cli.naming import resolve, shown
from podwright.cli.output import printing
from podwright.cli.parameters import output, what
from podwright.cli.requests import JSON_PATCH, MERGE, STRATEGIC, call, namespace_of
from podwright.cli.session import Session, api_command

_TYPES = {"json": JSON_PATCH, "merge": MERGE, "strategic": STRATEGIC}


@click.command("patch")
@what()
@click.option("-p", "--patch", "content", default="", help="The patch, JSON or YAML.")
@click.option("--patch-file", default="", help="A file that holds it.")
@click.option("--type", "kind", type=click.Choice(list(_TYPES)), default="strategic", help="How it is merged.")
@click.option("--subresource", default="", help="status or scale.")
@output("Print the object: json, yaml, name ...")
@api_command
async def patch(
    session: Session, what: tuple[str, ...], content: str, patch_file: str, kind: str, subresource: str, output: str
) -> None:
    """Example:  pw patch deploy/web -p '{"spec":{"replicas":4}}'"""
    import yaml

    if not content and not patch_file:
        raise CliError("must specify --patch or --patch-file containing the contents of the patch")
    try:
        body = yaml.safe_load(content or Path(patch_file).read_text())
    except (yaml.YAMLError, OSError) as e:
        msg = f"unable to parse the patch: {e}"
        raise CliError(msg) from e
    for target in await resolve(session.transport, what, need_names=True):
        for name in target.names:
            path = target.resource.path(namespace_of(session, target.resource), name, subresource or None)
            before = await call(session, "GET", path)
            changed = await call(
                session, "PATCH", path, body, query=[("fieldManager", "pw")], content_type=_TYPES[kind]
            )
            if output:
                sys.stdout.write(printing.printer(output)(changed))
            else:
                same = "" if _version(changed) != _version(before) else " (no change)"
                click.echo(f"{shown(target.resource, name)} patched{same}")


def _version(obj: dict[str, Any]) -> str:
    return str(obj["metadata"].get("resourceVersion", ""))
