"""Recording events: counted, bounded, never in the way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from client_fakes import FakeClock, FakeTransport, answer, refusal, settle

from podwright.client import events
from podwright.client.client import Client
from podwright.client.events import EventRecorder, reference
from podwright.client.transport import TransportError

JSON = dict[str, Any]
METADATA = {"namespace": "n", "name": "p", "uid": "u", "resourceVersion": "5", "labels": {"a": "b"}}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": METADATA}
REF = reference(POD)


class World:
    def __init__(self, buffer: int = 10) -> None:
        self.transport = FakeTransport()
        self.clock = FakeClock()
        self.recorder = EventRecorder(
            Client(self.transport), "tester", self.clock, host="h", buffer=buffer, chance=lambda: 0.0
        )


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    task = asyncio.ensure_future(world.recorder.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_references() -> None:
    wanted = {"apiVersion": "v1", "kind": "Pod", "namespace": "n", "name": "p", "uid": "u", "resourceVersion": "5"}
    assert reference(POD) == wanted
    assert reference(POD, "spec.containers{c}") == {**wanted, "fieldPath": "spec.containers{c}"}
    metadata = SimpleNamespace(namespace="n", name="p", uid="u", resource_version="5")
    assert reference(SimpleNamespace(api_version="v1", kind="Pod", metadata=metadata)) == wanted


async def test_the_object_that_is_created() -> None:
    world = World()
    world.transport.add(answer())
    world.recorder.record(REF, "Warning", "Failed", "it failed")
    async with running(world):
        await world.recorder.flushed()
    assert world.transport.asked[0].path == "/api/v1/namespaces/n/events"
    body = world.transport.body()
    assert re.fullmatch("p[.][0-9a-f]+", body["metadata"].pop("name"))
    assert body == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "n"},
        "involvedObject": REF,
        "type": "Warning",
        "reason": "Failed",
        "message": "it failed",
        "source": {"component": "tester", "host": "h"},
        "reportingComponent": "tester",
        "reportingInstance": "h",
        "firstTimestamp": "2026-01-02T03:04:05Z",
        "lastTimestamp": "2026-01-02T03:04:05Z",
        "count": 1,
    }


async def test_repetitions_are_counted_before_and_after_sending() -> None:
    world = World()
    world.transport.add(answer(), answer(), answer())
    world.recorder.record(REF, "Normal", "Pulled", "m")
    world.clock.advance(60)
    world.recorder.record(REF, "Normal", "Pulled", "m")
    async with running(world):
        await world.recorder.flushed()
        created = world.transport.body(0)
        assert (created["count"], created["lastTimestamp"]) == (2, "2026-01-02T03:05:05Z")
        for minutes in (1, 2):
            world.clock.advance(60)
            world.recorder.record(REF, "Normal", "Pulled", "m")
            await world.recorder.flushed()
            assert world.transport.asked[-1].method == "PATCH"
            assert world.transport.asked[-1].path.endswith(f"/events/{created['metadata']['name']}")
            assert world.transport.body()["count"] == 2 + minutes
        assert world.transport.body()["lastTimestamp"] == "2026-01-02T03:07:05Z"
    assert world.recorder.dropped == 0


@pytest.mark.parametrize(
    "other",
    [
        ({**REF, "uid": "other"}, "Normal", "r", "m"),
        ({**REF, "fieldPath": "spec"}, "Normal", "r", "m"),
        (REF, "Warning", "r", "m"),
        (REF, "Normal", "r2", "m"),
        (REF, "Normal", "r", "m2"),
    ],
)
async def test_what_differs_is_another_event(other: tuple[JSON, Any, str, str]) -> None:
    world = World()
    world.transport.add(answer(), answer())
    world.recorder.record(REF, "Normal", "r", "m")
    world.recorder.record(*other)
    async with running(world):
        await world.recorder.flushed()
    assert [asked.method for asked in world.transport.asked] == ["POST", "POST"]
    assert world.transport.body(0)["metadata"]["name"] != world.transport.body(1)["metadata"]["name"]


async def test_an_event_that_expired_is_made_anew() -> None:
    world = World()
    world.transport.add(answer(), refusal(404, "NotFound"), answer())
    async with running(world):
        for _ in range(2):
            world.recorder.record(REF, "Normal", "r", "m")
            await world.recorder.flushed()
    assert [asked.method for asked in world.transport.asked] == ["POST", "PATCH", "POST"]
    assert world.transport.body()["count"] == 1


async def test_the_buffer_drops_the_oldest_and_counts() -> None:
    world = World(buffer=2)
    for message in ("1", "1", "2", "3"):
        world.recorder.record(REF, "Normal", "r", message)
    assert world.recorder.dropped == 2
    world.transport.add(answer(), answer())
    async with running(world):
        await world.recorder.flushed()
    assert [world.transport.body(at)["message"] for at in (0, 1)] == ["2", "3"]


async def test_an_unreachable_server_is_asked_again_for_a_while() -> None:
    world = World()
    world.transport.add(TransportError("no"), refusal(429, "TooManyRequests", retryAfterSeconds=7), answer())
    world.recorder.record(REF, "Normal", "r", "m")
    async with running(world):
        await world.recorder.flushed()
    assert world.clock.slept == [0.5, 7]
    assert world.recorder.dropped == 0


async def test_giving_up_goes_on_with_the_next() -> None:
    world = World()
    world.transport.add(*[TransportError("no")] * events._TRIES, answer())
    world.recorder.record(REF, "Normal", "r", "lost")
    world.recorder.record(REF, "Normal", "r", "kept")
    async with running(world):
        await world.recorder.flushed()
    assert world.recorder.dropped == 1
    assert world.transport.body()["message"] == "kept"


async def test_a_refused_event_is_dropped_at_once() -> None:
    world = World()
    world.transport.add(refusal(403, "Forbidden"))
    world.recorder.record(REF, "Normal", "r", "m")
    async with running(world):
        await world.recorder.flushed()
    assert (world.recorder.dropped, world.clock.slept) == (1, [])


async def test_events_of_cluster_objects_and_long_names() -> None:
    world = World()
    world.transport.add(answer(), answer())
    world.recorder.record({"kind": "Node", "name": "x"}, "Normal", "r", "m" * 2000)
    world.recorder.record({"kind": "Pod", "name": "y" * 253, "namespace": "n"}, "Normal", "r", "m")
    async with running(world):
        await world.recorder.flushed()
    assert world.transport.asked[0].path == "/api/v1/namespaces/default/events"
    assert len(world.transport.body(0)["message"]) == 1024
    assert len(world.transport.body(1)["metadata"]["name"]) <= 253


async def test_recording_while_sending_is_not_lost() -> None:
    world = World()
    world.recorder.record(REF, "Normal", "r", "1")
    async with running(world):
        await settle()
        world.recorder.record(REF, "Normal", "r", "2")
        world.transport.add(answer(), answer())
        await world.recorder.flushed()
    assert [world.transport.body(at)["message"] for at in (0, 1)] == ["1", "2"]


async def test_only_the_latest_events_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_REMEMBERED", 2)
    world = World()
    world.transport.add(*[answer()] * 6)
    async with running(world):
        for message in ("1", "2", "1", "3", "1", "2"):
            world.recorder.record(REF, "Normal", "r", message)
            await world.recorder.flushed()
    assert [asked.method for asked in world.transport.asked] == ["POST", "POST", "PATCH", "POST", "PATCH", "POST"]
