"""Paths that are no resource's: discovery, version, health, metrics, OpenAPI, keys.

One table of exact paths and one of prefixes. Documents are made on first use and kept as bytes.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from podwright.api.errors import method_not_allowed, no_such_resource, not_acceptable
from podwright.api.resources import Resource
from podwright.apiserver import discovery, discovery_answers, health
from podwright.apiserver.media import JSON_TYPE, PLAIN_TYPE, PROTOBUF_TYPE, YAML_TYPE, parse_accept
from podwright.apiserver.openapi_paths import OpenAPIPaths
from podwright.apiserver.options import Query
from podwright.apiserver.registry.kind import Kind
from podwright.apiserver.routes import Target
from podwright.client.transport import Response, Stream

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Offer
    from podwright.apiserver.aggregation.dialler import Dialler

JSON = dict[str, Any]
API_MINOR = 36
"""Minor version of the API this server speaks."""
_JSON = {"content-type": JSON_TYPE}
_DUMPS = "/debug/api_priority_and_fairness/"
_HEALTH = ("healthz", "livez", "readyz")
Handler = Callable[[Target, Query, Mapping[str, str]], Awaitable[Response]]


def not_found() -> Response:
    """The 404 of paths outside the API."""
    return Response(404, {"content-type": PLAIN_TYPE}, b"404 page not found\n")


class Keys(Protocol):
    """The public side of service-account tokens."""

    issuer: str

    def public_keys(self) -> JSON:
        """The JSON Web Key Set."""
        ...


class Host(Protocol):
    """The server as these paths see it."""

    @property
    def address(self) -> str:
        """Where clients reach the server: host:port."""
        ...

    @property
    def kinds(self) -> Sequence[Kind]:
        """What is served."""
        ...

    @property
    def offers(self) -> Sequence[Offer]:
        """What other API servers serve."""
        ...

    @property
    def dialler(self) -> Dialler:
        """The way to them."""
        ...

    @property
    def generation(self) -> int:
        """Rises when `kinds` or `offers` change."""
        ...

    @property
    def token_keys(self) -> Keys | None:
        """None when the server signs no tokens."""
        ...

    def checks(self, name: str) -> Mapping[str, health.Check]:
        """The health checks of /healthz, /livez or /readyz."""
        ...

    def render_metrics(self) -> bytes:
        """The counters in Prometheus' text form."""
        ...

    def dump(self, name: str, *, details: bool) -> str | None:
        """A table of what waits at the gate; None for a name that is none."""
        ...


