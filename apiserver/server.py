"""The apiserver: one entry point for every request, whatever carried it here.

`handle` is sans-IO: a Request and a User in, a Response or a stream out. HTTP and the in-process transport are thin
shells around it. Nothing but an answer ever leaves it: a failure of ours becomes a 500 with a reference id that is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

import orjson

from podwright.api.errors import (
    ApiError,
    internal,
    method_not_allowed,
    no_such_resource,
    service_unavailable,
    too_large,
)
from podwright.api.resources import RESOURCES, Resource
from podwright.apiserver.authorization import authorize
from podwright.apiserver.cache.feed import ROOT, Feed
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.dispatch import collection_handler, methods_of, object_handler
from podwright.apiserver.media import JSON_TYPE, PLAIN_TYPE, body_type, negotiate
from podwright.apiserver.options import Query
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint, View, strategy_of
from podwright.apiserver.registry.rendering import render_object
from podwright.apiserver.registry.watching import WatchStream, send_bookmarks, watch
from podwright.apiserver.routes import Target, resolve
from podwright.apiserver.user import User
from podwright.client.transport import Request, Response, Stream, TransportError
from podwright.store.protocol import Store, StoreError

log = logging.getLogger(__name__)
_NOT_FOUND_TEXT = b"404 page not found\n"


class ApiServer:
    """Serves the API over a store. `start` before the first request, `stop` after the last."""

    def __init__(
        self, config: ServerConfig, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.config = config
        self.store = store
        self.now = now
        self.feed = Feed(store)
        self.registry = Registry(store, self.feed, _endpoints(config, self.feed))
        self.registry.future_seconds = config.future_revision_seconds
        self.registry.watch_buffer = config.watch_buffer
        self._tasks: list[asyncio.Task[None]] = []
        self._groups = {e.resource.group for e in self.registry.endpoints.values()}
        self._versions = {(e.resource.group, e.resource.version) for e in self.registry.endpoints.values()}

    async def start(self) -> None:
        """Load the caches and start following the store. Raises StoreError."""
        await self.feed.start()
        self._tasks.append(asyncio.create_task(self._bookmarks(), name="watch-bookmarks"))

    async def stop(self) -> None:
        """End all watches and tasks; the store stays open (it is its owner's)."""
        for endpoint in self.registry.endpoints.values():
            for watcher in endpoint.cache.all_watchers():
                watcher.close()
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        await self.feed.stop()

    async def _bookmarks(self) -> None:
        while True:
            await asyncio.sleep(self.config.bookmark_seconds)
            send_bookmarks(self.registry)

    # -- the way of a request

    async def handle(self, request: Request, user: User) -> Response | Stream:
        """Answer one request. Never raises for what a client can cause."""
        headers = dict(request.headers)
        query = Query(request.query)
        target = resolve(request.method, request.path, watch=query.flag("watch") if request.query else False)
        warnings: list[str] = []
        try:
            authorize(user, target)
            if len(request.body) > self.config.body_limit:
                raise too_large(f"limit is {self.config.body_limit}")
            if not target.resource:
                return self.plain(target, headers)
            return await self._resource(request, user, target, query, headers, warnings)
        except ApiError as error:
            return error_response(error, warnings)
        except StoreError as error:
            log.warning("Cannot serve %s %s: %s", request.method, request.path, error)
            return error_response(service_unavailable(f"the store does not answer: {error}", 1), warnings)
        except Exception:
            reference = uuid.uuid4().hex[:12]
            log.exception("Cannot serve %s %s (reference %s)", request.method, request.path, reference)
            return error_response(internal(f"see the server's log, reference {reference}"), warnings)

    async def _resource(
        self,
        request: Request,
        user: User,
        target: Target,
        query: Query,
        headers: dict[str, str],
        warnings: list[str],
    ) -> Response | Stream:
        endpoint = self._endpoint(target)
        verb = "list" if target.verb == "list" else target.verb
        call = Call(
            endpoint=endpoint,
            target=target,
            user=user,
            query=query,
            body=request.body,
            content_type=body_type(headers.get("content-type", "")),
            format=negotiate(headers.get("accept", ""), verb=verb),
            now=self.now(),
            warnings=warnings,
        )
        if target.verb == "watch":
            return await watch(self.registry, call)
        if target.name:
            handler = object_handler(target.subresource, request.method)
        else:
            handler = collection_handler(target.verb)
        if handler is None or (target.name and not target.subresource and request.method == "POST"):
            raise method_not_allowed()
        result = await handler(self.registry, call)
        body = result.body
        if target.name or target.verb == "create":
            body = render_object(call, body)
        response_headers = _JSON_HEADERS if not call.format.yaml else {"content-type": call.format.content_type}
        return Response(result.status, response_headers, body, tuple(warnings))

    def _endpoint(self, target: Target) -> Endpoint:
        """The endpoint a target names, with everything wrong with the path refused. Raises ApiError 404, 405."""
        endpoint = self.registry.endpoints.get((target.group, target.version, target.plural))
        if endpoint is None:
            if target.group not in self._groups:
                raise PageNotFound
            raise no_such_resource()
        resource = endpoint.resource
        if target.rest and target.subresource != "proxy":
            raise no_such_resource()
        if resource.namespaced:
            if target.name and not target.in_namespace:
                raise no_such_resource()
        elif target.in_namespace:
            raise no_such_resource()
        if target.subresource:
            if target.subresource not in resource.subresources:
                raise no_such_resource()
            if target.method not in methods_of(target.subresource):
                raise method_not_allowed()
        elif target.verb not in resource.verbs or target.method == "HEAD":
            raise method_not_allowed()
        elif resource.namespaced and not target.in_namespace and target.verb in {"create", "deletecollection"}:
            raise method_not_allowed()
        return endpoint

    def plain(self, target: Target, headers: Mapping[str, str]) -> Response:
        """Answer a path that is no resource's."""
        del headers
        if target.path in {"/healthz", "/livez", "/readyz"}:
            return Response(200, {"content-type": PLAIN_TYPE}, b"ok")
        return page_not_found()

    # -- in process

    def transport(self, user: User) -> LocalTransport:
        """A transport that hands requests to this server as `user`."""
        return LocalTransport(self, user)


class PageNotFound(ApiError):
    """A path that belongs to no API group: answered in plain text."""

    def __init__(self) -> None:
        super().__init__(404, "NotFound", "404 page not found")


_JSON_HEADERS: Mapping[str, str] = {"content-type": JSON_TYPE}


def page_not_found() -> Response:
    """The plain 404."""
    return Response(404, {"content-type": PLAIN_TYPE}, _NOT_FOUND_TEXT)


def error_response(error: ApiError, warnings: list[str] | None = None) -> Response:
    """A refusal as an answer."""
    if isinstance(error, PageNotFound):
        return page_not_found()
    headers: dict[str, str] = {"content-type": JSON_TYPE}
    if error.retry_after:
        headers["retry-after"] = str(error.retry_after)
    return Response(error.code, headers, orjson.dumps(error.status()), tuple(warnings or ()))


class _Whole:
    """A complete response read as a stream."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = response.headers
        self._body = response.body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._body:
            yield self._body

    async def close(self) -> None:
        """Nothing is held."""


class LocalTransport:
    """`Transport` without sockets: same entry point, same answers."""

    def __init__(self, server: ApiServer, user: User) -> None:
        self._server = server
        self._user = user

    async def request(self, request: Request) -> Response:
        """Send and read the whole answer."""
        answer = await self.stream_or_response(request)
        if isinstance(answer, Response):
            return answer
        pieces = [piece async for piece in answer]
        return Response(answer.status, answer.headers, b"".join(pieces))

    async def stream(self, request: Request) -> Stream:
        """Send and return as soon as the answer's head is there."""
        answer = await self.stream_or_response(request)
        return _Whole(answer) if isinstance(answer, Response) else answer

    async def stream_or_response(self, request: Request) -> Response | Stream:
        """Hand the request over. Raises TransportError when the server is not running."""
        if not self._server.feed.loaded:
            msg = "cannot reach the server: it is not running"
            raise TransportError(msg)
        headers = tuple((k.lower(), v) for k, v in request.headers)
        return await self._server.handle(
            Request(request.method, request.path, request.query, headers, request.body), self._user
        )

    async def close(self) -> None:
        """Nothing is held."""


def _endpoints(config: ServerConfig, feed: Feed) -> list[Endpoint]:
    """Bind the rows of the resource table to caches; rows that share a store share the cache."""
    caches: dict[str, ResourceCache] = {}
    endpoints: list[Endpoint] = []
    for row in sorted(RESOURCES, key=lambda r: bool(r.storage)):
        if row.storage:
            endpoints.append(Endpoint(row, caches[row.storage], _view(row)))
            continue
        cache = ResourceCache(
            f"{ROOT}{row.qualified}/",
            row.kind,
            row.api_version,
            namespaced=row.namespaced,
            fields=_fields(row),
            window=config.event_window,
        )
        caches[row.qualified] = cache
        feed.add(cache)
        endpoints.append(Endpoint(row, cache))
    return endpoints


def _fields(row: Resource) -> Mapping[str, Callable[[dict[str, object]], str]]:
    own = strategy_of(row).selectable_fields
    common: dict[str, Callable[[dict[str, object]], str]] = {"metadata.name": _name_of}
    if row.namespaced:
        common["metadata.namespace"] = _namespace_of
    return {**common, **own}


def _name_of(obj: dict[str, object]) -> str:
    metadata = obj["metadata"]
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _namespace_of(obj: dict[str, object]) -> str:
    metadata = obj["metadata"]
    return str(metadata.get("namespace", "")) if isinstance(metadata, dict) else ""


def _view(row: Resource) -> View:
    from podwright.apiserver.registry.event_view import EventView

    if row.plural != "events":
        msg = f"no view for {row.qualified}, which shares the store of {row.storage}"
        raise LookupError(msg)
    return EventView()
