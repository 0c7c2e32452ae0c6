"""`pw taint`: mark nodes so that only pods that tolerate it are placed there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from podwright.api.resources import find
from podwright.cli.errors import CliError
from podwright.cli.naming import resolve, shown
from podwright.cli.parameters import what
from podwright.cli.requests import MERGE, call
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@click.command("taint", context_settings={"ignore_unknown_options": True})
@what("nodes")
@click.option("--overwrite", is_flag=True, help="Change a taint that has another value.")
@click.option("--all", "everything", is_flag=True, help="All nodes.")
@api_command
async def taint(session: Session, what: tuple[str, ...], overwrite: bool, everything: bool) -> None:
    """Add KEY[=VALUE]:EFFECT or remove KEY[:EFFECT]-. Example:  pw taint node node-1 disk=slow:NoSchedule"""
    named, added, removed = split(what)
    resource = find("nodes")
    targets = await resolve(session.transport, named)
    if any(t.resource != resource for t in targets):
        raise CliError("only nodes have taints: pw taint node NAME KEY=VALUE:EFFECT")
    names = [name for t in targets for name in t.names]
    if everything:
        names = [n["metadata"]["name"] for n in (await call(session, "GET", resource.path()))["items"]]
    if not names:
        raise CliError("resource(s) were provided, but no name was specified; --all takes every node")
    for name in names:
        path = resource.path(None, name)
        node = await call(session, "GET", path)
        taints = changed(name, node["spec"].get("taints") or (), added, removed, overwrite=overwrite)
        version = node["metadata"]["resourceVersion"]
        patch = {"metadata": {"resourceVersion": version}, "spec": {"taints": taints or None}}
        await call(session, "PATCH", path, patch, content_type=MERGE)
        click.echo(f"{shown(resource, name)} {'tainted' if added else 'untainted'}")


def split(words: Sequence[str]) -> tuple[list[str], list[JSON], list[tuple[str, str]]]:
    """What is named, the taints to add, and (key, effect or "") of those to remove. Raises CliError."""
    named: list[str] = []
    added: list[JSON] = []
    removed: list[tuple[str, str]] = []
    for word in words:
        if word.endswith("-") and named:
            key, _, effect = word[:-1].partition(":")
            removed.append((key, effect))
        elif ":" in word:
            pair, _, effect = word.rpartition(":")
            key, _, value = pair.partition("=")
            added.append({"key": key, **({"value": value} if value else {}), "effect": effect})
        else:
            named.append(word)
    for effect in [t["effect"] for t in added] + [e for _, e in removed if e]:
        if effect not in EFFECTS:
            raise CliError(f"invalid taint effect: {effect}, expected one of {', '.join(EFFECTS)}")
    if not added and not removed:
        raise CliError("at least one taint is required: KEY=VALUE:EFFECT adds, KEY- removes")
    return named, added, removed


def changed(
    node: str, held: Sequence[JSON], added: Sequence[JSON], removed: Sequence[tuple[str, str]], *, overwrite: bool
) -> list[JSON]:
    """The taints a node is to have. Raises CliError when it has one with another value, or lacks one to remove."""
    known = {(t["key"], t["effect"]) for t in held}
    for key, effect in removed:
        if not any(k == key and effect in {"", e} for k, e in known):
            raise CliError(f'taint "{key}{":" + effect if effect else ""}" not found on node {node}')
    new = {(t["key"], t["effect"]): t for t in added}
    for identity, value in new.items():
        if identity in known and not overwrite and value not in held:
            msg = f"node {node} already has taint {':'.join(identity)} with another value, and --overwrite is false"
            raise CliError(msg)
    kept = [t for t in held if not any(t["key"] == k and e in {"", t["effect"]} for k, e in removed)]
    return [t for t in kept if (t["key"], t["effect"]) not in new] + list(new.values())
