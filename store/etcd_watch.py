"""Follows etcd's changes: one stream for the whole root feeds all watchers of this process, in order.

Why one: every revision that touches the root then shows up on this stream, so having seen revision N proves that
everything before N was seen. etcd's own progress reports do not prove it (before 3.4.25 and 3.5.8 they could
overtake events). For revisions made by others elsewhere in the same etcd, see `EtcdStore.current_revision`.

The stream is reopened, on another member if need be, after the last revision seen; nothing is lost or repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from podwright.store import etcd_rpc as rpc
from podwright.store.etcd_calls import Members
from podwright.store.etcd_keys import Keys
from podwright.store.hub import Hub
from podwright.store.protocol import Compacted, Event, StoreError, StoreUnavailable

HISTORY_SECONDS = 10.0


class Canceled(StoreUnavailable):
    """etcd ended a watch by itself, for instance because our token is too old."""


async def follow(members: Members, keys: Keys, hub: Hub, seen: Callable[[], None]) -> None:
    """Feed the hub for ever; call `seen` after each answer.

    After a gap that etcd no longer can fill, every watcher gets Compacted.
    """
    pause = 0.05
    while True:
        try:
            async with members.watch(_create(keys, hub.revision + 1)) as responses:
                async for response in responses:
                    for events, revision in _revisions(keys, response):
                        hub.publish(events, revision)
                    seen()
                    pause = 0.05
        except Compacted as error:
            hub.reset(error.compact_revision, error)
        except Canceled:
            await members.forget_login()
        except StoreError:
            pass  # watchers wait, as they do for any change; requests say what is wrong
        await asyncio.sleep(pause)
        pause = min(pause * 2, 1.0)


async def read_history(members: Members, keys: Keys, first: int, last: int) -> tuple[list[Event], int]:
    """Read one page of events from `first` on; `last` must be a revision that the stream showed.

    Beginning one revision earlier makes etcd refuse exactly when `first` is not newer than the compact revision;
    it would serve that revision itself, but without its deletions.
    """
    try:
        async with asyncio.timeout(HISTORY_SECONDS):
            while True:
                try:
                    return await _read_page(members, keys, first, last)
                except Canceled:
                    await members.forget_login()
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise StoreUnavailable("cannot read history: etcd does not answer") from error


async def _read_page(members: Members, keys: Keys, first: int, last: int) -> tuple[list[Event], int]:
    async with members.watch(_create(keys, max(first - 1, 1))) as responses:
        async for response in responses:
            pages = [page for page in _revisions(keys, response) if first <= page[1] <= last]
            if pages:
                return [event for events, _ in pages for event in events], pages[-1][1]
    raise StoreUnavailable("cannot read history: etcd ended the stream")


async def oldest_readable(members: Members) -> int:
    """Return etcd's compact revision: a watch from the beginning is refused with it."""
    key = b"\x01podwright-oldest-revision"
    try:
        async with asyncio.timeout(HISTORY_SECONDS), members.watch(_request(key, b"", 1)) as responses:
            async for response in responses:
                if response.compact_revision:
                    return int(response.compact_revision)
                if response.created:
                    continue
    except TimeoutError:
        pass
    return 0


def _create(keys: Keys, first: int) -> Any:
    return _request(keys.begin, keys.end, first)


def _request(key: bytes, end: bytes, first: int) -> Any:
    return rpc.WatchCreateRequest(key=key, range_end=end, start_revision=first)


def _revisions(keys: Keys, response: Any) -> Iterator[tuple[list[Event], int]]:
    """Split one response into revisions; etcd never splits a revision over two (we ask for no fragments)."""
    if response.compact_revision:
        raise Compacted(int(response.compact_revision))
    if response.canceled:
        raise Canceled(f"cannot watch etcd: {response.cancel_reason or 'canceled'}")
    events: list[Event] = []
    revision = 0
    for raw in response.events:
        if revision and raw.kv.mod_revision != revision:
            yield events, revision
            events = []
        revision = raw.kv.mod_revision
        event = keys.event(raw)
        if event is not None:
            events.append(event)
    if revision:
        yield events, revision
