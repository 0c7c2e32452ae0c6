"""The apiserver: one entry point for every request, whatever carried it here.

`handle` is sans-IO: a Request and a User in, a Response or a stream out. HTTP and the in-process transport are thin
shells around it. Nothing but an answer ever leaves it: a failure of ours becomes a 500 with a reference id that is
logged.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from podwright.api.errors import (
    ApiError,
    bad_request,
    internal,
    method_not_allowed,
    no_such_resource,
    not_acceptable,
    not_found,
    service_unavailable,
    timeout,
    too_large,
    too_many_requests,
    unsupported_media_type,
)
from podwright.api.resources import RESOURCES
from podwright.apiserver.access_log import AccessLog
from podwright.apiserver.admission.certificate_subject import CertificateSubject
from podwright.apiserver.admission.chain import Chain
from podwright.apiserver.admission.default_ingress_class import DefaultIngressClass
from podwright.apiserver.admission.default_tolerations import DefaultTolerations
from podwright.apiserver.admission.limit_ranges import LimitRanges
from podwright.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from podwright.apiserver.admission.priority import Priority
from podwright.apiserver.admission.runtime_class import RuntimeClassAdmission
from podwright.apiserver.admission.service_account import ServiceAccountAdmission
from podwright.apiserver.admission.storage import DefaultStorageClass, StorageProtection
from podwright.apiserver.allocators.services import ServiceClaimer
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authorization.authorizer import authorize
from podwright.apiserver.authorization.identities import COMPONENTS
from podwright.apiserver.bootstrap import bootstrap, wanted_objects
from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.custom.serving import CustomResources
from podwright.apiserver.dispatch import STREAMS, collection_handler, methods_of, object_handler
from podwright.apiserver.endpoints import build_endpoints
from podwright.apiserver.health import Check
from podwright.apiserver.housekeeping import Housekeeping
from podwright.apiserver.media import JSON_TYPE, PLAIN_TYPE, PROTOBUF_TYPE, YAML_TYPE, body_type, negotiate
from podwright.apiserver.metrics import Metrics
from podwright.apiserver.options import Query, check_table
from podwright.apiserver.plain_paths import PlainPaths
from podwright.apiserver.quota.keeper import QuotaKeeper
from podwright.apiserver.quota.quotas import Quotas
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.history import refuse_history
from podwright.apiserver.registry.kind import Kind
from podwright.apiserver.registry.reading import get_item
from podwright.apiserver.registry.rendering import render_object
from podwright.apiserver.registry.watching import watch
from podwright.apiserver.responses import JSON_HEADERS, LocalTransport, PageNotFound, error_response
from podwright.apiserver.routes import Target, resolve
from podwright.apiserver.streams import NodeStreams
from podwright.apiserver.user import LOOPBACK, User
from podwright.client.transport import Request, Response, Stream
from podwright.store.protocol import Store, StoreError

if TYPE_CHECKING:
    from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens

log = logging.getLogger(__name__)
JSON = dict[str, Any]
VERSION = "0.1.0"
Upgrade = tuple[NodeStreams, JSON, str]
"""The way to a node, the pod and the subresource of a connection that becomes a stream."""
_OBJECT_VERBS = frozenset(("get", "update", "patch", "delete"))


class ApiServer:
    """Serves the API over a store. `start` before the first request, `stop` after the last."""

    def __init__(
        self, config: ServerConfig, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.config = config
        self.store = store
        self.now = now
        self.port = config.port
        self.ready = False
        self.feed = Feed(store)
        endpoints = build_endpoints(RESOURCES, self.feed, window=config.event_window)
        self.registry = Registry(store, self.feed, endpoints, now)
        self.registry.future_seconds = config.future_revision_seconds
        self.registry.watch_buffer = config.watch_buffer
        self.registry.admission = Chain(
            (
                NamespaceLifecycle(),
                LimitRanges(),
                ServiceAccountAdmission(),
                Priority(),
                DefaultTolerations(),
                RuntimeClassAdmission(),
                DefaultIngressClass(),
                CertificateSubject(),
                DefaultStorageClass(),
                StorageProtection(),
            )
        )
        claimer = ServiceClaimer(config.service_cidr, config.node_port_first, config.node_port_last, now=now)
        self.registry.claimers["services"] = claimer
        self.registry.charger = quotas = Quotas(self.registry.endpoints)
        self._quota_keeper = QuotaKeeper(self.registry, quotas)
        self.metrics = Metrics()
        self.tokens: ServiceAccountTokens | None = None
        self.node_streams: NodeStreams | None = None
        self._plain = PlainPaths(self, VERSION)
        self._access_log: AccessLog | None = None
        self._housekeeping = Housekeeping(self.registry, config)
        self._custom = CustomResources(self.registry, self.transport(LOOPBACK), now, window=config.event_window)

    async def start(self) -> None:
        """Load the caches, follow the store, sign tokens when there is a key. Raises StoreError, SigningKeyError."""
        if self.config.service_account_key_file is not None:
            from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens, load_key

            key = load_key(self.config.service_account_key_file)
            self.tokens = ServiceAccountTokens(key, self.config.service_account_issuer, self._uid_of, self.now)
            self.registry.token_signer = self.tokens
            self.registry.token_reviewer = Authenticator({}, self.tokens)
        await self.feed.start()
        await self._custom.start()
        if self.config.access_log_file is not None:
            self._access_log = AccessLog(self.config.access_log_file, self._line_dropped)
            self._access_log.start()
        self._housekeeping.start()
        self._quota_keeper.start()

    async def bootstrap(self, port: int, client_ca: str = "") -> None:
        """Write what every cluster has; `port` is where this server really listens. Raises ApiError."""
        self.port = port
        first_ip = str(IPv4Network(self.config.service_cidr)[1])
        await bootstrap(self.transport(LOOPBACK), wanted_objects(self.config, port, first_ip, client_ca))
        self.ready = True

    async def stop(self) -> None:
        """End all watches and tasks; the store stays open (it is its owner's)."""
        self.ready = False
        for endpoint in self.registry.endpoints.values():
            for watcher in endpoint.cache.all_watchers():
                watcher.close()
        await self._custom.stop()
        await self._quota_keeper.stop()
        await self._housekeeping.stop()
        await self.feed.stop()
        if self._access_log is not None:
            await self._access_log.stop()
            self._access_log = None

    def transport(self, user: User) -> LocalTransport:
        """A transport that hands requests to this server as `user`."""
        return LocalTransport(self.handle, user)

    # -- what paths outside the API show

    @property
    def address(self) -> str:
        """Where clients reach the server: host:port."""
        return f"{self.config.advertise_address or self.config.host}:{self.port}"

    @property
    def kinds(self) -> list[Kind]:
        """What is served."""
        return [e.kind for e in self.registry.endpoints.values()]

    @property
    def generation(self) -> int:
        """Rises when `kinds` changes."""
        return self.registry.generation

    @property
    def token_keys(self) -> ServiceAccountTokens | None:
        """None when the server signs no tokens."""
        return self.tokens

    def render_metrics(self) -> bytes:
        """The counters in Prometheus' text form."""
        return self.metrics.render(self.feed, self.registry.endpoints.values())

    # -- the way of a request

    async def handle(self, request: Request, user: User) -> Response | Stream:
        """Answer one request. Never raises for what a client can cause. Header names must be lower-case."""
        begin = time.perf_counter()
        query = Query(request.query)
        target = resolve(request.method, request.path, watch=query.flag("watch") if request.query else False)
        warnings: list[str] = []
        known = False
        self.metrics.inflight += 1
        try:
            authorize(self.registry.authorizer, user, target)
            self._check_load(request)
            if target.resource:
                endpoint = self._endpoint(target)
                known = True
                answer: Response | Stream = await self._resource(request, user, target, query, endpoint, warnings)
            else:
                answer = await self._plain.answer(target, query, dict(request.headers))
        except ApiError as error:
            answer = error_response(error, warnings, dict(request.headers).get("accept", ""))
        except StoreError as error:
            log.warning("Cannot serve %s %s: %s", request.method, request.path, error)
            answer = error_response(service_unavailable(f"the store does not answer: {error}", 1), warnings)
        except Exception as error:  # noqa: BLE001 - nothing may leave but an answer; it is logged in full
            answer = self._failed(request, error, warnings)
        finally:
            self.metrics.inflight -= 1
        size = len(answer.body) if isinstance(answer, Response) else -1
        self._note(request, user, target, answer.status, time.perf_counter() - begin, size, known=known)
        return answer

    def expired(self, request: Request, user: User, seconds: float) -> Response:
        """The answer to a request that was given up after so many seconds."""
        answer = error_response(timeout("request did not complete within the allotted timeout"))
        target = resolve(request.method, request.path)
        self._note(request, user, target, answer.status, seconds, len(answer.body), known=False)
        return answer

    def _note(
        self, request: Request, user: User, target: Target, code: int, seconds: float, size: int, *, known: bool
    ) -> None:
        """Count an answer and log it; `size` is -1 for a stream."""
        self.metrics.observe(target, code, seconds, known=known)
        if user.name in COMPONENTS:
            self.registry.heard_of.add(user.name)
        if self._access_log is not None:
            self._access_log.add(self.now(), user.name, request.method, _shown(request), code, round(seconds, 6), size)

    def _check_load(self, request: Request) -> None:
        if self.metrics.inflight > self.config.max_inflight:
            raise too_many_requests("too many requests are being answered, please try again", 1)
        if len(request.body) > self.config.body_limit:
            raise too_large(f"limit is {self.config.body_limit}")

    def _failed(self, request: Request, error: Exception, warnings: list[str]) -> Response:
        reference = uuid.uuid4().hex[:12]
        text = "Cannot serve %s %s (reference %s)"
        log.error(text, request.method, request.path, reference, exc_info=error)
        return error_response(internal(f"see the server's log, reference {reference}"), warnings)

    async def _resource(
        self, request: Request, user: User, target: Target, query: Query, endpoint: Endpoint, warnings: list[str]
    ) -> Response | Stream:
        call = self._call(request, user, target, query, endpoint, warnings)
        if endpoint.kind.warning:
            warnings.append(endpoint.kind.warning)
        if query.pairs and (target.verb not in {"get", "list"} or target.subresource == "log"):
            refuse_history(query, target.subresource or target.verb)
        if target.verb == "watch":
            return await watch(self.registry, call)
        if target.subresource == "log":
            return await self._logs(call)
        if target.subresource in STREAMS:
            raise bad_request("Upgrade request required")
        if target.name:
            handler = object_handler(endpoint.resource.qualified, target.subresource, request.method)
        else:
            handler = collection_handler(endpoint.resource.qualified, target.verb)
        if handler is None:
            raise method_not_allowed()
        result = await handler(self.registry, call)
        body = result.body
        if target.name or target.verb == "create":
            body = render_object(call, body)
        content_type = call.format.content_type
        headers = JSON_HEADERS if content_type == JSON_TYPE else {"content-type": content_type}
        return Response(result.status, headers, body, tuple(warnings))

    def _call(
        self, request: Request, user: User, target: Target, query: Query, endpoint: Endpoint, warnings: list[str]
    ) -> Call:
        headers = dict(request.headers)
        body, content_type = request.body, body_type(headers.get("content-type", ""))
        if content_type == PROTOBUF_TYPE:
            if not endpoint.kind.has_class and request.method != "DELETE" and not target.subresource:
                raise unsupported_media_type((JSON_TYPE, YAML_TYPE))
            from podwright.apiserver.protobuf_body import to_json

            body, content_type = to_json(body, endpoint.resource.kind) if body else body, JSON_TYPE
        wanted = negotiate(headers.get("accept", ""), verb=target.verb, tables="get" in endpoint.resource.verbs)
        if wanted.content_type == PROTOBUF_TYPE and not endpoint.kind.has_class:
            raise not_acceptable((JSON_TYPE, YAML_TYPE))
        if wanted.shape == "table":
            check_table(query)
        return Call(
            endpoint=endpoint,
            target=target,
            user=user,
            query=query,
            body=body,
            content_type=content_type,
            format=wanted,
            now=self.now(),
            agent=headers.get("user-agent", ""),
            warnings=warnings,
        )

    def _endpoint(self, target: Target) -> Endpoint:
        """The endpoint a target names, with everything wrong with the path refused. Raises ApiError 404, 405."""
        endpoint = self.registry.endpoints.get((target.group, target.version, target.plural))
        if endpoint is None:
            raise no_such_resource() if self.registry.has_classes(target.group) else PageNotFound
        resource, custom = endpoint.resource, not endpoint.kind.has_class
        if target.rest:
            raise no_such_resource()
        if target.in_namespace is not (resource.namespaced and (bool(target.name) or target.in_namespace)):
            raise PageNotFound if custom else no_such_resource()
        if target.subresource:
            if target.subresource not in resource.subresources:
                raise not_found(resource.qualified, target.name) if custom else no_such_resource()
            if target.method not in methods_of(target.subresource):
                raise method_not_allowed()
            return endpoint
        in_all = resource.namespaced and not target.in_namespace
        wrong = target.verb not in resource.verbs or target.method == "HEAD"
        if wrong or (in_all and target.verb in {"create", "deletecollection"}) or _post_on_object(target):
            if target.name and _OBJECT_VERBS.isdisjoint(resource.verbs):
                raise no_such_resource()  # nothing of this kind can be named
            raise method_not_allowed()
        return endpoint

    # -- pods on nodes

    async def _logs(self, call: Call) -> Response | Stream:
        from podwright.apiserver.subresources.logs import log_options

        pod = call.endpoint.object(await get_item(self.registry, call))
        options = log_options(call.query, pod)
        if not pod["spec"].get("nodeName"):
            return Response(204, {}, b"")
        if self.node_streams is None:
            raise service_unavailable("this server has no way to the nodes")
        from podwright.apiserver.log_stream import LogStream

        return LogStream(await self.node_streams.logs(pod, options), {"content-type": PLAIN_TYPE})

    async def upgrade(self, request: Request, user: User) -> Upgrade | Response:
        """Check an exec, attach or portforward: the way to the node, the pod and the subresource, or the refusal."""
        begin = time.perf_counter()
        query = Query(request.query)
        target = resolve(request.method, request.path)
        try:
            authorize(self.registry.authorizer, user, target)
            endpoint = self._endpoint(target)
            item = await get_item(self.registry, self._call(request, user, target, Query(), endpoint, []))
            pod = endpoint.object(item)
            if target.subresource != "portforward" and query.get("container"):
                from podwright.apiserver.subresources.logs import choose_container

                choose_container(pod, query.get("container"))
            if not pod["spec"].get("nodeName"):
                raise bad_request(f"pod {target.name} does not have a host assigned")
            if self.node_streams is None:
                raise service_unavailable("this server has no way to the nodes")
        except ApiError as error:
            answer = error_response(error)
            seconds = time.perf_counter() - begin
            self._note(request, user, target, answer.status, seconds, len(answer.body), known=True)
            return answer
        self._note(request, user, target, 101, time.perf_counter() - begin, -1, known=True)
        return self.node_streams, pod, target.subresource

    def is_upgrade(self, path: str) -> bool:
        """Tell whether a path is one of the subresources that take over the connection."""
        return path.rpartition("/")[2] in STREAMS and resolve("GET", path).subresource in STREAMS

    def _uid_of(self, plural: str, namespace: str, name: str) -> str | None:
        item = self.registry.endpoints["", "v1", plural].get(namespace, name)
        return None if item is None else item.object()["metadata"]["uid"]

    # -- housekeeping

    def checks(self, name: str) -> Mapping[str, Check]:
        """The health checks of /healthz, /livez or /readyz."""
        checks: dict[str, Check] = {"ping": _fine, "store": self._store_check, "watch-cache": self._cache_check}
        if name == "readyz":
            checks["bootstrap"] = self._ready_check
        return checks

    async def _store_check(self) -> None:
        await self.store.current_revision()

    async def _cache_check(self) -> None:
        await self.feed.fresh()

    async def _ready_check(self) -> None:
        if not self.ready:
            msg = "the first objects are not written yet"
            raise RuntimeError(msg)

    def _line_dropped(self) -> None:
        self.metrics.log_dropped += 1


async def _fine() -> None:
    """The server answers."""


def _post_on_object(target: Target) -> bool:
    return target.verb == "create" and bool(target.name)


def _shown(request: Request) -> str:
    if not request.query:
        return request.path
    return request.path + "?" + "&".join(f"{k}={v}" for k, v in request.query)