class PlainPaths:
    """Answers for one server."""

    def __init__(self, server: Host, version: str) -> None:
        self._server = server
        self._version = version
        self._generation = -1
        self._rows: tuple[Resource, ...] = ()
        self._offers: tuple[Offer, ...] = ()
        self._documents: dict[str, bytes] = {}
        self._openapi = OpenAPIPaths(f"1.{API_MINOR}", lambda: self._server.dialler)
        self._exact: dict[str, Handler] = {
            "/": self._root,
            "/version": self._version_info,
            "/metrics": self._metrics,
            "/.well-known/openid-configuration": self._oidc,
            "/openid/v1/jwks": self._keys,
        }

    async def answer(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response | Stream:
        """Answer. Raises ApiError."""
        path = target.path
        self._refresh()
        first = path.split("/", 2)[1]
        if first in _HEALTH:
            found = await health.answer(first, path, self._server.checks(first), query)
            return not_found() if found is None else found
        if first in {"api", "apis"}:
            return self._discover(target, headers)
        if path.startswith("/openapi/"):
            _only_reads(target)
            return await self._openapi.answer(path, query.get("hash"), headers)
        if path.startswith(_DUMPS):
            _only_reads(target)
            table = self._server.dump(path.removeprefix(_DUMPS), details=query.flag("includeRequestDetails"))
            return not_found() if table is None else Response(200, {"content-type": PLAIN_TYPE}, table.encode())
        handler = self._exact.get(path if path == "/" else path.rstrip("/"))
        if handler is None or (path.endswith("/") and path not in {"/", "/version/"}):
            return not_found()
        if path != "/":
            _only_reads(target)
        return await handler(target, query, headers)

    def _refresh(self) -> None:
        """Forget what was made of a set of kinds that is not served any more."""
        if self._generation != self._server.generation:
            self._generation = self._server.generation
            kinds = tuple(self._server.kinds)
            self._rows = tuple(kind.resource for kind in kinds)
            self._offers = tuple(self._server.offers)
            self._documents.clear()
            self._openapi.describe(kinds, self._offers)

    # -- discovery

    def _discover(self, target: Target, headers: Mapping[str, str]) -> Response:
        parts = target.path.strip("/").split("/")
        if "//" in target.path or ".." in parts:
            return not_found()
        rows = self._rows
        accept = headers.get("accept", "")
        if len(parts) == 1:
            return self._whole(target, parts[0], accept, headers)
        group = "" if parts[0] == "api" else parts[1]
        version = parts[-1] if parts[0] == "api" or len(parts) == 3 else ""
        if group and group not in discovery.groups_of(rows, self._offers):
            return not_found()
        if not version:  # answers any method, as the list of groups does
            made = lambda: discovery.group(rows, group, self._offers)  # noqa: E731 - made when first asked for
            return self._shown(accept, f"group/{group}", made, routed=False)
        routed = discovery.built_in(rows, group)
        if version not in discovery.versions_of(rows, group):
            if routed:
                raise no_such_resource()
            return not_found()
        if routed:
            _only_reads(target)
        name = f"resources/{group}/{version}"
        return self._shown(accept, name, lambda: discovery.resource_list(rows, group, version), routed=routed)

    def _whole(self, target: Target, prefix: str, accept: str, headers: Mapping[str, str]) -> Response:
        rows, core = self._rows, prefix == "api"
        if core:
            _only_reads(target)
        if not _wants_aggregated(accept):
            if core:
                return self._shown(accept, prefix, lambda: discovery.api_versions(self._server.address), routed=True)
            return self._shown(accept, prefix, lambda: discovery.group_list(rows, self._offers), routed=False)
        body = self._document(f"{prefix}/aggregated", lambda: discovery.aggregated(rows, self._offers, core=core))
        etag = f'"{hashlib.sha256(body).hexdigest().upper()}"'
        kind = f"{JSON_TYPE};g={discovery.AGGREGATED};v={discovery.AGGREGATED_VERSION};as=APIGroupDiscoveryList"
        found = {"content-type": kind, "etag": etag, "vary": "Accept"}
        if headers.get("if-none-match", "") == etag:
            return Response(304, {"etag": etag, "vary": "Accept"}, b"")
        return Response(200, found, body)

    def _shown(self, accept: str, name: str, make: Callable[[], JSON], *, routed: bool) -> Response:
        """A legacy document."""
        return discovery_answers.shown(self._document(name, make), accept, routed=routed)

    def _document(self, name: str, make: Callable[[], JSON]) -> bytes:
        body = self._documents.get(name)
        if body is None:
            body = self._documents[name] = orjson.dumps(make())
        return body

    # -- the rest

    async def _root(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response:
        del target, query, headers
        paths = {"/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/", "/metrics"}
        paths |= {"/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/version"}
        for group in discovery.groups_of(self._rows, self._offers):
            paths.add(f"/apis/{group}")
            paths |= {f"/apis/{group}/{v}" for v in discovery.versions_of(self._rows, group, self._offers)}
        for name in _HEALTH:
            paths.add(f"/{name}")
            paths |= {f"/{name}/{check}" for check in self._server.checks(name)}
        return Response(200, _JSON, orjson.dumps({"paths": sorted(paths)}))

    async def _version_info(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response:
        del target, query
        _accept_json(headers.get("accept", ""))
        info = {
            "major": "1",
            "minor": str(API_MINOR),
            "gitVersion": f"v1.{API_MINOR}.0+podwright.{self._version}",
            "gitCommit": "",
            "gitTreeState": "",
            "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "",
            "compiler": f"{platform.python_implementation().lower()}-{platform.python_version()}",
            "platform": "linux/" + {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        }
        return Response(200, _JSON, orjson.dumps(info, option=orjson.OPT_INDENT_2))

    async def _metrics(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response:
        del target, query, headers
        from podwright.apiserver.metrics import CONTENT_TYPE

        return Response(200, {"content-type": CONTENT_TYPE}, self._server.render_metrics())

    async def _oidc(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response:
        del target, query, headers
        tokens = self._server.token_keys
        if tokens is None:
            return not_found()
        document = {
            "issuer": tokens.issuer,
            "jwks_uri": f"https://{self._server.address}/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return Response(200, {**_JSON, "cache-control": "public, max-age=3600"}, orjson.dumps(document))

    async def _keys(self, target: Target, query: Query, headers: Mapping[str, str]) -> Response:
        del target, query, headers
        tokens = self._server.token_keys
        if tokens is None:
            return not_found()
        kind = {"content-type": "application/jwk-set+json", "cache-control": "public, max-age=3600"}
        return Response(200, kind, orjson.dumps(tokens.public_keys()))


def _only_reads(target: Target) -> None:
    if target.method not in {"GET", "HEAD"}:
        raise method_not_allowed()


def _accept_json(accept: str) -> None:
    clauses = parse_accept(accept)
    if clauses and not any(c.type in {JSON_TYPE, "*/*"} and not _as(c.params) for c in clauses):
        raise not_acceptable((JSON_TYPE,))


def _as(params: tuple[tuple[str, str], ...]) -> str:
    return dict(params).get("as", "")


def _wants_aggregated(accept: str) -> bool:
    """Whether an Accept header prefers the aggregated document to the legacy form."""
    for clause in parse_accept(accept):
        params = dict(clause.params)
        if clause.type in {JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE, "*/*"} and "as" not in params:
            return False
        wanted = params.get("as") == "APIGroupDiscoveryList" and params.get("g") == discovery.AGGREGATED
        if clause.type == JSON_TYPE and wanted and params.get("v") == discovery.AGGREGATED_VERSION:
            return True
    return False
