"""Refusals as answers, and the transport that needs no sockets. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE, Format, negotiate
from podwright.apiserver.pieces import pieces
from podwright.apiserver.plain_paths import not_found
from podwright.apiserver.user import User
from podwright.apiserver.warning_texts import warning_texts
from podwright.client.transport import Request, Response, Stream, TransportError

JSON_HEADERS: Mapping[str, str] = {"content-type": JSON_TYPE}


class PageNotFound(ApiError):
    """A path that belongs to no API group: answered in plain text."""

    def __init__(self) -> None:
        super().__init__(404, "NotFound", "404 page not found")


def error_response(error: ApiError, warnings: list[str] | None = None, accept: str = "") -> Response:
    """A refusal as an answer: JSON, unless the client takes something else before it."""
    if isinstance(error, PageNotFound):
        return not_found()
    content_type = _type_of_refusal(accept) if accept else JSON_TYPE
    headers: dict[str, str] = {"content-type": content_type}
    if error.retry_after:
        headers["retry-after"] = str(error.retry_after)
    return Response(error.code, headers, _written(error, content_type), warning_texts(warnings))


def _written(error: ApiError, content_type: str) -> bytes:
    if content_type == PROTOBUF_TYPE:
        from podwright.apiserver.protobuf_body import from_json

        return from_json(error.status())
    if content_type == YAML_TYPE:
        from podwright.apiserver.registry.rendering import to_bytes

        return to_bytes(error.status(), Format(content_type=YAML_TYPE))
    return orjson.dumps(error.status())


def _type_of_refusal(accept: str) -> str:
    try:
        wanted = negotiate(accept, tables=False)
    except ApiError:
        return JSON_TYPE
    return wanted.content_type if wanted.shape == "object" else JSON_TYPE


class WholeStream:
    """A complete response read as a stream."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = response.headers
        self._content = response.content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in pieces(self._content):
            yield bytes(piece)

    async def close(self) -> None:
        """Nothing is held."""


class LocalTransport:
    """`Transport` without sockets: same entry point, same answers."""

    def __init__(self, handle: Callable[[Request, User], Awaitable[Response | Stream]], user: User) -> None:
        self._handle = handle
        self._user = user
        self._closed = False

    async def request(self, request: Request) -> Response:
        """Send and read the whole answer."""
        answer = await self._send(request)
        if isinstance(answer, Response):
            return answer
        return Response(answer.status, answer.headers, b"".join([piece async for piece in answer]))

    async def stream(self, request: Request) -> Stream:
        """Send and return as soon as the answer's head is there."""
        answer = await self._send(request)
        return WholeStream(answer) if isinstance(answer, Response) else answer

    async def _send(self, request: Request) -> Response | Stream:
        if self._closed:
            msg = "cannot send: the transport is closed"
            raise TransportError(msg)
        headers = tuple((k.lower(), v) for k, v in request.headers)
        lowered = Request(request.method, request.path, request.query, headers, request.body, request.objects)
        return await self._handle(lowered, self._user)

    async def close(self) -> None:
        """Refuse further requests."""
        self._closed = True
