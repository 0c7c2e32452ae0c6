"""Long lists and watches: what clients get is the same, and nobody else waits for it."""

import asyncio
import json

import pytest
from api_client import CM, configmap

from podwright.apiserver import pieces
from podwright.apiserver.registry import rendering

MANY = 450
META = "g=meta.k8s.io;v=v1"
SHAPES = {
    "objects": "application/json",
    "table": f"application/json;as=Table;{META}",
    "metadata": f"application/json;as=PartialObjectMetadataList;{META}",
    "yaml": "application/yaml",
    "protobuf": "application/vnd.kubernetes.protobuf",
    "metadata in protobuf": f"application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;{META}",
    "metadata in yaml": f"application/yaml;as=PartialObjectMetadataList;{META}",
    "table in yaml": f"application/yaml;as=Table;{META}",
}
INITIAL = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}


@pytest.fixture
async def many(api):
    for i in range(0, MANY, 50):
        await asyncio.gather(*(api.create(CM, configmap(f"c{n:04}", k="v" * 3000)) for n in range(i, i + 50)))
    return api


def ageless(answer):
    """An answer without what passes with time."""
    if not isinstance(answer.body, dict) or "rows" not in answer.body:
        return answer.raw
    rows = [{**row, "cells": row["cells"][:-1]} for row in answer.body["rows"]]
    return json.dumps({**answer.body, "rows": rows})


@pytest.mark.parametrize("accept", SHAPES.values(), ids=SHAPES)
async def test_a_long_list_is_what_it_would_be_in_one_piece(many, monkeypatch, accept):
    sliced = await many.send("GET", CM, headers={"accept": accept})
    assert sliced.status == 200
    monkeypatch.setattr(pieces, "PIECE", 10**9)
    monkeypatch.setattr(rendering, "_PARSED_AT_ONCE", 10**6)
    whole = await many.send("GET", CM, headers={"accept": accept})
    assert ageless(sliced) == ageless(whole)
    assert sliced.raw.count(b"c0123") >= 1


@pytest.mark.parametrize("shape", ["table", "metadata", "yaml", "protobuf"])
async def test_others_are_answered_while_a_long_list_is_made(many, shape):
    order: list[str] = []

    async def ask(name, path, **more):
        await many.send("GET", path, **more)
        order.append(name)

    await asyncio.gather(ask("list", CM, headers={"accept": SHAPES[shape]}), ask("other", f"{CM}/c0001"))
    assert order == ["other", "list"]


async def test_what_changes_while_a_long_watch_begins_comes_after_it(many):
    watch = await many.watch(CM, **INITIAL)
    first = await watch.next()
    assert first[1]["metadata"]["name"] == "c0000"
    await many.patch(f"{CM}/c{MANY - 1:04}", {"data": {"k": "changed"}})
    await many.delete(f"{CM}/c0001")
    await many.create(CM, configmap("new"))
    seen = [first]
    while seen[-1][0] != "BOOKMARK":
        seen.append(await watch.next())
    assert [e[0] for e in seen[:-1]] == ["ADDED"] * MANY
    assert [e[1]["metadata"]["name"] for e in seen[:-1]] == [f"c{n:04}" for n in range(MANY)]
    assert all(e[1]["data"]["k"] != "changed" for e in seen[:-1])
    assert await watch.names(3) == [("MODIFIED", f"c{MANY - 1:04}"), ("DELETED", "c0001"), ("ADDED", "new")]
    assert int(seen[-1][1]["metadata"]["resourceVersion"]) >= int(first[1]["metadata"]["resourceVersion"])


async def test_only_the_first_event_of_a_table_names_the_columns(many):
    accept = f"application/json;as=Table;{META}"
    stream = (await many.watch(CM, headers={"accept": accept}, **INITIAL)).stream
    await many.create(CM, configmap("new"))
    lines: list[bytes] = []
    rest = b""
    async with asyncio.timeout(20):
        async for piece in stream:
            *found, rest = (rest + piece).split(b"\n")
            lines += found
            if len(lines) >= MANY + 2:
                break
    await stream.close()
    told = [bool(json.loads(line)["object"]["columnDefinitions"]) for line in lines]
    assert told == [True] + [False] * (MANY + 1)


async def test_a_watch_that_is_given_up_at_its_beginning_is_released(many):
    cache = many.server.registry.endpoints["", "v1", "configmaps"].cache
    watch = await many.watch(CM, **INITIAL)
    await watch.next()
    await watch.close()
    assert cache.watchers == 0
