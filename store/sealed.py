"""A store whose values are sealed: what is written below it, whoever writes it, nobody can read without the keys.

It stands between the server and a store of any kind and changes values alone: keys, revisions and order are the inner
store's. Which keys' values are sealed, and how, a `Ring` tells. It must never hand out a value that it could not open,
nor write one open that its ring wants sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, Self

from podwright.store.protocol import (
    Compare,
    Delete,
    Event,
    KeyValue,
    Put,
    RangeResult,
    Store,
    StoreError,
    TxnResult,
    WatchBatch,
    WatchStream,
)


class Unreadable(StoreError):
    """A value cannot be opened: its key is not there, or it is not what was sealed. Retrying cannot help."""


class Sealer(Protocol):
    """Seals the values of some keys. A sealed value belongs to its key: under another one it does not open."""

    def seal(self, key: str, value: bytes) -> bytes:
        """Return what is stored."""
        ...

    def open(self, key: str, value: bytes) -> tuple[bytes, bool]:
        """Return what was sealed, and whether `seal` would do it otherwise today. Raises Unreadable."""
        ...


class Ring(Protocol):
    """Knows the sealer of every key."""

    def sealer_of(self, key: str) -> Sealer | None:
        """Return None for keys whose values stay as they are. Called for every key: it must be fast."""
        ...


class SealedStore:
    """`Store` over another one, which it owns."""

    def __init__(self, inner: Store, ring: Ring) -> None:
        self._inner = inner
        self._ring = ring
        self.stale: set[str] = set()
        """Keys whose present value is not sealed as it would be today; complete once everything was read or watched."""

    def begin(self, ring: Ring) -> None:
        """Use a ring, before anything was read."""
        self._ring = ring

    async def change(self, ring: Ring, prefix: str) -> None:
        """Use another ring, if all that is below the prefix opens with it. Raises Unreadable, StoreUnavailable."""
        await SealedStore(self._inner, ring).range(prefix)
        self.begin(ring)
        self.stale.clear()
        await self.range(prefix)  # again: what was written meanwhile is sealed with the ring before

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return self._inner.exclusive

    @property
    def oldest(self) -> int:
        """See `Store.oldest`."""
        return self._inner.oldest

    async def get(self, key: str, *, revision: int = 0) -> KeyValue | None:
        """See `Store.get`. Raises Unreadable, too."""
        found = await self._inner.get(key, revision=revision)
        return None if found is None else self._opened(found)

    async def range(self, prefix: str, *, start: str = "", limit: int = 0, revision: int = 0) -> RangeResult:
        """See `Store.range`. Raises Unreadable, too."""
        result = await self._inner.range(prefix, start=start, limit=limit, revision=revision)
        present = not revision
        return replace(result, items=[self._opened(item, present=present) for item in result.items])

    async def txn(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> TxnResult:
        """See `Store.txn`. Raises Unreadable, too."""
        result = await self._inner.txn(compares, [self._sealed(op) for op in ops])
        if result.succeeded:
            return result
        current = {key: None if kv is None else self._opened(kv) for key, kv in result.current.items()}
        return replace(result, current=current)

    def watch(self, prefix: str, *, from_revision: int) -> WatchStream:
        """See `Store.watch`; iterating raises Unreadable, too."""
        return _Stream(self._inner.watch(prefix, from_revision=from_revision), self)

    async def compact(self, revision: int) -> None:
        """See `Store.compact`."""
        await self._inner.compact(revision)

    async def current_revision(self) -> int:
        """See `Store.current_revision`."""
        return await self._inner.current_revision()

    async def revision_at(self, timestamp: float) -> int:
        """See `Store.revision_at`."""
        return await self._inner.revision_at(timestamp)

    async def close(self) -> None:
        """See `Store.close`."""
        await self._inner.close()

    def count_stale(self, below: str) -> Counter[str]:
        """How many values are stale, by what follows the prefix in their keys up to the next slash."""
        return Counter(key[len(below) :].partition("/")[0] for key in self.stale)

    def batch(self, batch: WatchBatch) -> WatchBatch:
        """Open what a watch brought. Raises Unreadable."""
        sealer_of = self._ring.sealer_of
        if not any(sealer_of(event.key) for event in batch.events):
            return batch
        return WatchBatch([self._event(event) for event in batch.events], batch.revision)

    def _event(self, event: Event) -> Event:
        sealer = self._ring.sealer_of(event.key)
        if sealer is None:
            return event
        value = event.value
        if value is None:
            self.stale.discard(event.key)
        else:
            value, stale = sealer.open(event.key, value)
            self._note(event.key, stale=stale)
        return replace(event, value=value)

    def _opened(self, kv: KeyValue, *, present: bool = False) -> KeyValue:
        sealer = self._ring.sealer_of(kv.key)
        if sealer is None:
            return kv
        value, stale = sealer.open(kv.key, kv.value)
        if present:
            self._note(kv.key, stale=stale)
        return replace(kv, value=value)

    def _note(self, key: str, *, stale: bool) -> None:
        if stale:
            self.stale.add(key)
        else:
            self.stale.discard(key)

    def _sealed(self, op: Put | Delete) -> Put | Delete:
        if isinstance(op, Delete):
            return op
        sealer = self._ring.sealer_of(op.key)
        return op if sealer is None else Put(op.key, sealer.seal(op.key, op.value))


class _Stream:
    """A watch whose values are opened on the way."""

    def __init__(self, inner: WatchStream, store: SealedStore) -> None:
        self._inner = inner
        self._store = store

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchBatch:
        return self._store.batch(await self._inner.__anext__())

    async def aclose(self) -> None:
        """Stop watching."""
        await self._inner.aclose()
