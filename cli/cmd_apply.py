"""`pw apply`: make the cluster have what the manifests say, changing only what they own.

The last applied manifest is kept in an annotation of the object, under the key that kubectl uses, so that both tools
can take turns: what was in it and is gone from the manifest is removed; what others set stays.
"""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.patch import merge_patch, strategic_diff
from podwright.api.resources import Resource
from podwright.api.schema import schema_of
from podwright.cli import errors, manifests
from podwright.cli.naming import DRY_RUN, shown
from podwright.cli.output import printing
from podwright.cli.requests import APPLY, MERGE, STRATEGIC, call, exists, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import TransportError

JSON = dict[str, Any]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TRIES = 5


@click.command("apply", short_help="Make the cluster have what manifests say.")
@click.option("-f", "--filename", multiple=True, required=True, help="File, folder or - (standard input).")
@click.option("-R", "--recursive", is_flag=True, help="Folders with all that is below them.")
@click.option("--dry-run", type=click.Choice(["none", "client", "server"]), default="none", help="Try, change nothing.")
@click.option("--validate", type=click.Choice(["strict", "warn", "ignore"]), default="strict", help="Unknown fields.")
@click.option("--server-side", is_flag=True, help="Let the server merge (field ownership).")
@click.option("--force-conflicts", is_flag=True, help="With --server-side: take fields over from other managers.")
@click.option("--field-manager", default="pw", help="Name of the manager of the fields that are set.")
@click.option("-o", "--output", default="", help="Print the objects: json, yaml, name ...")
@api_command
async def apply(
    session: Session,
    filename: tuple[str, ...],
    recursive: bool,
    dry_run: str,
    validate: str,
    server_side: bool,
    force_conflicts: bool,
    field_manager: str,
    output: str,
) -> None:
    """Create or change objects so that they are as the manifests say.

    Example:  pw apply -f manifests/examples/simpleserver.yaml
    """
    query = [("fieldManager", field_manager), ("fieldValidation", validate.capitalize())]
    if dry_run == "server":
        query.append(("dryRun", "All"))
    failed = 0
    for document in manifests.read(filename, recursive=recursive):
        try:
            resource = await manifests.resource_of(session.transport, document)
            if server_side:
                extra = [("force", "true")] if force_conflicts else []
                obj, done = await _server_side(session, resource, document.data, [*query, *extra]), "serverside-applied"
            else:
                obj, done = await _client_side(session, resource, document.data, query, send=dry_run != "client")
        except (ApiError, TransportError, errors.CliError) as e:
            click.echo(errors.text(e, f"applying {document.place}"), err=True)
            failed += 1
            continue
        suffix = DRY_RUN[dry_run]
        name = str((obj.get("metadata") or {}).get("name") or document.name)
        if output:
            sys.stdout.write(printing.printer(output)(obj))
        else:
            click.echo(f"{shown(resource, name)} {done}{suffix}")
    if failed:
        sys.exit(1)


async def _server_side(session: Session, resource: Resource, manifest: JSON, query: list[tuple[str, str]]) -> JSON:
    path = resource.path(namespace_of(session, resource, manifest), manifest["metadata"]["name"])
    return await call(session, "PATCH", path, manifest, query=query, content_type=APPLY)


async def _client_side(
    session: Session, resource: Resource, manifest: JSON, query: list[tuple[str, str]], *, send: bool
) -> tuple[JSON, str]:
    """Returns the object and what was done: created, configured or unchanged."""
    namespace = namespace_of(session, resource, manifest)
    modified = _with_last_applied(manifest, namespace)
    name = str((manifest.get("metadata") or {}).get("name") or "")
    path = resource.path(namespace, name)
    for attempt in range(1, _TRIES + 1):
        current = await exists(session, path) if name else None
        if current is None:
            if not send:
                return modified, "created"
            return await call(session, "POST", resource.path(namespace), modified, query=query), "created"
        patch, content_type = _patch(resource, current, modified)
        if not patch:
            return current, "unchanged"
        if not send:
            return current, "configured"
        try:
            return await call(session, "PATCH", path, patch, query=query, content_type=content_type), "configured"
        except ApiError as e:
            if e.code != 409 or attempt == _TRIES:
                raise
    raise AssertionError  # the loop returns or raises


def _patch(resource: Resource, current: JSON, modified: JSON) -> tuple[JSON, str]:
    """The change from the live object to the manifest, deleting only what an earlier manifest had."""
    kept = ((current.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    original: JSON = json.loads(kept) if kept else {}
    if resource.model:
        patch = strategic_diff.three_way(original, modified, current, schema_of(resource.cls))
        return patch, STRATEGIC
    return merge_patch.three_way(original, modified, current), MERGE


def _with_last_applied(manifest: JSON, namespace: str | None) -> JSON:
    """The manifest with itself as an annotation, in the form kubectl writes (sorted keys, a final newline)."""
    plain = copy.deepcopy(manifest)
    metadata: JSON = plain.setdefault("metadata", {})
    if namespace:
        metadata.setdefault("namespace", namespace)
    annotations: JSON = metadata.get("annotations") or {}
    annotations.pop(LAST_APPLIED, None)
    metadata["annotations"] = annotations
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    metadata["annotations"] = {**annotations, LAST_APPLIED: text}
    return plain
