"""What every handler of the registry works with: endpoints, store, caches, admission and the clock.

It finds endpoints and saves values; what to save is decided by its callers. The only place that runs a txn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import orjson

from podwright.api.errors import bad_request, service_unavailable
from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import Chain
from podwright.apiserver.admission.form import Form
from podwright.apiserver.authentication.authenticator import Authenticator, PreparedReviewer
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.authorization.deciding import Deciding
from podwright.apiserver.authorization.roles import Roles
from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.cache.item import Item, encode_value
from podwright.apiserver.options import DeleteOptions, WriteOptions
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.strategy import Lookup, WriteContext
from podwright.store.protocol import Compare, Delete, KeyValue, Put, Store, StoreUnavailable

JSON = dict[str, Any]
_PARSED = 256
"""Objects that look-ups remember in parsed form."""
_FEW = 32
"""Objects of a list that are worth remembering."""


@dataclass(frozen=True, slots=True)
class Change:
    """The new bytes of an object that changes together with another, if it is still at `revision`."""

    revision: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Claims:
    """Keys that a write takes or gives back in the same txn (cluster-wide unique values such as ClusterIPs).

    `take` maps each key to what to do when someone else has it: forget the value, so that `claim` chooses another,
    or raise the ApiError for a value that the user chose. `change` are other objects that change with it. `mirror` maps
    keys of objects that only show what is claimed to their bytes, or to None when they go.
    """

    take: Mapping[str, Callable[[], None]]
    give: tuple[str, ...] = ()
    change: Mapping[str, Change] = field(default_factory=dict[str, Any])
    mirror: Mapping[str, bytes | None] = field(default_factory=dict[str, Any])


NO_CLAIMS = Claims({})


class Claimer(Protocol):
    """Allocates unique values of one kind of object."""

    def claim(self, obj: JSON | None, old: JSON | None) -> Claims:
        """Fill in what `obj` needs (None: `old` is deleted) and say which keys to take and give. Raises ApiError."""
        ...


class Charger(Protocol):
    """Keeps account of what objects use together."""

    def turn(self, endpoint: Endpoint, namespace: str) -> AbstractAsyncContextManager[None]:
        """What to hold while an object is created."""
        ...

    def charge(self, endpoint: Endpoint, obj: JSON, old: JSON | None) -> Mapping[str, Change]:
        """The accounts that change with an object, by store key. Raises ApiError 403 when there is no room."""
        ...


class TokenSigner(Protocol):
    """Signs service-account tokens."""

    issuer: str

    def sign(self, *, subject: str, audiences: Sequence[str], seconds: int, private: JSON, now: datetime) -> str:
        """Return a new token."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of a write. On a conflict `current` is what is there now (None: nothing)."""

    done: bool
    revision: int
    current: KeyValue | None = None
    taken: tuple[str, ...] = ()
    """Claimed keys that someone else has; the object itself is then as expected."""
    moved: bool = False
    """Another object that was to change with this one did so meanwhile; this one is as expected."""


class CacheLookup:
    """`Lookup` over the watch caches."""

    def __init__(self, endpoints: dict[tuple[str, str, str], Endpoint]) -> None:
        self._endpoints = endpoints
        self._parsed: dict[tuple[Endpoint, str], tuple[Item, JSON]] = {}

    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        """Return one object, or None."""
        endpoint = self._endpoints[resource.group, resource.version, resource.plural]
        item = endpoint.get(namespace, name)
        return None if item is None else self._object(endpoint, item)

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        """Return the objects of one namespace ("": all)."""
        endpoint = self._endpoints[resource.group, resource.version, resource.plural]
        if endpoint.cache.count(namespace) > _FEW:
            return [endpoint.object(item) for item in endpoint.cache.iterate(namespace)]
        return [self._object(endpoint, item) for item in endpoint.cache.iterate(namespace)]

    def _object(self, endpoint: Endpoint, item: Item) -> JSON:
        """Parse an item, or remember what came of it: every pod asks for the same namespace, account and classes."""
        key = (endpoint, item.key)
        known = self._parsed.get(key)
        if known is not None and known[0] is item:
            return known[1]
        if len(self._parsed) >= _PARSED:
            self._parsed.clear()
        obj = endpoint.object(item)
        self._parsed[key] = (item, obj)
        return obj


