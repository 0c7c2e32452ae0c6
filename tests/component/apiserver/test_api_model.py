"""Random sequences of requests against a simple model; many writers at once lose nothing; watches neither miss, repeat nor
reorder an event."""

import asyncio
import itertools
import json
import urllib.parse
from dataclasses import dataclass

import pytest
from api_client import Api, configmap, running
from api_model import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.store.memory import MemoryStore
from podwright.store.sqlite import SqliteStore

ALL = "/api/v1/configmaps"
SPACES, NAMES, LABELS, KEYS = ("ns", "ns-b"), ("a", "b", "c"), ("x", "y"), ("k", "l")


def path(key):
    return f"/api/v1/namespaces/{key[0]}/configmaps/{key[1]}"


@dataclass(frozen=True)
class Selection:
    """What a list or watch selects: its path, its query, and the same as a function."""

    path: str
    query: tuple[tuple[str, str], ...]
    match: object

    def __repr__(self):
        return f"{self.path}?{urllib.parse.urlencode(self.query)}"


def in_order(objects):
    """Lists are in the order of the keys in the store, where a namespace ends with a slash: ns-b/ stands before ns/."""
    return sorted(objects.items(), key=lambda pair: "/".join(pair[0]))


def label(obj):
    return (obj["metadata"].get("labels") or {}).get("l")


SELECTIONS = (
    Selection(ALL, (), lambda obj: True),
    Selection("/api/v1/namespaces/ns/configmaps", (), lambda obj: obj["metadata"]["namespace"] == "ns"),
    Selection(ALL, (("labelSelector", "l=x"),), lambda obj: label(obj) == "x"),
    Selection(ALL, (("labelSelector", "l!=x"),), lambda obj: label(obj) != "x"),
    Selection(ALL, (("fieldSelector", "metadata.name=a"),), lambda obj: obj["metadata"]["name"] == "a"),
    Selection(
        "/api/v1/namespaces/ns-b/configmaps",
        (("fieldSelector", "metadata.name!=b"), ("labelSelector", "l in (x,y)")),
        lambda obj: (
            obj["metadata"]["namespace"] == "ns-b" and obj["metadata"]["name"] != "b" and label(obj) is not None
        ),
    ),
)
keys = st.tuples(st.sampled_from(SPACES), st.sampled_from(NAMES))
labels = st.sampled_from((None, *LABELS))
values = st.sampled_from(("1", "2", None))
operations = st.one_of(
    st.tuples(st.just("create"), keys, labels),
    st.tuples(st.just("replace"), keys, labels, st.booleans()),
    st.tuples(st.just("stale"), keys),
    st.tuples(st.just("merge"), keys, st.sampled_from(KEYS), values),
    st.tuples(st.just("label"), keys, labels),
    st.tuples(st.just("test"), keys, values),
    st.tuples(st.just("hold"), keys, st.booleans()),
    st.tuples(st.just("delete"), keys),
    st.tuples(st.just("clear"), st.sampled_from(SELECTIONS[:3])),
    st.tuples(st.just("watch"), st.sampled_from(SELECTIONS), st.integers(0, 3)),
    st.tuples(st.just("list"), st.sampled_from(SELECTIONS), st.integers(0, 3), st.booleans()),
)


PRESENT = (  # what every sequence begins with: enough for pages and for a past
    *(("create", (space, name), LABELS[i % 2]) for i, name in enumerate(NAMES) for space in SPACES),
    ("merge", ("ns", "a"), "k", "1"),
    ("merge", ("ns-b", "a"), "k", "2"),
    ("label", ("ns", "b"), "x"),
)


