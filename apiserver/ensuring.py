"""Objects that the server wants to exist, written through its own front door.

What to do with one that is there already is said by the object. It must never delete anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Request, Response, Transport

JSON = dict[str, Any]
_AGENT = (("user-agent", "kube-apiserver"),)  # the manager of what is written here, as clients know it


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object; `replace` brings an existing one up to date, `status` is written once it is there.

    `change` makes of an existing one what it should be: None leaves it as it is.
    """

    resource: Resource
    obj: JSON
    namespace: str = ""
    replace: bool = False
    status: JSON | None = None
    change: Callable[[JSON, JSON], JSON | None] | None = None


async def ensure(transport: Transport, wanted: list[Wanted]) -> None:
    """Write what is missing or not as it should be, all at once. Raises ApiError when one is refused."""
    async with TaskGroup() as tasks:
        for one in wanted:
            tasks.create_task(_ensure(transport, one))


async def _write_status(transport: Transport, path: str, status: JSON) -> Response:
    found = orjson.loads((await transport.request(Request("GET", path))).body)
    now = found["metadata"]["creationTimestamp"]
    conditions = [{"lastTransitionTime": now, **condition} for condition in status["conditions"]]
    body = orjson.dumps({**found, "status": {**status, "conditions": conditions}})
    return await transport.request(Request("PUT", path, (), _AGENT, body))


async def _ensure(transport: Transport, wanted: Wanted) -> None:
    resource, name = wanted.resource, wanted.obj["metadata"]["name"]
    path = resource.path(wanted.namespace or None)
    body = orjson.dumps({"kind": resource.kind, "apiVersion": resource.api_version, **wanted.obj})
    found = await transport.request(Request("GET", f"{path}/{name}", (), _AGENT))
    if found.status == 404:
        answer = await transport.request(Request("POST", path, (), _AGENT, body))
        if answer.status == 201 and wanted.status is not None:
            answer = await _write_status(transport, f"{path}/{name}/status", wanted.status)
    elif found.status == 200 and wanted.replace:
        answer = await transport.request(Request("PUT", f"{path}/{name}", (), _AGENT, body))
    elif found.status == 200 and wanted.change is not None:
        changed = wanted.change(orjson.loads(found.body), wanted.obj)
        answer = found
        if changed is not None:
            answer = await transport.request(Request("PUT", f"{path}/{name}", (), _AGENT, orjson.dumps(changed)))
    else:
        answer = found
    if answer.status >= 300 and answer.status != 409:  # 409: another server was faster
        raise ApiError.from_status(orjson.loads(answer.body))
