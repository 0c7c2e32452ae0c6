"""Watches: where they begin, what they show, how they end."""

import asyncio
import json

import pytest
from api_client import CM, PODS, Api, configmap, pod, running

from podwright.apiserver.registry.watching import send_bookmarks
from podwright.client.transport import Request
from podwright.store.memory import MemoryStore

LIMITS = "/api/v1/namespaces/ns/limitranges"
AUTOSCALERS = "/apis/autoscaling/v1/namespaces/ns/horizontalpodautoscalers"
INITIAL = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}


async def revision(api):
    return (await api.get(CM)).body["metadata"]["resourceVersion"]


async def test_the_life_of_an_object(api):
    watch = await api.watch(CM, resourceVersion=await revision(api))
    created = await api.create(CM, configmap("x", k="1"))
    changed = (await api.patch(f"{CM}/x", {"data": {"k": "2"}})).body
    await api.delete(f"{CM}/x")
    assert await watch.next() == ("ADDED", created)
    assert await watch.next() == ("MODIFIED", changed)
    kind, last = await watch.next()
    assert (kind, last["data"]) == ("DELETED", {"k": "2"})
    assert int(last["metadata"]["resourceVersion"]) > int(changed["metadata"]["resourceVersion"])


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}], ids=str)
async def test_without_a_revision_what_exists_comes_first(api, query):
    await api.create(CM, configmap("b"))
    await api.create(CM, configmap("a"))
    watch = await api.watch(CM, **query)
    await api.create(CM, configmap("c"))
    assert await watch.names(3) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]


async def test_a_watch_from_the_past_replays_it(api):
    before = await revision(api)
    await api.create(CM, configmap("x"))
    await api.delete(f"{CM}/x")
    watch = await api.watch(CM, resourceVersion=before)
    await api.create(CM, configmap("y"))
    assert await watch.names(3) == [("ADDED", "x"), ("DELETED", "x"), ("ADDED", "y")]


async def test_the_watch_path_is_the_same(api):
    stream = await api.transport.stream(
        Request("GET", "/api/v1/watch/namespaces/ns/configmaps", (("resourceVersion", await revision(api)),))
    )
    await api.create(CM, configmap("x"))
    assert json.loads(await anext(aiter(stream)))["object"]["metadata"]["name"] == "x"
    await stream.close()


