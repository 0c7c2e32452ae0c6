"""`pw label` and `pw annotate`: set (key=value) and remove (key-) labels or annotations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from podwright.cli.errors import CliError
from podwright.cli.naming import resolve, shown
from podwright.cli.parameters import what
from podwright.cli.requests import MERGE, call, namespace_of
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]


@click.command("label", context_settings={"ignore_unknown_options": True})
@what()
@click.option("--overwrite", is_flag=True, help="Change a label that has another value.")
@click.option("-l", "--selector", default="", help="All objects of the type with these labels.")
@click.option("--all", "everything", is_flag=True, help="All objects of the type in the namespace.")
@api_command
async def label(session: Session, what: tuple[str, ...], overwrite: bool, selector: str, everything: bool) -> None:
    """Example:  pw label node node-1 disk=ssd old-"""
    await _change(session, "labels", "labeled", what, overwrite=overwrite, selector=selector, everything=everything)


@click.command("annotate", context_settings={"ignore_unknown_options": True})
@what()
@click.option("--overwrite", is_flag=True, help="Change an annotation that has another value.")
@click.option("-l", "--selector", default="", help="All objects of the type with these labels.")
@click.option("--all", "everything", is_flag=True, help="All objects of the type in the namespace.")
@api_command
async def annotate(session: Session, what: tuple[str, ...], overwrite: bool, selector: str, everything: bool) -> None:
    """Example:  pw annotate deploy/web note='first try'"""
    await _change(
        session, "annotations", "annotated", what, overwrite=overwrite, selector=selector, everything=everything
    )


def split(words: Sequence[str]) -> tuple[list[str], dict[str, str | None]]:
    """Separate what is named from what is set; None removes. Raises CliError."""
    named: list[str] = []
    changes: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            changes[key] = value
        elif word.endswith("-") and named:
            changes[word[:-1]] = None
        else:
            named.append(word)
    if not changes:
        raise CliError("at least one key=value (set) or key- (remove) is required")
    return named, changes


async def _change(
    session: Session, field: str, done: str, words: Sequence[str], *, overwrite: bool, selector: str, everything: bool
) -> None:
    named, changes = split(words)
    for target in await resolve(session.transport, named):
        resource = target.resource
        base = resource.path(namespace_of(session, resource))
        if target.names:
            objects = [await call(session, "GET", f"{base}/{name}") for name in target.names]
        elif selector or everything:
            query = [("labelSelector", selector)] if selector else []
            objects = (await call(session, "GET", base, query=query))["items"]
        else:
            raise CliError("resource(s) were provided, but no name was specified; --all or -l select many")
        for obj in objects:
            name = obj["metadata"]["name"]
            held: JSON = obj["metadata"].get(field) or {}
            for key, value in changes.items():
                if value is not None and held.get(key, value) != value and not overwrite:
                    msg = f"'{key}' already has a value ({held[key]}), and --overwrite is false"
                    raise CliError(msg)
            if all(held.get(k) == v for k, v in changes.items()):
                click.echo(f"{shown(resource, name)} not {done}")
                continue
            patch = {"metadata": {field: changes, "resourceVersion": obj["metadata"]["resourceVersion"]}}
            await call(session, "PATCH", f"{base}/{name}", patch, content_type=MERGE)
            removed = all(v is None for v in changes.values()) and field == "labels"
            click.echo(f"{shown(resource, name)} {'unlabeled' if removed else done}")