class Run:
    """One sequence on one server."""

    def __init__(self, api):
        self.api = api
        self.model = Model()
        self.watches = []
        self.first = 0

    async def revision(self):
        answer = await self.api.get(ALL, limit=1)
        return int(answer.body["metadata"]["resourceVersion"])

    async def begin(self):
        for name in SPACES:
            await self.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        self.first = await self.revision()

    async def took(self, key, answer):
        """A write that was accepted; the object may be gone by it."""
        assert answer.status in {200, 201}, answer
        there = (await self.api.get(path(key))).status == 200
        if there:
            self.model.put(key, answer.body)
        else:
            self.model.drop(key, await self.revision())

    async def create(self, key, wanted):
        obj = configmap(key[1], k="0")
        if wanted:
            obj["metadata"]["labels"] = {"l": wanted}
        answer = await self.api.post(path(key).rpartition("/")[0], obj)
        if key in self.model.objects:
            assert (answer.status, answer.body["reason"]) == (409, "AlreadyExists")
        else:
            await self.took(key, answer)

    async def replace(self, key, wanted, conditional):
        before = self.model.objects.get(key)
        obj = configmap(key[1], k="r")
        obj["metadata"]["labels"] = {"l": wanted} if wanted else {}
        obj["metadata"]["finalizers"] = (before or {"metadata": {}})["metadata"].get("finalizers") or []
        if before and conditional:
            obj["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"]
        answer = await self.api.put(path(key), obj)
        if before is None:
            assert answer.status == 404
        else:
            await self.took(key, answer)

    async def stale(self, key):
        """A write that was computed from an older state must not be taken."""
        older = [before for _, k, before, now in self.model.changes if k == key and before and now]
        if key not in self.model.objects or not older:
            return
        answer = await self.api.put(path(key), {**older[0], "data": {"lost": "update"}})
        assert (answer.status, answer.body["reason"]) == (409, "Conflict")

    async def patched(self, key, body, kind="merge"):
        answer = await self.api.patch(path(key), body, kind)
        if key not in self.model.objects:
            assert answer.status == 404
        else:
            await self.took(key, answer)

    async def merge(self, key, name, value):
        await self.patched(key, {"data": {name: value}})

    async def label(self, key, wanted):
        await self.patched(key, {"metadata": {"labels": {"l": wanted}}})

    async def hold(self, key, held):
        """With a finalizer, deletion only marks; taking it away from a marked object removes it."""
        deleting = "deletionTimestamp" in self.model.objects.get(key, {"metadata": {}})["metadata"]
        if not (held and deleting):
            await self.patched(key, {"metadata": {"finalizers": ["example.com/hold"] if held else None}})

    async def test(self, key, value):
        """A JSON patch whose test decides whether anything happens."""
        before = self.model.objects.get(key)
        body = [{"op": "test", "path": "/data/k", "value": value}, {"op": "replace", "path": "/data/k", "value": "t"}]
        answer = await self.api.patch(path(key), body, "json")
        if before is None:
            assert answer.status == 404
        elif (before.get("data") or {}).get("k") == value and value is not None:
            await self.took(key, answer)
        else:
            assert answer.status == 422
            assert (await self.api.get(path(key))).body == before

    async def delete(self, key):
        before = self.model.objects.get(key)
        answer = await self.api.delete(path(key))
        if before is None:
            assert answer.status == 404
            return
        assert answer.status == 200
        await self.gone_or_marked(key)

    async def gone_or_marked(self, key):
        now = await self.api.get(path(key))
        held = self.model.objects[key]["metadata"].get("finalizers")
        assert (now.status == 200) is bool(held)
        if held:
            assert "deletionTimestamp" in now.body["metadata"]
            self.model.put(key, now.body)
        else:
            self.model.drop(key, await self.revision())

    async def clear(self, selection):
        """deletecollection over one namespace; one object at a time is what the model can follow, so it is listed first."""
        for key in [k for k, obj in self.model.objects.items() if selection.match(obj) and k[0] == "ns"]:
            query = dict(selection.query)
            fields = ",".join(filter(None, (query.pop("fieldSelector", ""), f"metadata.name={key[1]}")))
            answer = await self.api.delete("/api/v1/namespaces/ns/configmaps", fieldSelector=fields, **query)
            assert answer.status == 200
            await self.gone_or_marked(key)

    async def watch(self, selection, back):
        """Open one at the present, some changes ago, at "now", or with everything there is first."""
        revisions = [self.first, *(when for when, *_ in self.model.changes)]
        query = dict(selection.query)
        begin = revisions[-1]
        if back == 3:
            query |= {
                "sendInitialEvents": "true",
                "resourceVersionMatch": "NotOlderThan",
                "allowWatchBookmarks": "true",
            }
        elif back:
            begin = revisions[max(0, len(revisions) - 1 - 2 * back)]
            query["resourceVersion"] = str(begin)
        initial = [obj for _, obj in in_order(self.model.objects) if selection.match(obj)]
        expected = [("ADDED", obj) for obj in initial] if back in {0, 3} else []
        if back == 0:
            query["resourceVersion"] = "0"
        watch = await self.api.watch(selection.path, **query)
        self.watches.append((selection, watch, begin, expected))

    async def list(self, selection, back, chunked):
        """The present or the past, in one piece or in pieces of two."""
        revisions = [self.first, *(when for when, *_ in self.model.changes)]
        query, objects = dict(selection.query), self.model.objects
        if back:
            at = revisions[max(0, len(revisions) - 1 - back)]
            query |= (
                {"resourceVersion": str(at), "resourceVersionMatch": "Exact"} if back % 2 else {"atRevision": str(at)}
            )
            objects = self.model.at(at)
        expected = [obj for _, obj in in_order(objects) if selection.match(obj)]
        found, more = [], ""
        while True:
            limit = {"limit": "2"} if chunked else {}
            if more:
                query = {**dict(selection.query), "continue": more}
            answer = await self.api.get(selection.path, **query, **limit)
            assert answer.status == 200, answer
            found += answer.body["items"]
            more = answer.body["metadata"].get("continue") or ""
            if not more:
                break
        kind = {"kind": "ConfigMap", "apiVersion": "v1"}
        assert [{**kind, **item} for item in found] == expected, selection

    async def end(self):
        """Close all watches from the server's side: what they showed is then complete."""
        for endpoint in self.api.server.registry.endpoints.values():
            for watcher in list(endpoint.cache.all_watchers()):
                watcher.close()
        for selection, watch, begin, initial in self.watches:
            seen = []
            while (event := await watch.next()) is not None:
                if event[0] != "BOOKMARK":
                    seen.append(event)
            assert seen == initial + self.model.events(begin, selection.match), selection


