"""The store: ordered keys with bytes as values under one strictly increasing revision counter.

This is the whole surface the apiserver sees. It knows no kinds, no JSON and no users; every
implementation (sqlite, etcd, memory) passes the same contract suite.

Errors (all of them `StoreError`):

    StoreError
    ├── Compacted          the revision asked for is older than what is kept; re-list
    ├── FutureRevision     the revision asked for is newer than the store's
    └── StoreUnavailable   the backend cannot be reached now; retrying later may work
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self


class StoreError(Exception):
    """Base of everything a store raises on purpose."""


class Compacted(StoreError):
    """The requested revision was compacted away. `compact_revision` is the oldest one still readable."""

    def __init__(self, compact_revision: int) -> None:
        super().__init__(f"cannot read: revision was compacted, the oldest one kept is {compact_revision}")
        self.compact_revision = compact_revision


class FutureRevision(StoreError):
    """The requested revision has not happened yet. `revision` is the store's current one."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"cannot read: revision is ahead of the store, which is at {revision}")
        self.revision = revision


class StoreUnavailable(StoreError):
    """The backend did not answer. The caller may retry; whether a txn happened is unknown."""


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One key at one revision."""

    key: str
    value: bytes
    create_revision: int
    mod_revision: int


@dataclass(frozen=True, slots=True)
class RangeResult:
    """Keys under a prefix in ascending order of their UTF-8 bytes.

    `revision` is the revision the answer is consistent at; `count` is the number of keys that match from
    `start` on, before `limit` was applied.
    """

    items: list[KeyValue]
    revision: int
    count: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Holds while `key` has exactly this `mod_revision`; 0 means: the key does not exist."""

    key: str
    mod_revision: int


@dataclass(frozen=True, slots=True)
class Put:
    """Set a key."""

    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a key; removing an absent one changes nothing."""

    key: str


@dataclass(frozen=True, slots=True)
class TxnResult:
    """What a txn did.

    `revision` is the txn's own revision when it succeeded (all its ops share it), else the revision at which
    the compares failed. `current` holds, after a failure, the present state of every compared key (None: absent).
    """

    succeeded: bool
    revision: int
    current: dict[str, KeyValue | None]


@dataclass(frozen=True, slots=True)
class Event:
    """One change. For a delete, `value` is None and `mod_revision` is the revision of the deletion.

    What was there before is not told: whoever wants to know has been following the key.
    """

    key: str
    value: bytes | None
    mod_revision: int


@dataclass(frozen=True, slots=True)
class WatchBatch:
    """Changes in revision order, complete up to and including `revision`.

    A revision is never split over two batches. A batch without events is a progress report.
    """

    events: list[Event]
    revision: int


class WatchStream(Protocol):
    """An open watch: iterate it, close it. Only one task may iterate at a time."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> WatchBatch:
        """Wait for the next batch. Raises Compacted, StoreUnavailable; ends when the watch or its store is closed."""
        ...

    async def aclose(self) -> None:
        """Stop watching and free the buffer. Closing twice is fine."""
        ...


class Store(Protocol):
    """A revisioned key-value store. All methods may raise `StoreUnavailable`.

    An empty store is at revision 1, so the first write gets 2. Keys are non-empty text without control characters.
    """

    @property
    def exclusive(self) -> bool:
        """Whether nobody but the one server that opened it writes to it."""
        ...

    @property
    def oldest(self) -> int:
        """The oldest revision that can still be read, as far as is known here; 0 while nothing was forgotten."""
        ...

    async def get(self, key: str, *, revision: int = 0) -> KeyValue | None:
        """Read one key, now or at an older `revision`. Raises Compacted, FutureRevision."""
        ...

    async def range(self, prefix: str, *, start: str = "", limit: int = 0, revision: int = 0) -> RangeResult:
        """Read the keys that begin with `prefix` and are >= `start`, at most `limit` (0: all).

        Raises Compacted, FutureRevision.
        """
        ...

    async def txn(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> TxnResult:
        """Apply all ops at one new revision if every compare holds, else nothing. Durable when it returns.

        A key may be named by one op only (ValueError). When no op changes anything (deletes of absent keys), no
        revision is used and the result carries the current one.
        """
        ...

    def watch(self, prefix: str, *, from_revision: int) -> WatchStream:
        """Follow changes under `prefix` beginning *with* `from_revision` (0: from now on), in order, none twice.

        The first batch comes at once (it may be empty: it tells the revision the watch is complete up to). Later ones
        come after changes, after every txn (in-process stores; those that pile up are merged), and at least every 5 s.
        Raises Compacted while iterating when `from_revision` is not newer than the compact revision, also later when
        the consumer fell behind what is kept.
        """
        ...

    async def compact(self, revision: int) -> None:
        """Forget history older than `revision`; live keys stay. An older value than last time changes nothing.

        The state at `revision` stays readable; watches must begin after it. Raises FutureRevision.
        """
        ...

    async def current_revision(self) -> int:
        """Return the newest revision that any client was told of (linearizable)."""
        ...

    async def revision_at(self, timestamp: float) -> int:
        """Return the newest revision written at or before `timestamp` (Unix seconds).

        Raises Compacted when that time is before what the store remembers. The etcd store remembers only this
        process's time, to the second, and then errs towards the older revision.
        """
        ...

    async def close(self) -> None:
        """Release everything; acknowledged writes are already durable."""
        ...
