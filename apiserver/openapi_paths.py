"""The /openapi paths: which document, in which encoding, and whether the client has it already.

Documents are built on first use, in a thread, for that takes a while.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import orjson

from podwright.apiserver.media import JSON_TYPE, parse_accept
from podwright.apiserver.registry.kind import Kind
from podwright.client.transport import Request, Response, Stream

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Delegate, Offer
    from podwright.apiserver.aggregation.delegated_openapi import DelegatedOpenAPI
    from podwright.apiserver.aggregation.dialler import Dialler
    from podwright.apiserver.openapi.documents import OpenAPI

_V3 = "/openapi/v3"
_IMMUTABLE = "public, immutable"
_NOT_FOUND: Final = Response(404, {}, b"")
_NOT_ACCEPTABLE: Final = Response(406, {"vary": "Accept"}, b"")


class OpenAPIPaths:
    """Answers for the kinds that are served now. `version` is what /version tells, as "1.36"."""

    def __init__(self, version: str, dialler: Callable[[], Dialler]) -> None:
        """`dialler` is the way to other API servers, called when there are some."""
        self._kinds: tuple[Kind, ...] = ()
        self._delegates: tuple[Delegate, ...] = ()
        self._dialler = dialler
        self._delegated: DelegatedOpenAPI | None = None
        self._version = version
        self._building = asyncio.Lock()
        self._made: OpenAPI | None = None
        self._kept: dict[str, tuple[str, bytes]] = {}  # path -> hash and document, as long as that stays the same

    def describe(self, kinds: Iterable[Kind], offers: Iterable[Offer] = ()) -> None:
        """Describe these kinds from now on, and what others offer. Nothing is made before somebody asks."""
        self._kinds = tuple(kinds)
        self._delegates = tuple(offer.delegate for offer in offers if offer.fresh)
        self._made = None

    @property
    def _documents(self) -> OpenAPI:
        from podwright.apiserver.openapi.documents import OpenAPI
        from podwright.apiserver.openapi.entry import Entry

        made = self._made
        if made is None:
            made = self._made = OpenAPI(
                [Entry(kind.resource, kind.published_schema) for kind in self._kinds],
                version=self._version,
                kept=self._kept,
            )
        return made

    async def answer(self, path: str, wanted_hash: str, headers: Mapping[str, str]) -> Response | Stream:
        """Answer a path. Refusals have no body: those who ask for documents look at the status alone."""
        answer = await self._own(path, wanted_hash, headers)
        if not self._delegates or answer.status not in {200, 304, 404}:
            return answer
        from podwright.apiserver.aggregation.delegated_openapi import DelegatedOpenAPI

        if self._delegated is None:
            self._delegated = DelegatedOpenAPI(self._dialler())
        if path == "/openapi/v2":
            async with self._building:
                own = await asyncio.to_thread(self._second)
            whole = await self._delegated.second(own, self._delegates)
            return await asyncio.to_thread(_shown_v2, _Merged(whole), headers)
        if path in {_V3, f"{_V3}/"}:
            return replace(answer, content=await self._delegated.index(answer.body, self._delegates))
        for delegate in self._delegates:
            if path == f"{_V3}{delegate.path}":
                query = (("hash", wanted_hash),) if wanted_hash else ()
                return await self._delegated.third(delegate, Request("GET", path, query, tuple(headers.items())))
        return answer

    async def _own(self, path: str, wanted_hash: str, headers: Mapping[str, str]) -> Response:
        async with self._building:  # one at a time: two requests must not build the same document twice
            if path == "/openapi/v2":
                return await asyncio.to_thread(lambda: _shown_v2(self._documents, headers))
            if path in {_V3, f"{_V3}/"}:
                return await asyncio.to_thread(self._index)
            if path.startswith(f"{_V3}/"):
                return await asyncio.to_thread(self._v3, path.removeprefix(f"{_V3}/"), wanted_hash, headers)
        return _NOT_FOUND

    def _index(self) -> Response:
        return Response(200, {"content-type": JSON_TYPE}, orjson.dumps(self._documents.root()))

    def _second(self) -> bytes:
        return self._documents.v2()

    def _v3(self, group_version: str, wanted_hash: str, headers: Mapping[str, str]) -> Response:
        documents = self._documents
        try:
            found_hash = documents.hash(group_version)
        except KeyError:
            return _NOT_FOUND
        etag = f'"{found_hash}"'
        if wanted_hash and wanted_hash != found_hash:
            location = f"{_V3}/{group_version}?hash={found_hash}"
            return Response(301, {"location": location, "etag": etag, "vary": "Accept"}, b"")
        shown = {"etag": etag, "vary": "Accept"}
        if wanted_hash:
            shown["cache-control"] = _IMMUTABLE
        if headers.get("if-none-match") == etag:
            return Response(304, shown, b"")
        if not _accepts(headers, JSON_TYPE):
            return _NOT_ACCEPTABLE
        return Response(200, {"content-type": JSON_TYPE, **shown}, documents.v3(group_version))


class _Second(Protocol):
    """A version 2 document in both forms; its ETag is the hash of the path ""."""

    def hash(self, path: str, /) -> str: ...

    def v2(self) -> bytes: ...

    def v2_protobuf(self) -> bytes: ...


class _Merged:
    """A version 2 document of which a part is not ours."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def hash(self, path: str) -> str:
        """The hash of the whole."""
        del path
        return hashlib.sha512(self._body).hexdigest().upper()

    def v2(self) -> bytes:
        """As JSON."""
        return self._body

    def v2_protobuf(self) -> bytes:
        """As older clients want it."""
        from podwright.apiserver.openapi.protobuf import encode_document

        return encode_document(orjson.loads(self._body))


def _shown_v2(documents: _Second, headers: Mapping[str, str]) -> Response:
    from podwright.apiserver.openapi.documents import V2_PROTOBUF_ASKED, V2_PROTOBUF_TYPE

    shown = {"etag": f'"{documents.hash("")}"', "vary": "Accept"}
    for clause in parse_accept(headers.get("accept", "") or JSON_TYPE):
        if clause.type in {JSON_TYPE, "*/*", "application/*"}:
            if headers.get("if-none-match") == shown["etag"]:
                return Response(304, shown, b"")
            return Response(200, {"content-type": JSON_TYPE, **shown}, documents.v2())
        if clause.type in {V2_PROTOBUF_ASKED, V2_PROTOBUF_TYPE}:
            if headers.get("if-none-match") == shown["etag"]:
                return Response(304, shown, b"")
            return Response(200, {"content-type": V2_PROTOBUF_TYPE, **shown}, documents.v2_protobuf())
    return _NOT_ACCEPTABLE


def _accepts(headers: Mapping[str, str], kind: str) -> bool:
    clauses = parse_accept(headers.get("accept", ""))
    return not clauses or any(c.type in {kind, "*/*", "application/*"} for c in clauses)
