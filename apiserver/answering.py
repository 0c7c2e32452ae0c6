"""What a request to a resource is answered, once its endpoint is known: it becomes a Call, and a handler's to answer.

Bodies in protobuf are JSON from here on, and answers leave in the format that the client takes. It must never know who
carried the request here.
"""

from __future__ import annotations

from datetime import datetime

from podwright.api.errors import ApiError, bad_request, method_not_allowed, not_acceptable, unsupported_media_type
from podwright.apiserver.dispatch import STREAMS, collection_handler, object_handler
from podwright.apiserver.finding import find_endpoint
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE, body_type, negotiate
from podwright.apiserver.options import Query, check_table
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.history import refuse_history
from podwright.apiserver.registry.rendering import render_object
from podwright.apiserver.registry.watching import watch
from podwright.apiserver.responses import JSON_HEADERS
from podwright.apiserver.routes import Target
from podwright.apiserver.shapes import check_shape
from podwright.apiserver.streams import NodeStreams
from podwright.apiserver.user import User
from podwright.apiserver.warning_texts import warning_texts
from podwright.client.transport import Request, Response, Stream


def make_call(
    request: Request, user: User, target: Target, query: Query, endpoint: Endpoint, warnings: list[str], now: datetime
) -> Call:
    """The request as handlers see it. Raises ApiError 400, 406, 415."""
    headers = dict(request.headers)
    body, content_type = request.body, body_type(headers.get("content-type", ""))
    if content_type == PROTOBUF_TYPE:
        if not endpoint.kind.has_class and request.method != "DELETE" and not target.subresource:
            raise unsupported_media_type((JSON_TYPE, YAML_TYPE))
        from podwright.apiserver.protobuf_body import to_json

        body, content_type = to_json(body, endpoint.resource.kind) if body else body, JSON_TYPE
    wanted = negotiate(headers.get("accept", ""), verb=target.verb, tables="get" in endpoint.resource.verbs)
    if wanted.content_type == PROTOBUF_TYPE and wanted.shape == "object" and not endpoint.kind.has_class:
        raise not_acceptable((JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE), transforming=True)  # their metadata has a form
    if wanted.shape == "table":
        check_table(query)
    check_shape(endpoint, target.verb, wanted.shape)
    return Call(
        endpoint=endpoint,
        target=target,
        user=user,
        query=query,
        body=body,
        content_type=content_type,
        format=wanted,
        now=now,
        agent=headers.get("user-agent", ""),
        objects=request.objects,
        warnings=warnings,
    )


async def answer_call(registry: Registry, call: Call, streams: NodeStreams | None) -> Response | Stream:
    """Answer a call; `streams` is the way to the nodes. Raises ApiError."""
    endpoint, target, query = call.endpoint, call.target, call.query
    if endpoint.kind.warning:
        call.warnings.append(endpoint.kind.warning)
    if query.pairs and (target.verb not in {"get", "list"} or target.subresource == "log"):
        refuse_history(query, target.subresource or target.verb)
    if target.verb == "watch":
        return await watch(registry, call)
    if target.subresource == "log":
        from podwright.apiserver.subresources.on_node import open_log

        return await open_log(registry, call, streams)
    if target.subresource in STREAMS:
        raise bad_request("Upgrade request required")
    if target.name:
        handler = object_handler(endpoint.resource.qualified, target.subresource, target.method)
    else:
        handler = collection_handler(endpoint.resource.qualified, target.verb)
    if handler is None:
        raise method_not_allowed()
    try:
        result = await handler(registry, call)
    except ApiError:
        if target.method != "GET":
            await registry.feed.refused()
        raise
    content = result.content
    if target.name or target.verb == "create":
        content = render_object(call, result.body)
    content_type = call.format.content_type
    headers = JSON_HEADERS if content_type == JSON_TYPE else {"content-type": content_type}
    return Response(result.status, headers, content, warning_texts(call.warnings))


async def pass_on(
    registry: Registry,
    streams: NodeStreams | None,
    request: Request,
    target: Target,
    user: User,
    notes: dict[str, str],
) -> Response | Stream:
    """Answer with what a pod answers: nothing of such a request is ours to read. Raises ApiError.

    What is to be recorded of it goes into `notes`.
    """
    from podwright.apiserver.admission.connecting import admit_connection
    from podwright.apiserver.proxy.serving import proxy

    endpoint = find_endpoint(registry, target)
    await admit_connection(registry, endpoint, target, Query(request.query), user, registry.clock(), notes)
    return await proxy(registry, streams, request, target)