async def test_initial_events_end_with_a_bookmark(api):
    await api.create(CM, configmap("a"))
    watch = await api.watch(CM, **INITIAL)
    assert (await watch.next())[0] == "ADDED"
    kind, obj = await watch.next()
    assert kind == "BOOKMARK"
    assert obj["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert (obj["kind"], obj["apiVersion"]) == ("ConfigMap", "v1")
    await api.create(CM, configmap("b"))
    assert await watch.names(1) == [("ADDED", "b")]


@pytest.mark.parametrize(
    ("path", "include", "cells", "shown"),
    [
        (CM, "", ["", 0, "<unknown>"], "PartialObjectMetadata"),
        (CM, "None", ["", 0, "<unknown>"], "PartialObjectMetadata"),
        (CM, "Object", ["", 0, "<unknown>"], "ConfigMap"),
        (LIMITS, "None", ["", "0001-01-01T00:00:00Z"], "PartialObjectMetadata"),
        (AUTOSCALERS, "None", ["", "/", "<none>", "<unset>", 0, 0, "<unknown>"], "PartialObjectMetadata"),
    ],
    ids=["metadata", "none", "object", "no printer", "converted"],
)
async def test_the_end_of_initial_events_is_told_in_the_row_of_a_table(api, path, include, cells, shown):
    headers = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    query = {"includeObject": include} if include else {}
    watch = await api.watch(path, headers=headers, **INITIAL, **query)
    kind, table = await watch.next()
    assert (kind, set(table["metadata"])) == ("BOOKMARK", {"resourceVersion"})
    assert len(table["columnDefinitions"]) == len(cells)
    [row] = table["rows"]
    assert (row["cells"], row["object"]["kind"]) == (cells, shown)
    assert row["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_initial_events_of_nothing(api):
    watch = await api.watch("/api/v1/namespaces/ns/secrets", **INITIAL)
    assert (await watch.next())[0] == "BOOKMARK"


async def test_labels_that_begin_and_cease_to_match(api):
    watch = await api.watch(CM, resourceVersion=await revision(api), labelSelector="t=in")
    out = configmap("x")
    await api.create(CM, out)
    inside = (await api.patch(f"{CM}/x", {"metadata": {"labels": {"t": "in"}}})).body
    await api.patch(f"{CM}/x", {"data": {"k": "1"}})
    left = (await api.patch(f"{CM}/x", {"metadata": {"labels": {"t": "out"}}, "data": {"k": "2"}})).body
    await api.delete(f"{CM}/x")
    assert await watch.next() == ("ADDED", inside)
    assert (await watch.next())[0] == "MODIFIED"
    kind, obj = await watch.next()
    assert kind == "DELETED"
    assert obj["data"] == {"k": "1"}, "the last state that was selected"
    assert obj["metadata"]["resourceVersion"] == left["metadata"]["resourceVersion"]
    await api.create(CM, configmap("x") | {"metadata": {"name": "x", "labels": {"t": "in"}}})
    assert await watch.names(1) == [("ADDED", "x")]


async def test_a_pod_that_is_bound_appears_to_its_nodes_watch(api):
    watch = await api.watch("/api/v1/pods", resourceVersion=await revision(api), fieldSelector="spec.nodeName=n1")
    await api.create(PODS, pod("p"))
    await api.create("/api/v1/nodes", {"metadata": {"name": "n1"}})
    target = {"target": {"kind": "Node", "name": "n1"}, "metadata": {"name": "p"}}
    assert (await api.post(f"{PODS}/p/binding", target)).status == 201
    kind, obj = await watch.next()
    assert (kind, obj["spec"]["nodeName"]) == ("ADDED", "n1")


async def test_one_name(api):
    watch = await api.watch(CM, resourceVersion=await revision(api), fieldSelector="metadata.name=x")
    await api.create(CM, configmap("y"))
    await api.create(CM, configmap("x"))
    assert await watch.names(1) == [("ADDED", "x")]


async def test_a_revision_of_the_future_waits(api):
    ahead = int(await revision(api)) + 2
    watch = await api.watch(CM, resourceVersion=ahead)
    for name in ("a", "b", "c"):
        await api.create(CM, configmap(name))
    assert await watch.names(1) == [("ADDED", "c")]


async def test_too_old_is_an_error_event():
    async with running(event_window=3) as server:
        api = Api(server)
        cm = "/api/v1/namespaces/default/configmaps"
        for i in range(6):
            await api.create(cm, configmap(f"x{i}"))
        watch = await api.watch(cm, resourceVersion=1)
        kind, status = await watch.next()
        assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
        assert await watch.next() is None


async def test_a_watch_ends_when_its_time_is_over(api):
    watch = await api.watch(CM, resourceVersion=await revision(api), timeoutSeconds=1)
    assert await watch.next() is None
    assert api.server.registry.endpoints["", "v1", "configmaps"].cache.watchers == 0


async def test_bookmarks_go_to_those_who_asked(api):
    asked = await api.watch(CM, resourceVersion=await revision(api), allowWatchBookmarks="true")
    silent = await api.watch(CM, resourceVersion=await revision(api))
    await api.create(PODS, pod("p"))
    send_bookmarks(api.server.registry)
    kind, obj = await asked.next()
    assert kind == "BOOKMARK"
    assert obj == {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"resourceVersion": await revision(api)}}
    await api.create(CM, configmap("x"))
    assert await silent.names(1) == [("ADDED", "x")]


async def test_a_watch_with_bookmarks_gets_one_before_its_time_is_over(api):
    now = await revision(api)
    watch = await api.watch(CM, resourceVersion=now, allowWatchBookmarks="true", timeoutSeconds=3)
    kind, obj = await watch.next()
    assert (kind, obj["metadata"]) == ("BOOKMARK", {"resourceVersion": now})
    assert await watch.next() is None


@pytest.mark.parametrize("query", [{}, {"resourceVersion": 0}], ids=["unsaid", "zero"])
async def test_a_watch_that_begins_with_what_there_is_says_where_that_ends(api, query):
    await api.create(CM, configmap("x"))
    watch = await api.watch(CM, allowWatchBookmarks="true", **query)
    assert (await watch.next())[1]["metadata"]["name"] == "x"
    kind, obj = await watch.next()
    assert (kind, obj["metadata"]["annotations"]) == ("BOOKMARK", {"k8s.io/initial-events-end": "true"})


async def test_a_watch_of_one_object_selects_that_alone(api):
    path = "/api/v1/watch/namespaces/ns/configmaps/x"
    answer = await api.get(path, fieldSelector="metadata.name=y")
    assert (answer.status, answer.message) == (400, "fieldSelector metadata.name doesn't match requested name")


async def test_a_table_watch_tells_the_columns_once(api):
    headers = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    watch = await api.watch(CM, headers=headers, resourceVersion=await revision(api))
    await api.create(CM, configmap("a"))
    await api.create(CM, configmap("b"))
    kind, first = await watch.next()
    assert (kind, first["kind"], first["rows"][0]["cells"][0]) == ("ADDED", "Table", "a")
    assert first["columnDefinitions"]
    _, second = await watch.next()
    assert second["columnDefinitions"] is None
    assert second["rows"][0]["cells"][0] == "b"


async def test_a_metadata_watch(api):
    headers = {"accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
    watch = await api.watch(CM, headers=headers, resourceVersion=await revision(api))
    await api.create(CM, configmap("a", k="v"))
    _, obj = await watch.next()
    assert set(obj) == {"kind", "apiVersion", "metadata"}


async def test_events_of_the_other_group(api):
    path = "/apis/events.k8s.io/v1/namespaces/ns/events"
    watch = await api.watch(path, resourceVersion=await revision(api))
    event = {"metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "namespace": "ns"}, "message": "m"}
    await api.create("/api/v1/namespaces/ns/events", event)
    _, obj = await watch.next()
    assert (obj["apiVersion"], obj["note"]) == ("events.k8s.io/v1", "m")


async def test_a_reader_that_lags_is_dropped_and_others_are_not():
    async with running(watch_buffer=5) as server:
        api = Api(server)
        cm = "/api/v1/namespaces/default/configmaps"
        start = (await api.get(cm)).body["metadata"]["resourceVersion"]
        slow = await api.watch(cm, resourceVersion=start)
        fast = await api.watch(cm, resourceVersion=start)
        for i in range(10):
            await api.create(cm, configmap(f"x{i}"))
            assert (await fast.next())[1]["metadata"]["name"] == f"x{i}"
        seen = 0
        while await slow.next():
            seen += 1
        assert seen < 10
        await fast.close()


async def test_bad_watches_are_refused(api):
    for query, status in (
        ({"resourceVersion": "abc"}, 400),
        ({"labelSelector": "a b"}, 400),
        ({"fieldSelector": "spec.x=y"}, 400),
        ({"sendInitialEvents": "true"}, 422),
        ({"timeoutSeconds": "x"}, 400),
    ):
        assert (await api.get(CM, watch="1", **query)).status == status


async def test_writes_in_order_reach_many_watchers_in_order(api):
    start = await revision(api)
    watches = [await api.watch(CM, resourceVersion=start) for _ in range(10)]
    await asyncio.gather(*(api.create(CM, configmap(f"x{i}")) for i in range(20)))
    seen = [await w.names(20) for w in watches]
    assert all(s == seen[0] for s in seen)
    assert sorted(n for _, n in seen[0]) == sorted(f"x{i}" for i in range(20))


async def test_two_servers_over_one_store_see_each_others_writes_at_once():
    store = MemoryStore()
    async with running(store) as one, running(store) as two:
        first, second = Api(one), Api(two)
        cm = "/api/v1/namespaces/default/configmaps"
        watch = await second.watch(cm, resourceVersion=(await second.get(cm)).body["metadata"]["resourceVersion"])
        for i in range(10):
            await first.create(cm, configmap(f"x{i}"))
            assert (await second.get(f"{cm}/x{i}")).status == 200
            assert len((await second.get(cm)).body["items"]) == i + 1
        assert await watch.names(10) == [("ADDED", f"x{i}") for i in range(10)]
        answers = await asyncio.gather(
            *(
                a.patch(f"{cm}/x0", {"data": {f"{n}{i}": "v"}})
                for i in range(10)
                for n, a in (("a", first), ("b", second))
            )
        )
        assert {a.status for a in answers} == {200}
        assert len((await first.get(f"{cm}/x0")).body["data"]) == 20
        await watch.close()
    await store.close()
