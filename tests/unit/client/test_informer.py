"""Informers under a server that drops, refuses, repeats and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client_fakes import FakeClock, FakeStream, FakeTransport, answer, refusal, settle, until

from podwright.api.resources import find
from podwright.client import reflector
from podwright.client.client import Client
from podwright.client.informer import Informer, key_of, split_key
from podwright.client.transport import TransportError

PODS = find("pods")
JSON = dict[str, Any]


def pod(name: str, version: int, node: str = "", namespace: str = "n") -> JSON:
    metadata = {"name": name, "namespace": namespace, "resourceVersion": str(version)}
    return {"metadata": metadata, "spec": {"nodeName": node}}


def bookmark(version: int, *, end: bool = False) -> JSON:
    annotations = {"annotations": {"k8s.io/initial-events-end": "true"}} if end else {}
    return {"metadata": {"resourceVersion": str(version), **annotations}}


def error(code: int, reason: str) -> JSON:
    return {"kind": "Status", "code": code, "reason": reason, "message": reason}


class World:
    """An informer that runs against a scripted server, and what its handler heard."""

    def __init__(self, decode: Callable[[JSON], JSON] = lambda raw: raw) -> None:
        self.transport = FakeTransport()
        self.clock = FakeClock()
        self.heard: list[tuple[str, str]] = []
        self.informer: Informer[JSON] = Informer(
            Client(self.transport),
            PODS,
            decode=decode,
            indexers={"node": lambda p: [p["spec"]["nodeName"]] if p["spec"]["nodeName"] else []},
            clock=self.clock,
            chance=lambda: 0.0,
        )
        self.informer.add_handler(self._hear)

    def _hear(self, key: str, old: JSON | None, new: JSON | None) -> None:
        what = "new" if old is None else "gone" if new is None else "changed"
        self.heard.append((what, key))

    def stream(self) -> FakeStream:
        stream = FakeStream()
        self.transport.add(stream)
        return stream

    def versions(self) -> dict[str, str]:
        return {key: obj["metadata"]["resourceVersion"] for key, obj in self.informer.items()}

    def since(self) -> list[tuple[str, str]]:
        heard, self.heard = self.heard, []
        return heard


@asynccontextmanager
async def running(world: World) -> AsyncIterator[World]:
    task = asyncio.ensure_future(world.informer.run())
    try:
        yield world
        assert not task.done(), "an informer never ends by itself"
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@asynccontextmanager
async def synced(*pods: JSON, version: int = 10) -> AsyncIterator[tuple[World, FakeStream]]:
    """A world whose informer has the pods and follows the stream."""
    world = World()
    stream = world.stream()
    for obj in pods:
        stream.event("ADDED", obj)
    stream.event("BOOKMARK", bookmark(version, end=True))
    async with running(world):
        await world.informer.synced()
        world.since()
        yield world, stream


async def test_initial_events_then_live_ones() -> None:
    world = World()
    stream = world.stream()
    async with running(world):
        stream.event("ADDED", pod("a", 1))
        stream.event("BOOKMARK", bookmark(2))
        await settle()
        assert not world.informer.has_synced, "an ordinary bookmark does not complete the set"
        stream.event("ADDED", pod("b", 3))
        stream.event("BOOKMARK", bookmark(4, end=True))
        await world.informer.synced()
        assert world.versions() == {"n/a": "1", "n/b": "3"}
        stream.event("MODIFIED", pod("a", 5))
        stream.event("DELETED", pod("b", 6))
        stream.event("ADDED", pod("c", 7))
        await settle()
        assert world.versions() == {"n/a": "5", "n/c": "7"}
    assert world.heard == [("new", "n/a"), ("new", "n/b"), ("changed", "n/a"), ("gone", "n/b"), ("new", "n/c")]
    assert world.transport.query(0)["sendInitialEvents"] == "true"
    assert stream.closed.is_set()


@pytest.mark.parametrize("code", [400, 422])
async def test_a_server_without_initial_events_is_listed(code: int) -> None:
    world = World()
    world.transport.add(refusal(code, "Invalid"))
    world.transport.add(answer({"metadata": {"resourceVersion": "5"}, "items": [pod("a", 1), pod("b", 2)]}))
    stream = world.stream()
    async with running(world):
        await world.informer.synced()
        stream.event("MODIFIED", pod("a", 6))
        await settle()
        assert world.versions() == {"n/a": "6", "n/b": "2"}
        assert world.clock.slept == [], "a refusal is no failure"
        assert world.transport.query(1) == {"resourceVersion": "0"}
        assert world.transport.query(2)["resourceVersion"] == "5"
        assert "sendInitialEvents" not in world.transport.query(2)


async def test_long_lists_are_read_in_pages() -> None:
    world = World()
    world.transport.add(refusal(422, "Invalid"))
    world.transport.add(answer({"metadata": {"resourceVersion": "5", "continue": "t"}, "items": [pod("a", 1)]}))
    world.transport.add(answer({"metadata": {"resourceVersion": "5"}, "items": [pod("b", 2)]}))
    world.stream()
    async with running(world):
        await world.informer.synced()
        assert world.versions() == {"n/a": "1", "n/b": "2"}
        assert world.transport.query(2)["continue"] == "t"


@pytest.mark.parametrize("how", ["ends", "breaks"])
async def test_a_dropped_watch_goes_on_where_it_was(how: str) -> None:
    async with synced(pod("a", 1)) as (world, stream):
        stream.event("MODIFIED", pod("a", 11))
        stream.event("BOOKMARK", bookmark(15))
        await settle()
        again = world.stream()
        if how == "ends":
            stream.end()
        else:
            stream.fail(TransportError("connection reset"))
        again.event("MODIFIED", pod("a", 16))
        await settle()
        assert world.transport.query()["resourceVersion"] == "15"
        assert world.versions() == {"n/a": "16"}
        assert world.since() == [("changed", "n/a"), ("changed", "n/a")]
        assert world.clock.slept == ([] if how == "ends" else [0.2])


async def test_an_unreachable_server_is_asked_less_and_less() -> None:
    world = World()
    world.transport.add(*[TransportError("refused")] * 5)
    async with running(world):
        await settle()
        assert world.clock.slept == [0.2, 0.4, 0.8, 1.6, 3.2]
        stream = world.stream()
        stream.event("BOOKMARK", bookmark(1, end=True))
        await world.informer.synced()
        again = world.stream()
        stream.fail(TransportError("reset"))
        again.event("BOOKMARK", bookmark(2))
        await settle()
        assert world.clock.slept[5:] == [0.2], "what works starts over"


async def test_a_server_that_asks_for_patience_gets_it() -> None:
    world = World()
    world.transport.add(refusal(429, "TooManyRequests", retryAfterSeconds=9))
    async with running(world):
        await settle()
        assert world.clock.slept == [9]


@pytest.mark.parametrize("where", ["event", "answer"])
async def test_a_version_that_is_too_old_means_starting_over(where: str) -> None:
    async with synced(pod("a", 1), pod("b", 2), pod("c", 3)) as (world, stream):
        if where == "event":
            stream.event("ERROR", error(410, "Expired"))
        else:
            stream.end()
            world.transport.add(refusal(410, "Expired"))
        again = world.stream()
        again.event("ADDED", pod("a", 1))
        again.event("ADDED", pod("b", 20))
        await settle()
        assert world.versions() == {"n/a": "1", "n/b": "20", "n/c": "3"}, "nothing is dropped before the set is whole"
        again.event("ADDED", pod("d", 21))
        again.event("BOOKMARK", bookmark(22, end=True))
        await settle()
        assert world.transport.query()["sendInitialEvents"] == "true"
        assert "resourceVersion" not in world.transport.query()
        assert world.versions() == {"n/a": "1", "n/b": "20", "n/d": "21"}
        assert world.since() == [("changed", "n/b"), ("new", "n/d"), ("gone", "n/c")]


async def test_after_a_410_the_fallback_lists_the_newest() -> None:
    world = World()
    world.transport.add(refusal(422, "Invalid"))
    world.transport.add(answer({"metadata": {"resourceVersion": "5"}, "items": [pod("a", 1)]}))
    world.transport.add(refusal(410, "Expired"))
    world.transport.add(answer({"metadata": {"resourceVersion": "9"}, "items": [pod("b", 8)]}))
    world.stream()
    async with running(world):
        await settle()
        assert world.transport.query(3) == {"limit": "500"}
        assert world.transport.query(4)["resourceVersion"] == "9"
        assert world.versions() == {"n/b": "8"}


async def test_a_server_with_a_younger_history_is_believed() -> None:
    async with synced(pod("a", 100), version=200) as (world, stream):
        stream.end()
        world.transport.add(refusal(504, "Timeout", causes=[{"reason": "ResourceVersionTooLarge"}]))
        again = world.stream()
        again.event("ADDED", pod("a", 7))
        again.event("BOOKMARK", bookmark(8, end=True))
        await settle()
        assert world.versions() == {"n/a": "7"}
        again.event("MODIFIED", pod("a", 9))
        await settle()
        assert world.versions() == {"n/a": "9"}


async def test_a_broken_initial_set_is_begun_again() -> None:
    world = World()
    stream = world.stream()
    async with running(world):
        stream.event("ADDED", pod("a", 1))
        await settle()
        again = world.stream()
        stream.fail(TransportError("reset"))
        again.event("ADDED", pod("b", 2))
        again.event("BOOKMARK", bookmark(3, end=True))
        await world.informer.synced()
        assert world.versions() == {"n/b": "2"}
        assert world.transport.query(1)["sendInitialEvents"] == "true"


async def test_events_that_bring_nothing_new_reach_nobody() -> None:
    async with synced(pod("a", 9)) as (world, stream):
        stream.event("MODIFIED", pod("a", 9))
        stream.event("ADDED", pod("a", 9))
        stream.event("MODIFIED", pod("a", 8))
        stream.event("DELETED", pod("a", 8))
        stream.event("DELETED", pod("unknown", 8))
        await settle()
        assert world.since() == []
        stream.event("MODIFIED", pod("a", 10))  # numerically newer, though "10" < "9" as text
        stream.event("DELETED", pod("a", 11))
        stream.event("DELETED", pod("a", 11))
        await settle()
        assert world.since() == [("changed", "n/a"), ("gone", "n/a")]


async def test_indices_follow_every_change() -> None:
    async with synced(pod("a", 1, "x"), pod("b", 2, "x"), pod("c", 3)) as (world, stream):
        informer = world.informer
        assert [*informer.keys_by_index("node", "x")] == ["n/a", "n/b"]
        stream.event("MODIFIED", pod("a", 11, "y"))
        stream.event("DELETED", pod("b", 12, "x"))
        stream.event("MODIFIED", pod("c", 13, "y"))
        await settle()
        assert informer.by_index("node", "x") == []
        assert {p["metadata"]["name"] for p in informer.by_index("node", "y")} == {"a", "c"}
        with pytest.raises(KeyError):
            informer.by_index("none", "x")


async def test_a_late_handler_hears_of_what_is_there() -> None:
    async with synced(pod("a", 1)) as (world, _):
        heard: list[str] = []
        world.informer.add_handler(lambda key, old, new: heard.append(f"{key} {old is None} {new is not None}"))
        assert heard == ["n/a True True"]


async def test_a_failing_handler_stops_neither_the_others_nor_the_informer(caplog: pytest.LogCaptureFixture) -> None:
    async with synced(pod("a", 1)) as (world, stream):

        def fail(key: str, old: JSON | None, new: JSON | None) -> None:
            raise RuntimeError(key)

        later: list[str] = []
        world.informer.add_handler(fail)
        world.informer.add_handler(lambda key, _old, _new: later.append(key))
        stream.event("MODIFIED", pod("a", 11))
        await settle()
        assert later == ["n/a", "n/a"]
        assert "Cannot handle a change of Pod n/a" in caplog.text


async def test_one_unreadable_object_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def decode(raw: JSON) -> JSON:
        if raw["spec"]["nodeName"] == "bad":
            raise ValueError("what is this")
        return raw

    world = World(decode)
    stream = world.stream()
    async with running(world):
        stream.event("ADDED", pod("a", 1, "bad"))
        stream.event("ADDED", pod("b", 2))
        stream.event("BOOKMARK", bookmark(3, end=True))
        await world.informer.synced()
        assert world.versions() == {"n/b": "2"}
        assert "Cannot decode Pod n/a" in caplog.text
        stream.event("MODIFIED", pod("a", 4))
        stream.event("MODIFIED", pod("b", 5, "bad"))
        stream.event("DELETED", pod("b", 6, "bad"))
        await settle()
        assert world.versions() == {"n/a": "4"}


def test_keys() -> None:
    assert key_of("n", "a") == "n/a"
    assert key_of(None, "a") == key_of("", "a") == "a"
    assert split_key("n/a") == ("n", "a")
    assert split_key("a") == ("", "a")


async def test_reading() -> None:
    async with synced(pod("a", 1), pod("b", 2)) as (world, _):
        informer = world.informer
        assert len(informer) == 2
        assert [*informer] == ["n/a", "n/b"]
        assert informer.get("n/none") is None
        found = informer.get("n/a")
        assert found is not None
        assert found["metadata"]["resourceVersion"] == "1"
        assert [p["metadata"]["name"] for p in informer.list()] == ["a", "b"]


async def test_a_server_that_falls_silent_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "_WATCH_SECONDS", 0)
    monkeypatch.setattr(reflector, "_PATIENCE", 0)
    async with synced(pod("a", 1)) as (world, stream):
        again = world.stream()
        await until(stream.closed.is_set)
        monkeypatch.setattr(reflector, "_PATIENCE", 60)
        again.event("MODIFIED", pod("a", 11))
        await until(lambda: world.versions() == {"n/a": "11"})
