"""Reads of another moment: by revision and by time, of objects, lists, tables and pages."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from api_client import CM, configmap

from podwright.store.memory import MemoryStore

TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


@pytest.fixture
async def past(api):
    """Revisions by what happened then: `a` was made, changed, `b` was made, `a` was deleted."""
    made = await api.create(CM, configmap("a", v="1"))
    changed = (await api.patch(f"{CM}/a", {"data": {"v": "2"}})).body
    other = await api.create(CM, configmap("b", v="1"))
    gone = await api.delete(f"{CM}/a")
    assert gone.status == 200
    at = {
        name: obj["metadata"]["resourceVersion"] for name, obj in (("made", made), ("changed", changed), ("b", other))
    }
    at["gone"] = (await api.get(CM)).body["metadata"]["resourceVersion"]
    return at


@pytest.mark.parametrize(("when", "value"), [("made", "1"), ("changed", "2"), ("b", "2")])
async def test_an_object_as_it_was(api, past, when, value):
    answer = await api.get(f"{CM}/a", atRevision=past[when])
    assert answer.status == 200
    assert answer.body["data"] == {"v": value}
    assert answer.body["metadata"]["resourceVersion"] == past["made" if when == "made" else "changed"]


@pytest.mark.parametrize(("when", "names"), [("made", ["a"]), ("b", ["a", "b"]), ("gone", ["b"])])
async def test_a_list_as_it_was(api, past, when, names):
    answer = await api.get(CM, atRevision=past[when])
    assert [item["metadata"]["name"] for item in answer.body["items"]] == names
    assert answer.body["metadata"]["resourceVersion"] == past[when]


async def test_selectors_read_the_labels_of_then(api):
    labelled = configmap("a")
    labelled["metadata"]["labels"] = {"t": "old"}
    then = (await api.create(CM, labelled))["metadata"]["resourceVersion"]
    await api.patch(f"{CM}/a", {"metadata": {"labels": {"t": "new"}}})
    assert len((await api.get(CM, atRevision=then, labelSelector="t=old")).body["items"]) == 1
    assert (await api.get(CM, atRevision=then, labelSelector="t=new")).body["items"] == []


async def test_what_was_gone_or_not_there_yet_is_not_found(api, past):
    assert (await api.get(f"{CM}/b", atRevision=past["made"])).status == 404
    assert (await api.get(f"{CM}/a", atRevision=past["gone"])).status == 404


async def test_pages_stay_at_their_moment(api, past):
    first = await api.get(CM, atRevision=past["b"], limit=1)
    more = first.body["metadata"]["continue"]
    second = await api.get(CM, **{"atRevision": past["b"], "limit": 1, "continue": more})
    names = [page.body["items"][0]["metadata"]["name"] for page in (first, second)]
    assert names == ["a", "b"]


async def test_a_table_of_the_past(api, past):
    answer = await api.send("GET", CM, headers=TABLE, atRevision=past["b"])
    assert [row["cells"][0] for row in answer.body["rows"]] == ["a", "b"]


async def test_by_time(api):
    await api.create(CM, configmap("a", v="1"))
    await asyncio.sleep(0.02)
    then = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await api.patch(f"{CM}/a", {"data": {"v": "2"}})
    answer = await api.get(f"{CM}/a", atTime=then.isoformat().replace("+00:00", "Z"))
    assert answer.body["data"] == {"v": "1"}
    assert (await api.get(f"{CM}/a", atTime="-0s")).body["data"] == {"v": "2"}


async def test_a_time_before_the_history_is_gone(api):
    answer = await api.get(CM, atTime="-2h30m")
    assert (answer.status, answer.body["reason"]) == (410, "Expired")
    assert "no longer kept" in answer.message


async def test_a_compacted_revision_is_gone(api, past):
    store = api.server.store
    assert isinstance(store, MemoryStore)
    await store.compact(int(past["gone"]))
    for path in (CM, f"{CM}/a"):
        answer = await api.get(path, atRevision=past["made"])
        assert (answer.status, answer.body["reason"]) == (410, "Expired")


async def test_a_revision_that_is_ahead_is_refused(api, past):
    for path in (CM, f"{CM}/b"):
        answer = await api.get(path, atRevision=str(int(past["gone"]) + 1000))
        assert answer.status == 504


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"atRevision": "x"}, "positive whole number"),
        ({"atRevision": "0"}, "positive whole number"),
        ({"atRevision": ""}, "positive whole number"),
        ({"atTime": "yesterday"}, "a time as"),
        ({"atTime": "-5"}, "a time as"),
        ({"atTime": "-99999999999999d"}, "before all time"),
        ({"atTime": (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}, "in the future"),
        ({"atTime": "-5m", "atRevision": "1"}, "cannot be combined with atTime"),
        ({"atRevision": "1", "resourceVersion": "1"}, "cannot be combined with resourceVersion"),
    ],
)
async def test_bad_moments(api, query, word):
    answer = await api.get(CM, **query)
    assert answer.status == 400
    assert word in answer.message


async def test_only_reads_look_back(api, past):
    refused = [
        await api.delete(CM, atRevision=past["made"]),
        await api.delete(f"{CM}/b", atTime="-5m"),
        await api.patch(f"{CM}/b", {"data": {"x": "y"}}, atRevision=past["made"]),
        await api.post(CM, configmap("c"), atRevision=past["made"]),
        await api.get(CM, watch="1", atRevision=past["made"]),
    ]
    assert [answer.status for answer in refused] == [400] * 5
    assert "only for get and list" in refused[0].message
    assert (await api.get(f"{CM}/b")).body["data"] == {"v": "1"}
