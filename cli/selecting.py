"""Which objects a verb is about, and fetching them in the wanted representation, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from podwright.api.resources import Resource
from podwright.cli.requests import refusal
from podwright.cli.session import Session
from podwright.client.transport import Request

JSON = dict[str, Any]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_CHUNK = "500"


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

    @property
    def as_table(self) -> bool:
        """Whether the server's Tables are shown."""
        return self.output in {"", "wide"}

    def query(self) -> list[tuple[str, str]]:
        """The selection as URL parameters."""
        pairs = (("labelSelector", self.selector), ("fieldSelector", self.field_selector))
        return [(key, value) for key, value in pairs if value]


def path_of(session: Session, resource: Resource, options: Options, name: str | None = None) -> str:
    """The URL path of a collection or object in the chosen namespace."""
    namespace = None if options.all_namespaces and name is None else session.namespace
    return resource.path(namespace if resource.namespaced else None, name, options.subresource or None)


async def fetch(session: Session, resource: Resource, options: Options, name: str | None, accept: str) -> JSON:
    """GET a collection (all its chunks) or an object. Raises ApiError."""
    whole: JSON = {}
    more = ""
    while True:
        query = [] if name else [*options.query(), ("limit", _CHUNK), *([("continue", more)] if more else [])]
        request = Request("GET", path_of(session, resource, options, name), tuple(query), (("accept", accept),))
        answer = await session.transport.request(request)
        if answer.status != 200:
            raise refusal(answer.status, answer.body)
        page: JSON = orjson.loads(answer.body)
        if not whole:
            whole = page
        else:
            for key in ("rows", "items"):
                if key in whole:
                    whole[key] += page.get(key) or []
        more = str((page.get("metadata") or {}).get("continue") or "") if not name else ""
        if not more:
            return whole
