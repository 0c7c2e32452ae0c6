"""One request, its answer as JSON, its refusal as ApiError; warnings go to standard error as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.cli.errors import CliError
from podwright.cli.session import Session
from podwright.client.transport import Request, Response

JSON = dict[str, Any]

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def refusal(status: int, body: bytes) -> ApiError:
    """The refusal that an answer holds."""
    try:
        return ApiError.from_status(orjson.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        text = body.decode(errors="replace").strip()[:200]
        if text.startswith("<"):
            text = "the answer is a web page: this is no API server; is the kubeconfig right?"
        return ApiError(status, "NotFound" if status == 404 else "Unknown", text or f"the server answered {status}")


def warn(answer: Response) -> None:
    """Show the server's warnings."""
    for warning in answer.warnings:
        click.echo(f"Warning: {warning}", err=True)


def namespace_of(session: Session, resource: Resource, obj: Mapping[str, Any] | None = None) -> str | None:
    """The namespace an object goes to: its own, else the session's; None for cluster-scoped ones.

    Raises CliError when the object has another than the one given with -n.
    """
    if not resource.namespaced:
        return None
    own = ((obj or {}).get("metadata") or {}).get("namespace")
    if own and session.namespace_given and own != session.namespace:
        msg = f'the object\'s namespace "{own}" is not the given "{session.namespace}"; leave -n out or give -n {own}'
        raise CliError(msg)
    return str(own or session.namespace)


async def call(
    session: Session,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: Sequence[tuple[str, str]] = (),
    content_type: str = "application/json",
    accept: str = "application/json",
) -> JSON:
    """Send and decode. Raises ApiError, TransportError."""
    headers = [("accept", accept)]
    data = b""
    if body is not None:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        headers.append(("content-type", content_type))
    answer = await session.transport.request(Request(method, path, tuple(query), tuple(headers), data))
    warn(answer)
    if answer.status >= 400:
        raise refusal(answer.status, answer.body)
    return orjson.loads(answer.body) if answer.body else {}


async def exists(session: Session, path: str) -> JSON | None:
    """GET an object; None when there is none."""
    try:
        return await call(session, "GET", path)
    except ApiError as e:
        if e.code == 404:
            return None
        raise
