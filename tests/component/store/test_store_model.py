"""Random sequences of everything, against a model that is too dumb to be wrong: lists of what happened."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.store.protocol import Compacted, Compare, Delete, Event, FutureRevision, KeyValue, Put

KEYS = ["a", "a/", "a/b", "a/b/c", "ab", "b", "é", "\U0001f600"]
key = st.sampled_from(KEYS)
value = st.binary(max_size=6)
back = st.integers(-1, 12)  # how many revisions ago; -1: the future
ops = st.lists(st.one_of(st.builds(Put, key, value), st.builds(Delete, key)), max_size=4, unique_by=lambda op: op.key)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("txn"), st.lists(st.tuples(key, st.booleans()), max_size=2), ops),
        st.tuples(st.just("txn"), st.just([]), ops),
        st.tuples(st.just("get"), key, back),
        st.tuples(
            st.just("range"),
            st.sampled_from(["", "a", "a/", "c"]),
            st.sampled_from(["", *KEYS]),
            st.integers(0, 4),
            back,
        ),
        st.tuples(st.just("compact"), back),
        st.tuples(st.just("watch"), st.sampled_from(["", "a", "a/"]), back),
    ),
    max_size=30,
)


@dataclass
class Model:
    start: int
    log: list[tuple[int, str, bytes | None]] = field(default_factory=list)  # (revision, key, value)
    revision: int = 0
    compacted: int = 0

    def state(self, at: int) -> dict[str, KeyValue]:
        state: dict[str, KeyValue] = {}
        for revision, changed, new in self.log:
            if revision > at:
                break
            if new is None:
                state.pop(changed, None)
            else:
                create = state[changed].create_revision if changed in state else revision
                state[changed] = KeyValue(changed, new, create, revision)
        return state

    def readable(self, revision: int) -> None:
        if revision > self.revision:
            raise FutureRevision(self.revision)
        if revision < self.compacted:
            raise Compacted(self.compacted)

    def events(self, prefix: str, first: int) -> list[Event]:
        if first <= self.compacted:
            raise Compacted(self.compacted)
        found = []
        for revision, changed, new in self.log:
            if revision >= first and changed.startswith(prefix):
                found.append(Event(changed, new, revision))
        return found


async def outcome(coroutine):
    try:
        return await coroutine
    except (Compacted, FutureRevision) as error:
        return type(error), vars(error)


def expected(function, *args):
    try:
        return function(*args)
    except (Compacted, FutureRevision) as error:
        return type(error), vars(error)


async def events_of(store, prefix, first, upto):
    stream = store.watch(prefix, from_revision=first)
    events, revision = [], -1
    try:
        while revision < upto:
            batch = await anext(stream)
            events += batch.events
            revision = batch.revision
    finally:
        await stream.aclose()
    return sorted(events, key=lambda event: (event.mod_revision, event.key))


async def run_step(store, model, step):
    match step:
        case "txn", compares, changes:
            state = model.state(model.revision)
            mods = {name: state[name].mod_revision if name in state else 0 for name in KEYS}
            result = await store.txn([Compare(k, mods[k] if right else mods[k] + 1) for k, right in compares], changes)
            assert result.succeeded == all(right for _, right in compares)
            real = [op for op in changes if isinstance(op, Put) or op.key in state] if result.succeeded else []
            if real:
                assert result.revision > model.revision
                model.revision = result.revision
                model.log += [(result.revision, op.key, op.value if isinstance(op, Put) else None) for op in real]
            assert result.revision == model.revision
            assert result.current == ({} if result.succeeded else {k: state.get(k) for k, _ in compares})
        case "get", name, ago:
            at = max(model.revision - ago, model.start)
            want = expected(lambda: (model.readable(at), model.state(at).get(name))[1])
            assert await outcome(store.get(name, revision=at)) == want
            assert await store.get(name) == model.state(model.revision).get(name)
        case "range", prefix, start, limit, ago:
            at = max(model.revision - ago, model.start)
            found = await outcome(store.range(prefix, start=start, limit=limit, revision=at))
            wrong = expected(model.readable, at)
            if wrong:
                assert found == wrong
            else:
                keys = sorted(k for k in model.state(at) if k.startswith(prefix) and k >= start)
                assert found.items == [model.state(at)[k] for k in (keys[:limit] if limit else keys)]
                assert (found.count, found.revision) == (len(keys), at)
        case "compact", ago:
            at = max(model.revision - ago, model.start)
            if at > model.revision:
                assert await outcome(store.compact(at)) == (FutureRevision, {"revision": model.revision})
            else:
                await store.compact(at)
                model.compacted = max(model.compacted, at)
        case "watch", prefix, ago:
            first = max(model.revision - ago, model.start)
            want = expected(model.events, prefix, first)
            found = await outcome(events_of(store, prefix, first, model.revision))
            assert found == (sorted(want, key=lambda e: (e.mod_revision, e.key)) if isinstance(want, list) else want)


async def run(open_empty, sequence):
    with tempfile.TemporaryDirectory() as folder:
        store = await open_empty(Path(folder))
        try:
            start = (await store.txn([], [Put("start", b"")])).revision
            start = (await store.txn([], [Delete("start")])).revision
            model = Model(start + 1, revision=start)
            model.start = start
            await store.compact(start)
            model.compacted = start
            for step in sequence:
                await run_step(store, model, step)
        finally:
            await store.close()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=steps)
def test_every_sequence_agrees_with_the_model(open_empty, sequence):
    asyncio.run(run(open_empty, sequence))


@pytest.mark.parametrize("bound", [0, 40])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=steps)
def test_values_that_memory_no_longer_holds_come_from_the_file(bound, sequence):
    from podwright.store import sqlite_live
    from podwright.store.sqlite import SqliteStore

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_live, "RECENT_BYTES", bound)
        asyncio.run(run(lambda folder: SqliteStore.open(folder / "state.db"), sequence))