async def play(sequence, store):
    async with running(store) as server:
        api = Api(server)
        run = Run(api)
        await run.begin()
        for name, *arguments in sequence:
            await getattr(run, name)(*arguments)
        await run.end()
        await api.close()
    await store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(operations, min_size=5, max_size=40))
def test_sequences(sequence):
    asyncio.run(play([*PRESENT, *sequence], MemoryStore()))


WRITERS, ROUNDS = 8, 15


@pytest.fixture(params=["memory", "sqlite"])
async def shared(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else await SqliteStore.open(tmp_path / "state.db")
    async with running(store) as server:
        api = Api(server)
        await api.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        yield api
        await api.close()
    await store.close()


async def increment(api, where, kind):
    """Add one, by a replacement or a guarded JSON patch, until it is taken."""
    while True:
        obj = (await api.get(where)).body
        count = obj["data"]["n"]
        if kind == "put":
            obj["data"]["n"] = str(int(count) + 1)
            answer = await api.put(where, obj)
        else:
            guarded = [{"op": "test", "path": "/data/n", "value": count}]
            answer = await api.patch(
                where, [*guarded, {"op": "replace", "path": "/data/n", "value": str(int(count) + 1)}], "json"
            )
        if answer.status == 200:
            return
        assert answer.status in {409, 422}, answer


async def test_many_writers_lose_no_update_and_watches_see_each_once(shared):
    where = path(("ns", "n"))
    await shared.create("/api/v1/namespaces/ns/configmaps", configmap("n", n="0"))
    watches = [await shared.watch(ALL), await shared.watch(ALL, fieldSelector="metadata.name=n")]

    async def writer(number):
        for turn in range(ROUNDS):
            await increment(shared, where, "put" if (number + turn) % 2 else "json")
            merged = await shared.patch(where, {"data": {f"own-{number}": str(turn)}})
            assert merged.status == 200

    await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    last = (await shared.get(where)).body
    assert last["data"]["n"] == str(WRITERS * ROUNDS)
    assert [last["data"][f"own-{i}"] for i in range(WRITERS)] == [str(ROUNDS - 1)] * WRITERS
    writes = 1 + 2 * WRITERS * ROUNDS
    for watch in watches:
        seen = [await watch.next() for _ in range(writes)]
        assert all(seen)
        revisions = [int(obj["metadata"]["resourceVersion"]) for _, obj in seen]
        assert revisions == sorted(set(revisions)), "each once, in order"
        counts = [int(obj["data"]["n"]) for _, obj in seen]
        assert [b - a for a, b in itertools.pairwise(counts) if b != a] == [1] * WRITERS * ROUNDS
        assert seen[-1][1] == last
        assert json.dumps(seen[0][1]["data"]) == '{"n": "0"}'