class Registry:
    """Shared by all handlers."""

    def __init__(self, store: Store, feed: Feed, endpoints: Iterable[Endpoint], clock: Callable[[], datetime]) -> None:
        self.store = store
        self.feed = feed
        self.endpoints = {(e.resource.group, e.resource.version, e.resource.plural): e for e in endpoints}
        self.generation = 0
        """Rises with every change of what is served; documents about that are remade."""
        self.on_serve: list[Callable[[], None]] = []
        """Called after every change of the endpoints."""
        self.lookup: Lookup = CacheLookup(self.endpoints)
        self.admission = Chain(())
        self.claimers: dict[str, Claimer] = {}
        self.charger: Charger | None = None
        self.token_signer: TokenSigner | None = None
        self.token_reviewer: PreparedReviewer = Authenticator({})
        self.roles = Roles(self.endpoints)
        self.authorizer: Authorizer = Deciding(self.roles, self.endpoints)
        self.heard_of: set[str] = set()
        """The cluster's own parts that have asked this server for something."""
        self.stale: Collection[str] = frozenset()
        """Store keys whose value is to be written again although nothing changes: see `store/sealed.py`."""
        self.clock = clock
        self.future_seconds = 3.0  # how long a read waits for a revision ahead of the store
        self.watch_buffer = 4096  # lines a watcher may lag behind

    def has_classes(self, group: str) -> bool:
        """Whether built-in kinds are served in a group."""
        return any(g == group and e.kind.has_class for (g, _, _), e in self.endpoints.items())

    def serve(self, gone: Iterable[Endpoint], come: Iterable[Endpoint]) -> None:
        """Change what is served, in one step: nobody sees one of two versions that come together."""
        for endpoint in gone:
            resource = endpoint.resource
            self.endpoints.pop((resource.group, resource.version, resource.plural), None)
        for endpoint in come:
            resource = endpoint.resource
            self.endpoints[resource.group, resource.version, resource.plural] = endpoint
        self.generation += 1
        for told in self.on_serve:
            told()

    def context(self, call: Call, *, dry_run: bool, subresource: str = "") -> WriteContext:
        """The surroundings of a write for strategies and admission."""
        return WriteContext(
            user=call.user,
            now=call.now,
            resource=call.endpoint.resource,
            lookup=self.lookup,
            dry_run=dry_run,
            subresource=subresource,
            namespace=call.namespace,
            warnings=call.warnings,
        )

    def attributes(
        self,
        call: Call,
        verb: str,
        ctx: WriteContext,
        obj: JSON | None,
        old: JSON | None,
        options: WriteOptions | DeleteOptions | None,
        *,
        name: str,
        form: Form | None = None,
    ) -> Attributes:
        """A write as admission sees it; `form` is what `obj` is, where it is not of the resource's own kind."""
        form = form or call.endpoint.form
        return Attributes(verb, name, obj, old, ctx, form, options, call.warnings, call.annotations)

    def encode(self, endpoint: Endpoint, obj: JSON) -> tuple[JSON, bytes]:
        """The stored form of an object and its bytes. Raises ApiError 400 when it nests too deep."""
        stored = endpoint.stored(obj)
        try:
            return stored, encode_value(stored)
        except (TypeError, orjson.JSONEncodeError) as error:
            msg = f"cannot encode the object: {error}"
            raise bad_request(msg) from error

    async def encoded(self, endpoint: Endpoint, obj: JSON) -> tuple[JSON, bytes]:
        """The stored form of an object and its bytes, converted by whoever does that. Raises ApiError."""
        return await settled(lambda: self.encode(endpoint, obj)) if endpoint.converts else self.encode(endpoint, obj)

    async def answered(self, endpoint: Endpoint, value: bytes, revision: int) -> bytes:
        """The answer for an object just written, converted by whoever does that. Raises ApiError."""
        return await settled(lambda: endpoint.wire_of(value, revision))

    async def save(
        self, endpoint: Endpoint, key: str, stored: JSON | None, value: bytes | None, expected: int, claims: Claims
    ) -> Saved:
        """Write (or, with None, remove) a key if its revision is still `expected`; returns once caches show it."""
        ops: list[Put | Delete] = [Delete(key) if value is None else Put(key, value)]
        compares: Sequence[Compare] = (Compare(key, expected),)
        if claims is not NO_CLAIMS:
            compares = (*compares, *(Compare(k, 0) for k in claims.take))
            ops += [Put(k, key.encode()) for k in claims.take]
            ops += [Delete(k) for k in claims.give]
            ops += [Delete(k) if shown is None else Put(k, shown) for k, shown in claims.mirror.items()]
            if claims.change:
                compares = (*compares, *(Compare(k, c.revision) for k, c in claims.change.items()))
                ops += [Put(k, c.value) for k, c in claims.change.items()]
        cache = endpoint.cache
        if value is not None and stored is not None:
            cache.prepare(key, value, stored)
        try:
            result = await self.store.txn(compares, ops)
            if not result.succeeded:
                cache.forget(key)
                current = result.current.get(key)
                found = current.mod_revision if current is not None else 0
                taken = tuple(k for k in claims.take if result.current.get(k)) if found == expected else ()
                moved = found == expected and not taken and bool(claims.change)
                if moved:
                    await self.feed.reached(result.revision)
                return Saved(done=False, revision=result.revision, current=current, taken=taken, moved=moved)
            await self.feed.reached(result.revision)
        except StoreUnavailable as error:
            cache.forget(key)
            raise service_unavailable(f"the store does not answer: {error}", 1) from error
        return Saved(done=True, revision=result.revision)

    def claims(self, endpoint: Endpoint, obj: JSON | None, old: JSON | None) -> Claims:
        """What a write takes and gives besides its own key."""
        claimer = self.claimers.get(endpoint.resource.qualified)
        claims = NO_CLAIMS if claimer is None else claimer.claim(obj, old)
        charged = self.charger.charge(endpoint, obj, old) if self.charger is not None and obj is not None else None
        return replace(claims, change=charged) if charged else claims
