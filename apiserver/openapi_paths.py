"""The /openapi paths: which document, in which encoding, and whether the client has it already.

Documents are built on first use, in a thread, for that takes a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import orjson

from podwright.apiserver.media import JSON_TYPE, parse_accept
from podwright.apiserver.registry.kind import Kind
from podwright.client.transport import Response

if TYPE_CHECKING:
    from podwright.apiserver.openapi.documents import OpenAPI

_V3 = "/openapi/v3"
_IMMUTABLE = "public, immutable"
_NOT_FOUND: Final = Response(404, {}, b"")
_NOT_ACCEPTABLE: Final = Response(406, {"vary": "Accept"}, b"")


class OpenAPIPaths:
    """Answers for the kinds that are served now. `version` is what /version tells, as "1.36"."""

    def __init__(self, version: str) -> None:
        self._kinds: tuple[Kind, ...] = ()
        self._version = version
        self._building = asyncio.Lock()
        self._made: OpenAPI | None = None
        self._kept: dict[str, tuple[str, bytes]] = {}  # path -> hash and document, as long as that stays the same

    def describe(self, kinds: Iterable[Kind]) -> None:
        """Describe these kinds from now on. Nothing is made before somebody asks."""
        self._kinds = tuple(kinds)
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

    async def answer(self, path: str, wanted_hash: str, headers: Mapping[str, str]) -> Response:
        """Answer a path. Refusals have no body: those who ask for documents look at the status alone."""
        async with self._building:  # one at a time: two requests must not build the same document twice
            if path == "/openapi/v2":
                return await asyncio.to_thread(self._v2, headers)
            if path in {_V3, f"{_V3}/"}:
                return await asyncio.to_thread(self._index)
            if path.startswith(f"{_V3}/"):
                return await asyncio.to_thread(self._v3, path.removeprefix(f"{_V3}/"), wanted_hash, headers)
        return _NOT_FOUND

    def _index(self) -> Response:
        return Response(200, {"content-type": JSON_TYPE}, orjson.dumps(self._documents.root()))

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

    def _v2(self, headers: Mapping[str, str]) -> Response:
        from podwright.apiserver.openapi.documents import V2_PROTOBUF_ASKED, V2_PROTOBUF_TYPE

        documents = self._documents
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
