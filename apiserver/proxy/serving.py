"""The proxy subresources: find who answers, dial, pass on. Imported with the first such request."""

from __future__ import annotations

from typing import Any

from podwright.api.errors import service_unavailable
from podwright.apiserver.proxy.backends import choose
from podwright.apiserver.proxy.exchange import exchange
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.reading import fresh
from podwright.apiserver.routes import Target
from podwright.apiserver.streams import NodeStreams
from podwright.client.transport import Request, Response, Stream

JSON = dict[str, Any]


async def proxy(registry: Registry, streams: NodeStreams | None, request: Request, target: Target) -> Response | Stream:
    """Answer with what the pod answers. Raises ApiError."""
    base = f"/{target.name}/proxy"
    before, _, path = request.path.partition(base)
    if not path and request.method in {"GET", "HEAD"}:
        return Response(301, {"location": f"{before}{base}/"}, b"")  # so that links of the answer lead here again
    await fresh(registry)

    def find(plural: str, name: str) -> JSON | None:
        endpoint = registry.endpoints["", "v1", plural]
        item = endpoint.get(target.namespace, name)
        return None if item is None else endpoint.object(item)

    backend = choose(target.plural, target.name, find)
    if streams is None or not backend.pod["spec"].get("nodeName"):
        raise service_unavailable("error trying to reach service: there is no way to the pod's node")
    stream = await streams.dial(backend.pod, backend.port)
    return await exchange(stream, request, path or "/", f"{backend.pod['metadata']['name']}:{backend.port}")
