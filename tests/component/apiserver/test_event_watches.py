"""Who watches from within the process takes objects; they are what the lines of the same watch say."""

import asyncio
import json

import pytest
from api_client import ADMIN, Api, configmap, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minimal_manifests import CREATE_ONLY, manifest, name_of

from podwright.api.errors import ApiError
from podwright.api.resources import RESOURCES, find
from podwright.client.client import Client
from podwright.client.transport import EventStream, Request

CM = find("configmaps")
SPACES, NAMES, LABELS = ("ns", "ns-b"), ("a", "b"), ("x", "y")
SELECTIONS = (
    (None, {}),
    ("ns", {}),
    (None, {"labelSelector": "l=x"}),
    ("ns-b", {"labelSelector": "l!=x"}),
    (None, {"fieldSelector": "metadata.name=a"}),
    ("ns", {"fieldSelector": "metadata.name!=b"}),
)
ROWS = [row for row in RESOURCES if row.versioned not in CREATE_ONLY]
keys = st.tuples(st.sampled_from(SPACES), st.sampled_from(NAMES))
operations = st.one_of(
    st.tuples(st.just("put"), keys, st.sampled_from((None, *LABELS)), st.integers(0, 1)),
    st.tuples(st.just("delete"), keys),
    st.tuples(st.just("watch"), st.sampled_from(SELECTIONS), st.sampled_from(("now", "past", "initial"))),
    st.tuples(st.just("settle")),
)


class Both:
    """One watch, read as lines and as events; `seen` of each are compared when it ends."""

    def __init__(self, api):
        self.api = api
        self.seen = {False: [], True: []}
        self._open = []

    async def start(self, path, query):
        for objects in (False, True):
            request = Request("GET", path, tuple(query.items()), objects=objects)
            stream = await self.api.transport.stream(request)
            assert isinstance(stream, EventStream) is objects
            reading = asyncio.create_task(self._read(stream, self.seen[objects], objects=objects))
            self._open.append((stream, reading))

    async def _read(self, stream, seen, *, objects):
        if objects:
            async for batch in stream.events():
                seen += [json.dumps(event, sort_keys=True) for event in batch]
        else:
            rest = b""
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                events = map(json.loads, lines)
                seen += [json.dumps((event["type"], event["object"]), sort_keys=True) for event in events]
            assert not rest

    async def end(self):
        for stream, reading in self._open:
            await asyncio.sleep(0)
            await stream.close()
            await reading
        assert self.seen[True] == self.seen[False]
        return self.seen[True]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(operations, min_size=4, max_size=20))
def test_events_are_what_the_lines_say(steps):
    asyncio.run(_walk(steps))


async def _walk(steps):
    async with running() as server:
        api = Api(server, ADMIN)
        for space in SPACES:
            await api.post("/api/v1/namespaces", {"metadata": {"name": space}})
        begin = (await api.get(CM.path())).body["metadata"]["resourceVersion"]
        watches = []
        for step in steps:
            match step:
                case ("put", (space, name), label, data):
                    body = configmap(name, d=str(data))
                    body["metadata"]["labels"] = {"l": label} if label else {}
                    if (await api.put(CM.path(space, name), body)).status == 404:
                        await api.create(CM.path(space), body)
                case ("delete", (space, name)):
                    await api.delete(CM.path(space, name))
                case ("watch", (space, selector), since):
                    query = {"watch": "1", "allowWatchBookmarks": "true", **selector}
                    if since == "past":
                        query["resourceVersion"] = begin
                    elif since == "initial":
                        query |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
                    watches.append(Both(api))
                    await watches[-1].start(CM.path(space), query)
                case _:
                    await asyncio.sleep(0.001)
        await asyncio.sleep(0.001)
        for watch in watches:
            await watch.end()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.versioned)
async def test_objects_of_every_kind_are_handed_over_as_they_are_served(api, row):
    watch = Both(api)
    await watch.start(row.path("ns"), {"watch": "1"})
    await api.create(row.path("ns"), manifest(row, name_of(row)))
    await api.patch(row.path("ns", name_of(row)), {"metadata": {"labels": {"changed": "yes"}}})
    await api.delete(row.path("ns", name_of(row)))
    await asyncio.sleep(0.001)
    seen = await watch.end()
    assert any('"ADDED"' in event for event in seen)


async def test_a_watch_that_begins_too_long_ago_is_refused_alike():
    async with running(event_window=2) as server:
        api = Api(server, ADMIN)
        for number in range(5):
            await api.create(CM.path("default"), configmap(f"m{number}"))
        watch = Both(api)
        await watch.start(CM.path(), {"watch": "1", "resourceVersion": "1"})
        (seen,) = await watch.end()
        assert json.loads(seen)[1]["code"] == 410
        with pytest.raises(ApiError) as refused:
            await anext(Client(server.transport(ADMIN)).watch(CM, resource_version="1"))
        assert refused.value.code == 410


@pytest.mark.parametrize(
    "accept",
    [
        "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "application/vnd.kubernetes.protobuf",
    ],
    ids=["table", "metadata", "protobuf"],
)
async def test_other_forms_are_bytes_whoever_asks(api, accept):
    query = (("watch", "1"),)
    stream = await api.transport.stream(Request("GET", CM.path(), query, (("accept", accept),), objects=True))
    assert not isinstance(stream, EventStream)
    await stream.close()


async def test_two_readers_are_handed_the_same_object_of_a_write(api):
    found = []
    clients = [Client(api.transport) for _ in range(2)]
    watches = [client.watch(CM, namespace="ns", field_selector="metadata.name=mine") for client in clients]
    first = [asyncio.create_task(anext(watch)) for watch in watches]
    await asyncio.sleep(0.01)
    await api.create(CM.path("ns"), configmap("mine"))
    assert [(await reading)[0] for reading in first] == ["BOOKMARK", "BOOKMARK"]
    found = [await anext(watch) for watch in watches]
    assert found[0][1] is found[1][1]
    for watch in watches:
        await watch.aclose()
