"""`pw edit`: change an object in an editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.patch import merge_patch, strategic_diff
from podwright.api.patch.errors import PatchError
from podwright.api.resources import Resource
from podwright.api.schema import schema_of
from podwright.cli import errors
from podwright.cli.errors import CliError
from podwright.cli.naming import resolve, shown
from podwright.cli.output import printing
from podwright.cli.parameters import what
from podwright.cli.requests import MERGE, STRATEGIC, call, namespace_of
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]

_HEAD = """# Change the object below and save it; lines that begin with '#' are ignored.
# An empty or unchanged file changes nothing.
#
"""


@click.command("edit")
@what()
@click.option("--subresource", default="", help="status or scale.")
@api_command
async def edit(session: Session, what: tuple[str, ...], subresource: str) -> None:
    """Opens $KUBE_EDITOR or $EDITOR (vi). Example:  pw edit deploy/simpleserver"""
    for target in await resolve(session.transport, what, need_names=True):
        resource = target.resource
        for name in target.names:
            path = resource.path(namespace_of(session, resource), name, subresource or None)
            await _edit(session, resource, name, path)


async def _edit(session: Session, resource: Resource, name: str, path: str) -> None:
    before = await call(session, "GET", path)
    before["metadata"].pop("managedFields", None)
    text = printing.printer("yaml")(before)
    shown_text, refused = _HEAD + text, ""
    while True:
        edited = _in_editor(shown_text, os.environ)
        if _content(edited) in {"", _content(shown_text)}:
            if refused:
                raise CliError(f"nothing was changed; your changes are in {_keep(edited)}")
            click.echo("Edit cancelled, no changes made.", err=True)
            return
        try:
            await _send(session, resource, path, before, _parse(edited))
        except (ApiError, CliError) as e:  # back into the editor, with the reason on top
            refused = errors.text(e)
            click.echo(refused, err=True)
            reasons = "".join(f"# {line}\n" for line in refused.splitlines())
            shown_text = _HEAD + reasons + "#\n" + _content(edited)
            continue
        click.echo(f"{shown(resource, name)} edited")
        return


def _in_editor(text: str, environment: Mapping[str, str]) -> str:
    editor = environment.get("KUBE_EDITOR") or environment.get("EDITOR") or "vi"
    with tempfile.NamedTemporaryFile("w+", prefix="pw-edit-", suffix=".yaml", delete=False) as file:
        file.write(text)
    path = Path(file.name)
    try:
        # a line of shell, as users write it: EDITOR="code --wait"
        done = subprocess.run(["/bin/sh", "-c", f"{editor} {shlex.quote(file.name)}"], check=False)
        if done.returncode:
            raise CliError(f"the editor {editor!r} ended with {done.returncode}; nothing was changed")
        return path.read_text()
    finally:
        path.unlink()


def _content(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def _keep(text: str) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="pw-edit-", suffix=".yaml", delete=False) as file:
        file.write(text)
    return file.name


def _parse(text: str) -> JSON:
    from podwright.cli.manifests import parse

    documents = list(parse(text.encode(), "the edited object"))
    if len(documents) != 1:
        raise CliError(f"expected one object, found {len(documents)}")
    return documents[0].data


async def _send(session: Session, resource: Resource, path: str, before: JSON, after: JSON) -> None:
    """Send what was changed, so that what others change meanwhile stays."""
    query = [("fieldManager", "pw"), ("fieldValidation", "Strict")]
    if resource.model:
        try:
            patch = strategic_diff.diff(before, after, schema_of(resource.cls))
        except PatchError as e:
            msg = f"cannot tell what was changed: {e}"
            raise CliError(msg) from e
        await call(session, "PATCH", path, patch, query=query, content_type=STRATEGIC)
    else:
        await call(session, "PATCH", path, merge_patch.diff(before, after), query=query, content_type=MERGE)
