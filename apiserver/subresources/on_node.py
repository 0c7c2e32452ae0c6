"""What is asked of a pod where it runs: its log, and the streams of exec, attach and portforward.

Looks up the pod and refuses what cannot be reached; the bytes are the gateway's. It must never reach a node itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from podwright.api.errors import bad_request, service_unavailable
from podwright.apiserver.log_stream import LogStream
from podwright.apiserver.media import PLAIN_TYPE
from podwright.apiserver.options import Query
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.reading import get_item
from podwright.apiserver.streams import NodeStreams
from podwright.apiserver.subresources.logs import choose_container, log_options
from podwright.client.transport import Response, Stream

JSON = dict[str, Any]


async def open_log(registry: Registry, call: Call, streams: NodeStreams | None) -> Response | Stream:
    """Open the log of a container; nothing for a pod that no node has. Raises ApiError 400, 404, 503."""
    wanted = log_options(call.query, call.name)
    pod = call.endpoint.object(await get_item(registry, call))
    options = replace(wanted, container=choose_container(pod, wanted.container))
    if not pod["spec"].get("nodeName"):
        return Response(204, {}, b"")
    return LogStream(await _way(streams).logs(pod, options), {"content-type": PLAIN_TYPE})


async def way_to_pod(
    registry: Registry, call: Call, query: Query, streams: NodeStreams | None
) -> tuple[NodeStreams, JSON]:
    """The pod of an exec, attach or portforward and the way to it. Raises ApiError 400, 404, 503."""
    pod = call.endpoint.object(await get_item(registry, call))
    if call.target.subresource != "portforward":
        choose_container(pod, query.get("container"))
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {call.name} does not have a host assigned")
    return _way(streams), pod


def _way(streams: NodeStreams | None) -> NodeStreams:
    if streams is None:
        raise service_unavailable("this server has no way to the nodes")
    return streams
