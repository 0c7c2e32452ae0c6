"""`pw cluster reencrypt`: what is stored is written anew with the key of today."""

from __future__ import annotations

from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.cli.naming import one
from podwright.cli.requests import MERGE, call
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]
_METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"
_PAGE = ("limit", "500")


@click.command("reencrypt")
@click.argument("types", nargs=-1)
@api_command
async def reencrypt(session: Session, types: tuple[str, ...]) -> None:
    """Write anew what is not encrypted with the first key in the store. TYPES are resources; without any: secrets."""
    for name in types or ("secrets",):
        await rewrite_all(session, await one(session.transport, name))


async def rewrite_all(session: Session, resource: Resource) -> None:
    """Write anew what is not encrypted with the first key, and say how much that was. Raises ApiError."""
    seen = written = 0
    token = ""
    while True:
        query = [_PAGE, *([("continue", token)] if token else [])]
        page = await call(session, "GET", resource.path(None), query=query, accept=_METADATA.format("List"))
        for item in page["items"] or ():
            seen += 1
            written += await _rewrite(session, resource, item["metadata"])
        token = page["metadata"].get("continue", "")
        if not token:
            break
    click.echo(f"{resource.qualified}: {written} of {seen} encrypted anew")


async def _rewrite(session: Session, resource: Resource, metadata: JSON) -> bool:
    """Change nothing: the server writes again what it would store otherwise today. Contents stay there."""
    path = resource.path(metadata.get("namespace"), metadata["name"])
    try:
        answer = await call(session, "PATCH", path, {}, content_type=MERGE, accept=_METADATA.format(""))
    except ApiError as e:
        if e.code == 404:  # deleted meanwhile
            return False
        raise
    return answer["metadata"]["resourceVersion"] != metadata["resourceVersion"]
