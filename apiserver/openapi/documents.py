"""The OpenAPI documents the server publishes: one index, one document per group-version, and the old single one.

Building them takes time and memory that most servers never need to spend, so each is built when first asked for and
kept as bytes. The index names a hash of each document; it changes with the code or the custom resources that the
document is made of, so the index costs next to nothing. A new set of resources is a new object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import orjson

from podwright.apiserver.openapi.definitions import Definitions
from podwright.apiserver.openapi.entry import JSON, Entry, built_in
from podwright.apiserver.openapi.operations import operations
from podwright.apiserver.openapi.paths import paths
from podwright.apiserver.openapi.plain_operations import PlainOperation, plain_operations, plain_path

V2_PROTOBUF_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"  # clients' Accept, no valid media type
V2_PROTOBUF_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"  # what the answer must be called

_JSON_V2, _PROTOBUF_V2 = "v2", "v2 protobuf"  # what the documents of all groups are kept as
_WHOLE = frozenset((_JSON_V2, _PROTOBUF_V2))
_V3 = "#/components/schemas/"
_V2 = "#/definitions/"
_BEARER = {"BearerToken": {"description": "Bearer token", "type": "apiKey", "name": "authorization", "in": "header"}}


class OpenAPI:
    """All documents over one set of resources. `version` is what the server reports at /version, as "1.36"."""

    def __init__(
        self,
        entries: Iterable[Entry] | None = None,
        *,
        title: str = "Podwright",
        version: str = "1.36",
        kept: dict[str, tuple[str, bytes]] | None = None,
    ) -> None:
        """`kept` holds documents beyond this set of resources: those whose content stays the same are not remade, those
        of groups that are gone are dropped."""
        self._info = {"title": title, "version": version}
        self._groups: dict[str, list[Entry]] = {}
        for entry in built_in() if entries is None else entries:
            self._groups.setdefault(entry.resource.base_path.strip("/"), []).append(entry)
        self._plain = plain_operations(entry.resource for entry in self._all())
        self._hashes: dict[str, str] = {}
        self._documents = {} if kept is None else kept
        for name in self._documents.keys() - self._plain.keys() - _WHOLE:
            del self._documents[name]

    def root(self) -> JSON:
        """The index of the version 3 documents: the answer to `/openapi/v3`."""
        return {
            "paths": {
                path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={self.hash(path)}"}
                for path in sorted(self._plain)
            }
        }

    def hash(self, path: str) -> str:
        """The hash of the document of a group-version ("apis/apps/v1"), or of the version 2 document (""). Its ETag
        is the hash in quotes. Raises KeyError for a group-version that is not served."""
        if path not in self._hashes:
            entries = self._groups.get(path, []) if path else self._all()
            self._hashes[path] = self._digest(entries, self._plain[path] if path else None)
        return self._hashes[path]

    def _all(self) -> list[Entry]:
        return [entry for path in sorted(self._groups) for entry in self._groups[path]]

    def _digest(self, entries: list[Entry], plain: PlainOperation | None) -> str:
        state = hashlib.sha512(_code_digest())
        state.update(orjson.dumps([self._info, sorted(self._groups), repr(plain)]))
        for entry in entries:
            state.update(repr(entry.resource).encode())
            state.update(orjson.dumps(entry.custom, option=orjson.OPT_SORT_KEYS))
        return state.hexdigest().upper()

    def v3(self, path: str) -> bytes:
        """The version 3 document of a group-version ("api/v1", "apis/apps/v1"). Raises KeyError if it is not served."""
        group = self._groups.get(path, [])
        return self._document(path, path, lambda: orjson.dumps(self._v3(group, self._plain[path])))

    def _document(self, name: str, path: str, make: Callable[[], bytes]) -> bytes:
        found, wanted = self._documents.get(name), self.hash(path)
        if found is None or found[0] != wanted:
            found = self._documents[name] = (wanted, make())
        return found[1]

    def v2(self) -> bytes:
        """The version 2 document of all group-versions, as JSON."""
        return self._document(_JSON_V2, "", lambda: orjson.dumps(self.v2_document()))

    def v2_protobuf(self) -> bytes:
        """The version 2 document in the protobuf form that older clients insist on."""
        from podwright.apiserver.openapi.protobuf import encode_document

        return self._document(_PROTOBUF_V2, "", lambda: encode_document(self.v2_document()))

    def _definitions(self, prefix: str, *, wrap: bool, shared: bool = True) -> Definitions:
        made = Definitions(prefix, wrap)
        if not shared:
            return made
        rows = (entry.resource for entries in self._groups.values() for entry in entries)
        made.shared((row.group, row.version) for row in rows)
        return made

    def _v3(self, entries: list[Entry], plain: PlainOperation) -> JSON:
        definitions = self._definitions(_V3, wrap=True, shared=bool(entries))
        found: JSON = {plain.path: plain_path(plain, definitions, v3=True)}
        found |= paths((each for entry in entries for each in operations(entry)), definitions, v3=True)
        return {
            "openapi": "3.0.0",
            "info": self._info,
            "paths": found,
            "components": {"schemas": _sorted(definitions.found), "securitySchemes": _BEARER},
        }

    def v2_document(self) -> JSON:
        """The version 2 document."""
        definitions = self._definitions(_V2, wrap=False)
        found = {each.path: plain_path(each, definitions, v3=False) for each in self._plain.values()}
        found |= paths((each for entry in self._all() for each in operations(entry)), definitions, v3=False)
        return {
            "swagger": "2.0",
            "info": self._info,
            "paths": found,
            "definitions": _sorted(definitions.found),
            "securityDefinitions": _BEARER,
            "security": [{"BearerToken": []}],
        }


def _sorted(found: JSON) -> JSON:
    return {name: found[name] for name in sorted(found)}


@cache
def _code_digest() -> bytes:
    """A digest of the code that the documents are made of."""
    state = hashlib.sha512()
    for package in ("podwright.api", "podwright.apiserver.openapi"):
        for text in _sources(files(package)):
            state.update(text)
    return state.digest()


def _sources(folder: Traversable) -> Iterable[bytes]:
    for child in sorted(folder.iterdir(), key=lambda each: each.name):
        if child.is_dir():
            yield from _sources(child)
        elif child.name.endswith(".py"):
            yield child.read_bytes()
