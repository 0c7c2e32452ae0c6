"""Requests on resources: what controllers, the scheduler, the gateway and the CLI speak.

Works on JSON dicts and on any Transport; decoding into classes is the caller's. Refusals are raised as ApiError,
a broken connection as TransportError; nothing is retried here, because only the caller knows what a retry means.
It must not import an HTTP library: in one process with the apiserver there is none.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Literal

import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.client.lines import LineCutter
from podwright.client.transport import Event, EventStream, Request, Response, Stream, Transport, TransportError

JSON = dict[str, Any]
PatchType = Literal["merge", "json", "strategic", "apply"]
Query = Sequence[tuple[str, str]]
Batch = Iterable[Event]

_PATCH_TYPES: Final[Mapping[str, str]] = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
_JSON_TYPE: Final = "application/json"


class Client:
    """One identity's view of an apiserver. `on_warning` gets the server's warnings (deprecated fields and such)."""

    def __init__(
        self,
        transport: Transport,
        *,
        user_agent: str = "podwright",
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        self.transport = transport
        self._user_agent = user_agent
        self._headers = (("accept", _JSON_TYPE), ("user-agent", user_agent))
        self._body_headers = (*self._headers, ("content-type", _JSON_TYPE))
        self._patch_headers = {
            name: (*self._headers, ("content-type", media_type)) for name, media_type in _PATCH_TYPES.items()
        }
        self._on_warning = on_warning

    async def get(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        resource_version: str | None = None,
    ) -> JSON:
        """Read one object."""
        path = resource.path(namespace, name, subresource)
        return await self._json("GET", path, _query(resourceVersion=resource_version))

    async def list(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int | None = None,
        continue_token: str | None = None,
        resource_version: str | None = None,
        resource_version_match: str | None = None,
    ) -> JSON:
        """Read a list; without a namespace, of all namespaces. With `limit`, metadata.continue leads on."""
        query = _query(
            labelSelector=label_selector,
            fieldSelector=field_selector,
            limit=limit,
            resourceVersion=resource_version,
            resourceVersionMatch=resource_version_match,
            **{"continue": continue_token},
        )
        return await self._json("GET", resource.path(namespace), query)

    async def create(
        self,
        resource: Resource,
        obj: Mapping[str, Any],
        *,
        namespace: str | None = None,
        name: str | None = None,
        subresource: str | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        field_validation: str | None = None,
    ) -> JSON:
        """Create an object; with `name` and `subresource`, post to a subresource (binding, eviction, token)."""
        path = resource.path(namespace or _namespace(obj), name if subresource else None, subresource)
        query = _write_query(dry_run, field_manager, field_validation)
        return await self._json("POST", path, query, orjson.dumps(obj), self._body_headers)

    async def update(
        self,
        resource: Resource,
        obj: Mapping[str, Any],
        *,
        namespace: str | None = None,
        name: str | None = None,
        subresource: str | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        field_validation: str | None = None,
    ) -> JSON:
        """Replace an object; a metadata.resourceVersion in it must still be the current one."""
        name = name or (obj.get("metadata") or {}).get("name")
        path = resource.path(namespace or _namespace(obj), name, subresource)
        query = _write_query(dry_run, field_manager, field_validation)
        return await self._json("PUT", path, query, orjson.dumps(obj), self._body_headers)

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes,
        *,
        type: PatchType = "merge",  # noqa: A002 - the word of the API
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        field_validation: str | None = None,
        force: bool = False,
    ) -> JSON:
        """Change parts of an object. `apply` needs a field manager and may be forced."""
        query = _write_query(dry_run, field_manager, field_validation)
        if force:
            query.append(("force", "true"))
        body = patch if isinstance(patch, bytes) else orjson.dumps(patch)
        path = resource.path(namespace, name, subresource)
        return await self._json("PATCH", path, query, body, self._patch_headers[type])

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        grace_period: int | None = None,
        propagation: str | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        dry_run: bool = False,
    ) -> JSON:
        """Delete an object: `grace_period` in seconds, `propagation` Background, Foreground or Orphan.

        With `uid` or `resource_version`, only if the object still has them.
        """
        body = _delete_options(grace_period, propagation, uid, resource_version, dry_run=dry_run)
        return await self._json("DELETE", resource.path(namespace, name), (), body, self._body_headers)

    async def delete_collection(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        grace_period: int | None = None,
        propagation: str | None = None,
        dry_run: bool = False,
    ) -> JSON:
        """Delete every object that the selectors match; without a namespace, in all of them."""
        query = _query(labelSelector=label_selector, fieldSelector=field_selector)
        body = _delete_options(grace_period, propagation, None, None, dry_run=dry_run)
        return await self._json("DELETE", resource.path(namespace), query, body, self._body_headers)

    async def watch(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resource_version: str | None = None,
        initial: bool = False,
        timeout: int | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Yield (ADDED | MODIFIED | DELETED | BOOKMARK, object) until the server ends the watch.

        `initial` asks for the present objects first, closed by an annotated BOOKMARK. `timeout` in seconds asks the
        server to end. An ERROR event is raised as ApiError. Close it (contextlib.aclosing) when leaving early.
        Objects may be shared with others: never change them.
        """
        batches = self.watch_batches(
            resource,
            namespace=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            resource_version=resource_version,
            initial=initial,
            timeout=timeout,
        )
        async with aclosing(batches):
            async for batch in batches:
                for event in batch:
                    yield event

    async def watch_batches(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resource_version: str | None = None,
        initial: bool = False,
        timeout: int | None = None,
    ) -> AsyncGenerator[Batch, None]:
        """Like `watch`, yielding together what arrived together; a batch is to be read once, before the next.

        One step of the loop instead of one per event, and only one decoded object in memory at a time.
        """
        query = [("watch", "1"), ("allowWatchBookmarks", "true")]
        if initial:
            query += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
        query += _query(
            labelSelector=label_selector,
            fieldSelector=field_selector,
            resourceVersion=resource_version,
            timeoutSeconds=timeout,
        )
        stream = await self.open(Request("GET", resource.path(namespace), tuple(query), self._headers, objects=True))
        try:
            async for batch in stream.events() if isinstance(stream, EventStream) else _from_lines(stream):
                yield map(_checked, batch)
        finally:
            await stream.close()

    async def raw(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Query = (),
        body: bytes = b"",
    ) -> Response:
        """Send any request and return a good answer as it is. Raises ApiError for a refusal."""
        sent = (("user-agent", self._user_agent), *headers) if headers else self._headers
        return await self._send(Request(method, path, tuple(query), tuple(sent), body))

    async def open(self, request: Request) -> Stream:
        """Open a stream (a watch, a log). Raises ApiError for a refusal. The caller closes it."""
        stream = await self.transport.stream(request)
        if stream.status < 400:
            return stream
        try:
            body = b"".join([chunk async for chunk in stream])
        finally:
            await stream.close()
        raise refusal(stream.status, stream.headers, body)

    async def _json(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] | None = None,
    ) -> JSON:
        request = Request(method, path, tuple(query), headers or self._headers, body)
        response = await self._send(request)
        try:
            return orjson.loads(response.body)
        except orjson.JSONDecodeError as error:
            msg = f"cannot read the answer to {method} {path}: {error}"
            raise TransportError(msg) from error

    async def _send(self, request: Request) -> Response:
        response = await self.transport.request(request)
        if response.warnings and self._on_warning is not None:
            for warning in response.warnings:
                self._on_warning(warning)
        if response.status >= 400:
            raise refusal(response.status, response.headers, response.body)
        return response


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Return the error that an answer of 400 or more stands for, whether or not it carries a Status."""
    error: ApiError | None = None
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict) and found.get("kind") == "Status":
        error = ApiError.from_status({"code": status, **found})
    if error is None:
        error = ApiError.from_code(status, body[:500].decode(errors="replace").strip())
    after = headers.get("retry-after", "")
    if error.retry_after is None and after.isdigit():
        error.retry_after = int(after)
    return error


async def _from_lines(stream: Stream) -> AsyncIterator[Batch]:
    cutter = LineCutter()
    async for chunk in stream:
        lines = cutter.feed(chunk)
        if lines:
            yield map(_read_event, lines)


def _read_event(line: bytes) -> Event:
    """Return type and object of a line of a watch. Raises TransportError for garbage."""
    try:
        event = orjson.loads(line)
        return event["type"], event["object"]
    except (ValueError, KeyError, TypeError) as error:
        msg = f"cannot read a watch event: {error}"
        raise TransportError(msg) from error


def _checked(event: Event) -> Event:
    if event[0] == "ERROR":
        raise ApiError.from_status(event[1])
    return event


def _namespace(obj: Mapping[str, Any]) -> str | None:
    return (obj.get("metadata") or {}).get("namespace")


def _query(**pairs: str | int | None) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, value in pairs.items() if value is not None]


def _write_query(dry_run: bool, manager: str | None, validation: str | None) -> list[tuple[str, str]]:
    return _query(dryRun="All" if dry_run else None, fieldManager=manager, fieldValidation=validation)


def _delete_options(
    grace_period: int | None, propagation: str | None, uid: str | None, resource_version: str | None, *, dry_run: bool
) -> bytes:
    preconditions = {"uid": uid, "resourceVersion": resource_version}
    options: JSON = {
        "gracePeriodSeconds": grace_period,
        "propagationPolicy": propagation,
        "preconditions": {key: value for key, value in preconditions.items() if value is not None} or None,
        "dryRun": ["All"] if dry_run else None,
    }
    set_options = {key: value for key, value in options.items() if value is not None}
    return orjson.dumps({"kind": "DeleteOptions", "apiVersion": "v1", **set_options})
