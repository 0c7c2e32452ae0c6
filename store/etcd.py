"""A store in a real etcd v3 cluster: for several control planes, or where etcd is already there.

Reads are linearizable. A write whose outcome is unknown raises StoreUnavailable; the caller reads and decides.
All watchers share one stream (see `etcd_watch.py`). History is compacted for the whole etcd, also for others in it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from podwright.store import etcd_rpc as rpc
from podwright.store.etcd_calls import CALL_SECONDS, Members, RevisionAhead, RevisionCompacted
from podwright.store.etcd_keys import Keys
from podwright.store.etcd_url import EtcdConfig
from podwright.store.etcd_watch import follow, oldest_readable, read_history
from podwright.store.hub import Hub
from podwright.store.keys import check_ops
from podwright.store.protocol import (
    Compacted,
    Compare,
    Delete,
    Event,
    FutureRevision,
    KeyValue,
    Put,
    RangeResult,
    StoreUnavailable,
    TxnResult,
    WatchStream,
)

RETENTION_SECONDS = 600.0
_PAGE = 1000
_LAG_SECONDS = 0.02  # how long the stream may take to show a revision before we suspect it is someone else's
_EQUAL, _MOD = 0, 2  # etcdserverpb.Compare's result EQUAL and target MOD

_T = TypeVar("_T")


class EtcdStore:
    """`Store` in etcd. Open with `await EtcdStore.open(...)`."""

    def __init__(
        self, members: Members, keys: Keys, revision: int, retention_seconds: float, clock: Callable[[], float]
    ) -> None:
        """Begin to follow from `revision`, which is one of the progress key; use `open` instead."""
        self._members = members
        self._keys = keys
        self._clock = clock
        self._compacted = 0
        self._closed = False
        self._following = asyncio.Event()  # set once the stream was open
        self._hub = Hub(revision, self._history)
        self._samples: deque[tuple[int, int]] = deque([(int(clock()), revision)])  # (second, newest revision then)
        self._lag: asyncio.Task[None] | None = None
        self._tasks = [
            asyncio.create_task(follow(members, keys, self._hub, self._followed), name="store-follow"),
            asyncio.create_task(self._keep_compacting(retention_seconds), name="store-retention"),
        ]

    @classmethod
    async def open(
        cls,
        config: EtcdConfig,
        *,
        retention_seconds: float = RETENTION_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> EtcdStore:
        """Connect; history is kept for `retention_seconds`. Raises StoreUnavailable, StoreError."""
        members = Members(config)
        keys = Keys(config.root)
        try:
            revision = await _touch(members, keys)
        except BaseException:
            await members.close()
            raise
        store = cls(members, keys, revision, retention_seconds, clock)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await store._following.wait()
        except BaseException as error:
            await store.close()
            if isinstance(error, TimeoutError):
                raise StoreUnavailable("cannot watch etcd: no answer; may the user read all of the root?") from error
            raise
        return store

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return False

    @property
    def oldest(self) -> int:
        """See `Store.oldest`."""
        return self._compacted

    async def get(self, key: str, *, revision: int = 0) -> KeyValue | None:
        """See `Store.get`."""
        self._check_open()
        request = rpc.RangeRequest(key=self._keys.encode(key), revision=revision)
        answer = await self._reading(self._members.read("KV/Range", request))
        return self._keys.key_value(answer.kvs[0]) if answer.kvs else None

    async def range(self, prefix: str, *, start: str = "", limit: int = 0, revision: int = 0) -> RangeResult:
        """See `Store.range`; long ones are read in pages of one revision."""
        self._check_open()
        first, end = self._keys.bounds(prefix, start)
        items: list[KeyValue] = []
        count = 0
        at = revision
        while True:
            want = min(limit - len(items), _PAGE) if limit else _PAGE
            request = rpc.RangeRequest(key=first, range_end=end, limit=want, revision=at)
            answer = await self._reading(self._members.read("KV/Range", request))
            if not items:
                at, count = revision or answer.header.revision, answer.count
            items += [self._keys.key_value(raw) for raw in answer.kvs]
            if not answer.more or len(items) == limit:
                return RangeResult(items, at, count)
            first = answer.kvs[-1].key + b"\0"

    async def txn(self, compares: Sequence[Compare], ops: Sequence[Put | Delete]) -> TxnResult:
        """See `Store.txn`. StoreUnavailable leaves open whether it happened."""
        self._check_open()
        check_ops(ops)
        keys = self._keys
        request = rpc.TxnRequest(
            compare=[
                rpc.Compare(result=_EQUAL, target=_MOD, key=keys.encode(c.key), mod_revision=c.mod_revision)
                for c in compares
            ],
            success=[_operation(keys, op) for op in ops],
            failure=[rpc.RequestOp(request_range=rpc.RangeRequest(key=keys.encode(c.key))) for c in compares],
        )
        answer = await self._members.write("KV/Txn", request)
        current: dict[str, KeyValue | None] = {}
        self._published(answer.header.revision)
        if not answer.succeeded:
            for compare, response in zip(compares, answer.responses, strict=True):
                found = response.response_range.kvs
                current[compare.key] = keys.key_value(found[0]) if found else None
        return TxnResult(answer.succeeded, answer.header.revision, current)

    def watch(self, prefix: str, *, from_revision: int) -> WatchStream:
        """See `Store.watch`; 'now' is the newest revision this process has seen."""
        return self._hub.subscribe(prefix, from_revision)

    async def compact(self, revision: int) -> None:
        """See `Store.compact`. Waits until the stream has passed `revision`, so that our own watchers miss nothing."""
        self._check_open()
        try:
            if revision > self._hub.revision:
                await self._pass(revision)
            await self._members.read("KV/Compact", rpc.CompactionRequest(revision=revision))
        except RevisionCompacted:
            return
        except RevisionAhead as error:
            raise FutureRevision(await self.current_revision()) from error
        self._compacted = max(self._compacted, revision)

    async def current_revision(self) -> int:
        """See `Store.current_revision`: asks a majority of the members.

        The answer may be a revision made by others outside our root, which no watch of ours will ever show; then the
        progress key is written, so that watches pass it.
        """
        self._check_open()
        request = rpc.RangeRequest(key=self._keys.progress, count_only=True)
        revision = int((await self._members.read("KV/Range", request)).header.revision)
        if revision > self._hub.revision and (self._lag is None or self._lag.done()):
            self._lag = asyncio.create_task(self._catch_up(), name="store-progress")
        return revision

    async def revision_at(self, timestamp: float) -> int:
        """See `Store.revision_at`."""
        self._check_open()
        known = [revision for second, revision in self._samples if second + 1 <= timestamp]
        if not known or known[-1] < self._compacted:
            raise Compacted(self._compacted)
        return known[-1]

    async def close(self) -> None:
        """End all watches and connections."""
        self._closed = True
        tasks = [*self._tasks, *([self._lag] if self._lag else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._hub.close()
        await self._members.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("cannot use the store: it is closed")

    async def _reading(self, call: Coroutine[Any, Any, _T]) -> _T:
        try:
            return await call
        except RevisionCompacted as error:
            self._compacted = max(self._compacted, await oldest_readable(self._members))
            raise Compacted(self._compacted) from error
        except RevisionAhead as error:
            raise FutureRevision(await self.current_revision()) from error

    async def _history(self, first: int, last: int) -> tuple[list[Event], int]:
        return await read_history(self._members, self._keys, first, last)

    async def _pass(self, revision: int) -> None:
        newest = await self.current_revision()
        if revision > newest:
            raise FutureRevision(newest)
        passing = self._hub.subscribe("\0", 0)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                async for batch in passing:
                    if batch.revision >= revision:
                        return
        except TimeoutError as error:
            raise StoreUnavailable("cannot compact: etcd's changes do not arrive") from error
        finally:
            await passing.aclose()

    async def _catch_up(self) -> None:
        """Make the stream pass a revision that is not ours."""
        seen = self._hub.revision
        await asyncio.sleep(_LAG_SECONDS)
        if self._hub.revision == seen:
            await _touch(self._members, self._keys)

    def _followed(self) -> None:
        self._following.set()
        self._published(self._hub.revision)

    def _published(self, revision: int) -> None:
        """Remember that `revision` exists by now, once a second."""
        last_second, last_revision = self._samples[-1]
        second, newest = max(int(self._clock()), last_second), max(revision, last_revision)
        if second == last_second:
            self._samples.pop()
        self._samples.append((second, newest))

    async def _keep_compacting(self, retention_seconds: float) -> None:
        while True:
            await asyncio.sleep(max(retention_seconds / 20, 0.05))
            try:
                oldest = self._clock() - retention_seconds
                await self.compact(await self.revision_at(oldest))
                while len(self._samples) > 1 and self._samples[1][0] + 1 <= oldest:
                    self._samples.popleft()
            except (Compacted, FutureRevision, StoreUnavailable):
                continue


def _operation(keys: Keys, op: Put | Delete) -> Any:
    if isinstance(op, Delete):
        return rpc.RequestOp(request_delete_range=rpc.DeleteRangeRequest(key=keys.encode(op.key)))
    return rpc.RequestOp(request_put=rpc.PutRequest(key=keys.encode(op.key), value=op.value))


async def _touch(members: Members, keys: Keys) -> int:
    """Write the progress key (repeating it is harmless) and return its revision."""
    put = rpc.RequestOp(request_put=rpc.PutRequest(key=keys.progress))
    return int((await members.read("KV/Txn", rpc.TxnRequest(success=[put]))).header.revision)
