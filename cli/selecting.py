"""Which objects a verb is about, and fetching them in the wanted representation, chunk by chunk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from podwright.api.resources import Resource
from podwright.cli.errors import CliError
from podwright.cli.moments import moment
from podwright.cli.naming import Target, resolve
from podwright.cli.requests import call, namespace_of, refusal, warn
from podwright.cli.session import Session
from podwright.client.transport import Request

JSON = dict[str, Any]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@dataclass(frozen=True, slots=True)
class Options:
    """How to select and show."""

    output: str
    all_namespaces: bool
    selector: str
    field_selector: str
    show_labels: bool
    label_columns: tuple[str, ...]
    sort_by: str
    no_headers: bool
    ignore_not_found: bool
    subresource: str
    chunk_size: int = 500
    at: str = ""

    @property
    def as_table(self) -> bool:
        """Whether the server's Tables are shown."""
        return self.output in {"", "wide"}

    @property
    def moment(self) -> list[tuple[str, str]]:
        """The moment to look at, as URL parameters. Raises CliError."""
        return moment(self.at)

    def query(self) -> list[tuple[str, str]]:
        """The selection as URL parameters."""
        pairs = (("labelSelector", self.selector), ("fieldSelector", self.field_selector))
        return [(key, value) for key, value in pairs if value]


async def chosen(session: Session, what: Sequence[str], selector: str, *, everything: bool) -> list[Target]:
    """The objects that are named, or all of the types with these labels. Raises CliError when none is named."""
    if not (selector or everything):
        return await resolve(session.transport, what, need_names=True)
    query = [("labelSelector", selector)] if selector else []
    found: list[Target] = []
    for target in await resolve(session.transport, what):
        if target.names:
            raise CliError("name cannot be provided when a selector is specified")
        path = target.resource.path(namespace_of(session, target.resource))
        items: list[JSON] = (await call(session, "GET", path, query=query))["items"]
        if items:
            found.append(Target(target.resource, tuple(i["metadata"]["name"] for i in items)))
    if not found:
        raise CliError("no matching resources found")
    return found


def path_of(session: Session, resource: Resource, options: Options, name: str | None = None) -> str:
    """The URL path of a collection or object in the chosen namespace."""
    namespace = None if options.all_namespaces and name is None else session.namespace
    return resource.path(namespace if resource.namespaced else None, name, options.subresource or None)


async def fetch(session: Session, resource: Resource, options: Options, name: str | None, accept: str) -> JSON:
    """GET a collection (all its chunks) or an object. Raises ApiError."""
    whole: JSON = {}
    more = ""
    while True:
        limit = [("limit", str(options.chunk_size))] if options.chunk_size > 0 else []
        page = [] if name else [*options.query(), *limit, *([("continue", more)] if more else [])]
        query = [*page, *options.moment]
        request = Request("GET", path_of(session, resource, options, name), tuple(query), (("accept", accept),))
        answer = await session.transport.request(request)
        warn(answer)
        if answer.status != 200:
            raise refusal(answer.status, answer.body)
        found: JSON = orjson.loads(answer.body)
        if accept == TABLE and found.get("kind") != "Table":
            from podwright.cli.output.made_tables import as_table

            found = as_table(found, dt.datetime.now(dt.UTC))
        if not whole:
            whole = found
        else:
            for key in ("rows", "items"):
                if key in whole:
                    whole[key] += found.get(key) or []
        more = str((found.get("metadata") or {}).get("continue") or "") if not name else ""
        if not more:
            return whole
