"""GET of one object and of lists, answered from the cache; from the store only where history is asked for.

Reads see every write that anyone was told of before the read began. It must never encode an object.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from podwright.api.errors import (
    ApiError,
    bad_request,
    expired,
    not_found,
    resource_version_too_large,
    service_unavailable,
)
from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.watcher import Filter
from podwright.apiserver.options import ListOptions, list_options, parse_revision, revision_problem
from podwright.apiserver.registry.call import Call
from podwright.apiserver.registry.continuing import INCONSISTENT, Token, decode_token
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.history import asked_revision, too_old
from podwright.apiserver.registry.selecting import compile_filter
from podwright.store.protocol import Compacted, FutureRevision, StoreUnavailable

JSON = dict[str, Any]
_STORE_PAGE = 1000


@dataclass(slots=True)
class Page:
    """One answer of a list. `remaining` is None when it is not told."""

    revision: int
    items: list[Item] = field(default_factory=list[Item])
    token: str = ""
    remaining: int | None = None


async def get_item(registry: Registry, call: Call) -> Item:
    """Find the object of a GET. Raises ApiError 404, 504; 410 for a moment that is no longer kept."""
    at = await asked_revision(registry, call.query, call.now)
    item = await _item_at(registry, call, at) if at else await _newest(registry, call)
    if call.endpoint.converts:
        await call.endpoint.prepare((item,))
    return item


async def _newest(registry: Registry, call: Call) -> Item:
    text = call.query.get("resourceVersion") if call.query.pairs else ""
    if call.query.pairs and call.query.flag("export"):
        raise bad_request("the export parameter, deprecated since v1.14, is no longer supported")
    if text and text != "0":
        revision = parse_revision(text)
        if revision is None:
            raise bad_request(revision_problem(text))
        await not_older(registry, revision)
    elif not text:
        await fresh(registry)
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found(call.endpoint.named.qualified, call.name)
    return item


async def _item_at(registry: Registry, call: Call, revision: int) -> Item:
    endpoint = call.endpoint
    await not_older(registry, revision)
    try:
        found = await registry.store.get(endpoint.key(call.namespace, call.name), revision=revision)
    except Compacted as error:
        raise too_old(f"revision {revision}", error) from error
    except StoreUnavailable as error:
        raise service_unavailable(f"the store does not answer: {error}", 1) from error
    if found is None:
        raise not_found(endpoint.named.qualified, call.name)
    return endpoint.cache.item_of(found)


async def fresh(registry: Registry) -> None:
    """Wait until the caches show everything written so far. Raises ApiError 503."""
    try:
        await registry.feed.fresh()
    except StoreUnavailable as error:
        raise service_unavailable(f"the store does not answer: {error}", 1) from error


async def not_older(registry: Registry, revision: int) -> None:
    """Wait for a revision that may be a little ahead. Raises ApiError 504."""
    feed = registry.feed
    if feed.revision >= revision:
        return
    try:
        async with asyncio.timeout(registry.future_seconds):
            await feed.reached(revision)
    except TimeoutError as error:
        raise resource_version_too_large(revision, feed.revision) from error
    except StoreUnavailable as error:
        raise service_unavailable(f"the store does not answer: {error}", 1) from error


async def list_items(registry: Registry, call: Call) -> Page:
    """Find the objects of a list. Raises ApiError."""
    page = await _find(registry, call)
    if call.endpoint.converts:
        await call.endpoint.prepare(page.items)
    return page


async def _find(registry: Registry, call: Call) -> Page:
    options = list_options(call.query, watch=False)
    selected = compile_filter(call.endpoint, call.namespace, "", options)
    token: Token | None = None
    if options.continue_token:
        token = decode_token(options.continue_token)
        if options.revision:
            raise bad_request("specifying resource version is not allowed when using continue")
    if options.has_revision and options.revision == 0:  # "not older than 0" comes from memory, whatever its size
        options = replace(options, limit=0)
    at = await asked_revision(registry, call.query, call.now)
    exact = token.revision if token is not None else at or _exact_revision(options)
    start = token.start + "\0" if token is not None else ""
    if exact > 0:
        return await _at_revision(registry, call, options, selected, exact, start)
    if options.has_revision:
        await not_older(registry, options.revision)
    else:
        await fresh(registry)
    if call.endpoint.converts and selected.fields:
        await call.endpoint.prepare(list(call.endpoint.cache.iterate(selected.namespace)))
    return _from_cache(registry, call.endpoint, selected, options.limit, start)


def _exact_revision(options: ListOptions) -> int:
    if options.match == "Exact" or (options.limit and options.revision and not options.match):
        return options.revision
    return 0


def _from_cache(registry: Registry, endpoint: Endpoint, filter_: Filter, limit: int, start: str) -> Page:
    page = Page(registry.feed.revision)
    cache = endpoint.cache
    namespace = filter_.namespace if endpoint.resource.namespaced else ""
    if filter_.name and namespace:
        item = cache.get(namespace, filter_.name)
        candidates: Iterable[Item] = (item,) if item is not None and item.key[len(cache.prefix) :] >= start else ()
    else:
        candidates = cache.iterate(namespace, start)
    unselective = filter_.trivial
    if not limit:
        page.items = list(candidates) if unselective else [i for i in candidates if filter_(i)]
        return page
    for item in candidates:
        if not unselective and not filter_(item):
            continue
        if len(page.items) == limit:
            _continue(page, cache.prefix)
            if unselective:
                page.remaining = _remaining(endpoint, namespace, page.items[-1])
            return page
        page.items.append(item)
    return page


def _continue(page: Page, prefix: str) -> None:
    page.token = Token(page.revision, page.items[-1].key[len(prefix) :]).encode()


def _remaining(endpoint: Endpoint, namespace: str, last: Item) -> int:
    cache = endpoint.cache
    return cache.count(namespace, last.key[len(cache.prefix) :] + "\0")


async def _at_revision(
    registry: Registry, call: Call, options: ListOptions, filter_: Filter, revision: int, start: str
) -> Page:
    endpoint, cache = call.endpoint, call.endpoint.cache
    # Nothing happened since: the cache shows that state. What the store has forgotten is gone all the same: clients
    # count on their tokens to end with the history.
    if max(cache.changed, registry.store.oldest) <= revision <= registry.feed.revision:
        if endpoint.converts and filter_.fields:
            await endpoint.prepare(list(cache.iterate(filter_.namespace)))
        page = _from_cache(registry, endpoint, filter_, options.limit, start)
        page.revision = revision
        if page.token:
            _continue(page, cache.prefix)
        return page
    await not_older(registry, revision)
    prefix = endpoint.key_prefix(filter_.namespace)
    position = cache.prefix + start if start else ""
    page = Page(revision)
    try:
        while True:
            found = await registry.store.range(prefix, start=position, limit=_STORE_PAGE, revision=revision)
            items = [cache.item_of(kv) for kv in found.items]
            if endpoint.converts and filter_.fields:
                await endpoint.prepare(items)
            for index, item in enumerate(items):
                if not filter_(item):
                    continue
                if options.limit and len(page.items) == options.limit:
                    _continue(page, cache.prefix)
                    page.remaining = found.count - index if filter_.trivial else None
                    return page
                page.items.append(item)
            if found.count <= len(found.items):
                return page
            position = found.items[-1].key + "\0"
    except Compacted as error:
        raise _expired(options, start) from error
    except FutureRevision as error:
        raise resource_version_too_large(revision, error.revision) from error
    except StoreUnavailable as error:
        raise service_unavailable(f"the store does not answer: {error}", 1) from error


def _expired(options: ListOptions, start: str) -> ApiError:
    if not options.continue_token:
        return expired("The resourceVersion for the provided list is too old.")
    text = (
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        "modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    return expired(text, Token(INCONSISTENT, start.removesuffix("\0")).encode())
