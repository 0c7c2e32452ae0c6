"""The apiserver: one entry point for every request, whatever carried it here.

`handle` is sans-IO: a Request and a User in, a Response or a stream out. HTTP and the in-process transport are thin
shells around it. Nothing but an answer ever leaves it: a failure of ours becomes a 500 with a reference id that is
logged.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podwright.api.errors import (
    ApiError,
    internal,
    service_unavailable,
    timeout,
    too_large,
    too_many_requests,
)
from podwright.api.resources import RESOURCES, find
from podwright.apiserver import confidential
from podwright.apiserver.access_log import AccessLog
from podwright.apiserver.admission.chain import Chain
from podwright.apiserver.admission.plugins import built_in_plugins, dynamic_parts
from podwright.apiserver.admission.policies.counting import PolicyCounts
from podwright.apiserver.admission.webhooks.counting import HookCounts
from podwright.apiserver.aggregation.delegates import Delegates
from podwright.apiserver.aggregation.local_services import LocalServices
from podwright.apiserver.aggregation.opened import Opened
from podwright.apiserver.allocators.services import ServiceClaimer
from podwright.apiserver.answering import answer_call, make_call, pass_on
from podwright.apiserver.authentication.authenticator import Authenticator, TokenVerifier
from podwright.apiserver.authentication.bootstrap_tokens import NAMESPACE, BootstrapTokens
from podwright.apiserver.authentication.verifiers import Verifiers
from podwright.apiserver.authorization.authorizer import authorize
from podwright.apiserver.authorization.identities import COMPONENTS
from podwright.apiserver.authorization.naming import named
from podwright.apiserver.bootstrap import bootstrap, wanted_objects
from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.custom.serving import CustomResources
from podwright.apiserver.dispatch import PROXY, STREAMS
from podwright.apiserver.encryption.wanted import sealed
from podwright.apiserver.endpoints import build_endpoints
from podwright.apiserver.fairness.gate import Gate
from podwright.apiserver.finding import find_endpoint
from podwright.apiserver.health import Check, checks_of
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.housekeeping import Housekeeping
from podwright.apiserver.metrics import Metrics
from podwright.apiserver.options import Query
from podwright.apiserver.plain_paths import PlainPaths
from podwright.apiserver.quota.keeper import QuotaKeeper
from podwright.apiserver.quota.quotas import Quotas
from podwright.apiserver.refusing import refusal_shown
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.kind import Kind
from podwright.apiserver.responses import LocalTransport, error_response
from podwright.apiserver.routes import Target, resolve
from podwright.apiserver.streams import NodeStreams
from podwright.apiserver.time_limit import check_timeout
from podwright.apiserver.user import LOOPBACK, UNASKED, User
from podwright.client.transport import Request, Response, Stream
from podwright.store.protocol import Store, StoreError
from podwright.store.sealed import Unreadable

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Offer
    from podwright.apiserver.aggregation.dialler import Dialler
    from podwright.apiserver.audit.log import AuditLog
    from podwright.apiserver.audit.trail import Trail
    from podwright.apiserver.authentication.external.tokens import ExternalTokens
    from podwright.apiserver.authentication.legacy_tokens import LegacyTokens
    from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens

log = logging.getLogger(__name__)
JSON = dict[str, Any]
VERSION = "0.1.0"
_SECRETS = find("secrets")
LOCAL_SOURCES = ("127.0.0.1",)
"""Where requests of this process come from."""
Upgrade = tuple[NodeStreams, JSON, str]
"""The way to a node, the pod and the subresource of a connection that becomes a stream."""


class ApiServer:
    """Serves the API over a store. `start` before the first request, `stop` after the last."""

    def __init__(
        self, config: ServerConfig, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.config = config
        self._sealed = sealed(config, store)
        self.store = store = store if self._sealed is None else self._sealed.store
        self.now = now
        self.port = config.port
        self.ready = False
        self.feed = Feed(store)
        endpoints = build_endpoints(RESOURCES, self.feed, window=config.event_window)
        self.registry = Registry(store, self.feed, endpoints, now)
        if self._sealed is not None:
            self.registry.stale = self._sealed.store.stale
        self.registry.future_seconds = config.future_revision_seconds
        self.registry.watch_buffer = config.watch_buffer
        self._hooks = Hooks(self.registry.lookup, lambda: self.node_streams)
        counts, policies = HookCounts(), PolicyCounts()
        plugins = built_in_plugins(self.registry.roles, config.pod_security)
        parts = dynamic_parts(self.registry, self._hooks, counts, policies)
        self.registry.admission = Chain(plugins, parts, exempt=UNASKED)
        claimer = ServiceClaimer(config.service_cidr, config.node_port_first, config.node_port_last, now=now)
        self.registry.claimers["services"] = claimer
        self.registry.charger = quotas = Quotas(self.registry.endpoints)
        self._quota_keeper = QuotaKeeper(self.registry, quotas)
        self.metrics = Metrics(counts.lines, policies.lines, self._hooks.lines)
        self.gate = Gate(self.registry, config.seats, config.request_seconds / 4)
        self.tokens: ServiceAccountTokens | None = None
        self._joining = BootstrapTokens(self._bootstrap_secret, config.service_account_issuer, now)
        self.verifier: TokenVerifier = Verifiers(self._joining)
        self.others: ExternalTokens | None = None
        self._root_ca = ""
        self.node_streams: NodeStreams | None = None
        self._plain = PlainPaths(self, VERSION)
        self._access_log: AccessLog | None = None
        self.audit: AuditLog | None = None
        self._housekeeping = Housekeeping(self.registry, config, self.transport(LOOPBACK))
        self._custom = CustomResources(
            self.registry, self.transport(UNASKED), self._hooks, now, window=config.event_window
        )
        self._local_services = LocalServices(self.registry, self.transport(LOOPBACK), now)
        self.delegates = Delegates(
            self.registry, self.transport(LOOPBACK), now, config.front_proxy, lambda: self.node_streams
        )

    async def start(self) -> None:
        """Load the caches, follow the store, sign tokens when there is a key.

        Raises StoreError, SigningKeyError, ConfigFileError.
        """
        if self.config.service_account_key_file is not None:
            from podwright.apiserver.authentication.service_accounts import ServiceAccountTokens
            from podwright.apiserver.authentication.signing_keys import load_keys

            keys = load_keys(self.config.service_account_key_file)
            self.tokens = ServiceAccountTokens(keys, self.config.service_account_issuer, self._uid_of, self.now)
            self.registry.token_signer = self.tokens
            self.verifier = Verifiers(self._joining, self.tokens, self._keep_account_secrets(self.tokens))
        self.registry.token_reviewer = Authenticator({}, self.verifier)
        if self.config.authentication_config_file is not None:
            await self._start_others(self.config.authentication_config_file)
        if self._sealed is not None:
            await self._sealed.start()
        if self.config.audit_policy_file is not None:
            self.audit = await self._start_audit(self.config.audit_policy_file)
        await self.feed.start()
        await self._custom.start()
        await self.delegates.start()
        self._local_services.start()
        if self.config.access_log_file is not None:
            self._access_log = AccessLog(self.config.access_log_file, self._line_dropped)
            self._access_log.start()
        if self.tokens is not None and self.config.service_account_key_file is not None:
            self._housekeeping.follow(self.config.service_account_key_file, self._use_keys)
        self._housekeeping.start()
        self._quota_keeper.start()

    async def bootstrap(self, port: int, client_ca: str = "") -> None:
        """Write what every cluster has; `port` is where this server really listens. Raises ApiError."""
        from podwright.apiserver.authorization.default_roles import wanted as wanted_roles
        from podwright.apiserver.seeding import outdated, seed

        self.port = port
        self._root_ca = client_ca
        first_ip = str(IPv4Network(self.config.service_cidr)[1])
        roles = wanted_roles()
        await seed(self.registry, roles, self.now())
        front_proxy = self.config.requestheader_client_ca_file
        front_proxy_ca = "" if front_proxy is None else await asyncio.to_thread(front_proxy.read_text)
        others = wanted_objects(self.config, port, first_ip, client_ca, front_proxy_ca)
        if self.tokens is not None:
            from podwright.apiserver.authentication.account_secrets import tracking

            others.append(tracking(self.now()))
        await bootstrap(self.transport(UNASKED), [*others, *outdated(self.registry, roles)])
        self.ready = True

    def _keep_account_secrets(self, tokens: ServiceAccountTokens) -> LegacyTokens:
        from podwright.apiserver.authentication.account_secrets import AccountSecrets
        from podwright.apiserver.authentication.legacy_tokens import LegacyTokens

        secrets = self.registry.endpoints["", "v1", "secrets"]
        find = self.registry.lookup.get
        legacy = LegacyTokens(tokens, self._uid_of, lambda namespace, name: find(secrets.resource, name, namespace))
        keeper = AccountSecrets(self.registry, self.transport(LOOPBACK), legacy, lambda: self._root_ca, self.now)
        self._housekeeping.add("account-secrets", 0.5, keeper.look)
        return legacy

    async def _start_others(self, path: Path) -> None:
        from podwright.apiserver.authentication.external.following import begin

        self.others = await begin(path, self.config.service_account_issuer, self.now, self._housekeeping.follow)

    async def _use_keys(self, path: Path) -> None:
        from podwright.apiserver.authentication.signing_keys import SigningKeyError, load_keys

        assert self.tokens is not None
        try:
            keys = await asyncio.to_thread(load_keys, path)
        except SigningKeyError as error:
            log.warning("%s; the keys of before stay in use", str(error).capitalize())
            return
        self.tokens.use(keys)
        log.info("Service-account tokens are signed with key %s, and good with %d keys", keys.key_id, len(keys.public))

    async def stop(self) -> None:
        """End all watches and tasks; the store stays open (it is its owner's)."""
        self.ready = False
        for endpoint in self.registry.endpoints.values():
            for watcher in endpoint.cache.all_watchers():
                watcher.close()
        await self._local_services.stop()
        await self.delegates.stop()
        await self._custom.stop()
        await self.registry.admission.close()
        await self._hooks.close()
        await self._quota_keeper.stop()
        await self._housekeeping.stop()
        await self.feed.stop()
        if self._sealed is not None:
            await self._sealed.stop()
        if self._access_log is not None:
            await self._access_log.stop()
            self._access_log = None
        if self.audit is not None:
            await self.audit.stop()
            self.audit = None

    async def _start_audit(self, policy: Path) -> AuditLog:
        from podwright.apiserver.audit.log import AuditLog
        from podwright.apiserver.audit.rotating import Bounds

        config = self.config
        path = config.audit_log_file or Path("audit.log")
        bounds = Bounds(config.audit_log_bytes, config.audit_log_files, config.audit_log_days)
        audit = AuditLog(path, bounds, self.now, self._audit_dropped)
        await audit.start(policy)
        return audit

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
    def offers(self) -> Sequence[Offer]:
        """What other API servers serve."""
        return self.delegates.offers if self.delegates.known else ()

    @property
    def dialler(self) -> Dialler:
        """The way to other API servers."""
        return self.delegates.dialler

    @property
    def generation(self) -> int:
        """Rises when `kinds` or `offers` change."""
        return self.registry.generation

    @property
    def token_keys(self) -> ServiceAccountTokens | None:
        """None when the server signs no tokens."""
        return self.tokens

    def render_metrics(self) -> bytes:
        """The counters in Prometheus' text form."""
        from podwright.apiserver.fairness.report import metrics

        sealed = () if self._sealed is None else self._sealed.metrics()
        own = "\n".join((*metrics(self.gate), *sealed, "")).encode()
        return self.metrics.render(self.feed, self.registry.endpoints.values()) + own

    def dump(self, name: str, *, details: bool) -> str | None:
        """A table of what waits at the gate; None for a name that is none."""
        from podwright.apiserver.fairness.report import dump

        return dump(self.gate, name, details=details)

    # -- the way of a request

    @staticmethod
    def target_of(request: Request) -> Target:
        """What a request is about."""
        watch = Query(request.query).flag("watch") if request.query else False
        return resolve(request.method, request.path, watch=watch)

    async def handle(
        self, request: Request, user: User, trail: Trail | None = None, target: Target | None = None
    ) -> Response | Stream:
        """Answer one request. Never raises for what a client can cause. Header names must be lower-case.

        `trail` is what is known of it already where requests are audited; one that comes without is of this process.
        """
        if self.audit is not None and trail is None:
            trail = self.audit.begin(request, LOCAL_SOURCES)
            trail.authenticated(user)
        begin = time.perf_counter()
        query = Query(request.query)
        if target is None:
            target = self.target_of(request)
        warnings: list[str] = []
        known = False
        self.metrics.inflight += 1
        try:
            asked = target
            if request.query:
                check_timeout(query, target)
                asked = named(target, query)
            if trail is not None:
                trail.decided(self.registry.authorizer.decide(user, asked))
            authorize(self.registry.authorizer, user, asked)
            self._check_load(request)
            delegate = self.delegates.of(target.path) if self.delegates.known else None
            if delegate is not None:
                answer: Response | Stream = await self.delegates.answer(delegate, request, user)
            elif target.resource:
                endpoint = find_endpoint(self.registry, target)
                known = True
                if target.subresource == PROXY:
                    notes = {} if trail is None else trail.annotations
                    answer = await pass_on(self.registry, self.node_streams, request, target, user, notes)
                else:
                    call = make_call(request, user, target, query, endpoint, warnings, self.now())
                    if trail is not None:
                        call.annotations = trail.annotations
                    answer = await answer_call(self.registry, call, self.node_streams)
            else:
                answer = await self._plain.answer(target, query, dict(request.headers))
        except ApiError as error:
            shown = refusal_shown(error, request, target, self.registry)
            answer = error_response(shown, warnings, dict(request.headers).get("accept", ""))
        except Unreadable as error:
            log.error("Cannot serve %s %s: %s", request.method, request.path, error)  # noqa: TRY400 - it says it all
            answer = error_response(internal(str(error)), warnings)
        except StoreError as error:
            log.warning("Cannot serve %s %s: %s", request.method, request.path, error)
            answer = error_response(service_unavailable(f"the store does not answer: {error}", 1), warnings)
        except Exception as error:  # noqa: BLE001 - nothing may leave but an answer; it is logged in full
            answer = self._failed(request, error, warnings, trail)
        finally:
            self.metrics.inflight -= 1
        size = len(answer.content) if isinstance(answer, Response) else -1
        self._note(request, user, target, answer.status, time.perf_counter() - begin, size, known=known)
        return answer if trail is None else trail.answered(answer)

    def acting(self, user: User, request: Request, headers: Iterable[tuple[str, str]]) -> User:
        """Whom a request acts as: the user that all its headers name, if there is one. Raises ApiError 400, 403."""
        from podwright.apiserver.impersonation import impersonate

        query = Query(request.query)
        target = named(resolve(request.method, request.path, watch=query.flag("watch")), query)
        return impersonate(user, headers, target, self.registry.authorizer)

    def refused(self, request: Request, user: User, target: Target, error: ApiError, trail: Trail | None) -> Response:
        """The answer to a request that did not come to be handled."""
        answer = error_response(error, None, dict(request.headers).get("accept", ""))
        self._note(request, user, target, answer.status, 0.0, len(answer.content), known=False)
        return answer if trail is None else trail.whole(answer)

    def expired(self, request: Request, user: User, seconds: float, trail: Trail | None) -> Response:
        """The answer to a request that was given up after so many seconds."""
        answer = error_response(timeout("request did not complete within the allotted timeout"))
        target = resolve(request.method, request.path)
        self._note(request, user, target, answer.status, seconds, len(answer.content), known=False)
        return answer if trail is None else trail.whole(answer)

    def _note(
        self, request: Request, user: User, target: Target, code: int, seconds: float, size: int, *, known: bool
    ) -> None:
        """Count an answer and log it; `size` is -1 for a stream."""
        self.metrics.observe(target, code, seconds, known=known)
        if user.name in COMPONENTS:
            self.registry.heard_of.add(user.name)
        if self._access_log is not None:
            path = confidential.shown_path(request.path, request.query)
            self._access_log.add(self.now(), user.name, request.method, path, code, round(seconds, 6), size)

    def _check_load(self, request: Request) -> None:
        if self.metrics.inflight > self.config.max_inflight:
            raise too_many_requests("too many requests are being answered, please try again", 1)
        if len(request.body) > self.config.body_limit:
            raise too_large(f"limit is {self.config.body_limit}")

    def _failed(self, request: Request, error: Exception, warnings: list[str], trail: Trail | None) -> Response:
        reference = uuid.uuid4().hex[:12]
        text = "Cannot serve %s %s (reference %s)"
        log.error(text, request.method, request.path, reference, exc_info=error)
        answer = error_response(internal(f"see the server's log, reference {reference}"), warnings)
        return answer if trail is None else trail.panicked(answer, reference)

    # -- pods on nodes

    async def upgrade(self, request: Request, user: User, trail: Trail | None = None) -> Upgrade | Response:
        """Check an exec, attach or portforward: the way to the node, the pod and the subresource, or the refusal."""
        begin = time.perf_counter()
        query = Query(request.query)
        target = resolve(request.method, request.path)
        try:
            if trail is not None:
                trail.decided(self.registry.authorizer.decide(user, target))
            authorize(self.registry.authorizer, user, target)
            if target.verb != "create":  # a WebSocket begins with GET, but what it brings about is never just reading
                authorize(self.registry.authorizer, user, replace(target, verb="create"))
            endpoint = find_endpoint(self.registry, target)
            from podwright.apiserver.admission.connecting import admit_connection
            from podwright.apiserver.subresources.on_node import way_to_pod

            call = make_call(request, user, target, Query(), endpoint, [], self.now())
            if trail is not None:
                call.annotations = trail.annotations
            await admit_connection(self.registry, endpoint, target, query, user, call.now, call.annotations)
            streams, pod = await way_to_pod(self.registry, call, query, self.node_streams)
        except ApiError as error:
            answer = error_response(error)
            seconds = time.perf_counter() - begin
            self._note(request, user, target, answer.status, seconds, len(answer.content), known=True)
            return answer if trail is None else trail.whole(answer)
        self._note(request, user, target, 101, time.perf_counter() - begin, -1, known=True)
        return streams if trail is None else trail.switched(streams), pod, target.subresource

    def is_delegated(self, path: str) -> bool:
        """Tell whether another API server serves a path."""
        return bool(self.delegates.known) and self.delegates.of(path) is not None

    async def upgrade_delegated(
        self, request: Request, user: User, trail: Trail | None = None
    ) -> Opened | Response | Stream:
        """Ask another API server for a connection of another protocol; an answer if that is none."""
        begin = time.perf_counter()
        target = resolve(request.method, request.path)
        try:
            if trail is not None:
                trail.decided(self.registry.authorizer.decide(user, target))
            authorize(self.registry.authorizer, user, target)
            found = await self.delegates.upgrade(request, user)
        except ApiError as error:
            found = error_response(error)
        status = 101 if isinstance(found, Opened) else found.status
        self._note(request, user, target, status, time.perf_counter() - begin, -1, known=False)
        if trail is None:
            return found
        if isinstance(found, Opened):
            return replace(found, line=trail.carried(found.line))
        return trail.answered(found)

    def is_upgrade(self, path: str) -> bool:
        """Tell whether a path is one of the subresources that take over the connection."""
        return path.rpartition("/")[2] in STREAMS and resolve("GET", path).subresource in STREAMS

    def _uid_of(self, plural: str, namespace: str, name: str) -> str | None:
        item = self.registry.endpoints["", "v1", plural].get(namespace, name)
        return None if item is None else item.object()["metadata"]["uid"]

    def _bootstrap_secret(self, name: str) -> JSON | None:
        return self.registry.lookup.get(_SECRETS, name, NAMESPACE)

    # -- housekeeping

    def checks(self, name: str) -> Mapping[str, Check]:
        """The health checks of /healthz, /livez or /readyz."""
        return checks_of(name, self.store.current_revision, self.feed.caught_up, lambda: self.ready)

    def _line_dropped(self) -> None:
        self.metrics.log_dropped += 1

    def _audit_dropped(self) -> None:
        self.metrics.audit_dropped += 1
