"""Steps that many lives have in common: waiting for a state, reading watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from api_client import Answer, Api, Watch

JSON = dict[str, Any]
NS = "/api/v1/namespaces/ns"


async def seen(api: Api, path: str, told: Callable[[JSON], Any], **query: str) -> JSON:
    """Read `path` until what is there satisfies `told`; returns it."""
    async with asyncio.timeout(20):
        while True:
            answer = await api.get(path, **query)
            if answer.status == 200 and told(answer.body):
                return answer.body
            await asyncio.sleep(0.01)


async def gone(api: Api, path: str) -> None:
    """Wait until there is nothing at `path`."""
    async with asyncio.timeout(20):
        while (await api.get(path)).status != 404:  # noqa: ASYNC110 - the controllers work on it
            await asyncio.sleep(0.01)


async def expect(watch: Watch, kind: str, **annotations: str) -> JSON:
    """Take the next event, which is of this kind and shows these annotations."""
    event = await watch.next()
    assert event is not None
    assert event[0] == kind, event
    found = event[1]["metadata"].get("annotations") or {}
    assert {name: found.get(name) for name in annotations} == annotations
    return event[1]


def good(answer: Answer, status: int = 200) -> JSON:
    """Return the body of an answer that has to have this status."""
    assert answer.status == status, answer
    return answer.body


def names(listed: JSON) -> list[str]:
    """Return the names in a list."""
    return [item["metadata"]["name"] for item in listed["items"]]
