"""Leader election: one at a time, whatever breaks."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from client_fakes import FakeClock, FakeStream, answer, refusal, until

from podwright.client.client import Client
from podwright.client.leases import ElectionConfig, LeaderElection, LeadershipLostError
from podwright.client.transport import Request, Response, TransportError

JSON = dict[str, Any]


class LeaseServer:
    """Keeps one Lease with optimistic concurrency."""

    def __init__(self) -> None:
        self.lease: JSON | None = None
        self.version = 0
        self.down = False

    async def request(self, request: Request) -> Response:
        await asyncio.sleep(0)
        if self.down:
            raise TransportError("down")
        body = orjson.loads(request.body or b"{}")
        if request.method == "POST":
            if self.lease is not None:
                return refusal(409, "AlreadyExists")
        elif self.lease is None:
            return refusal(404, "NotFound")
        if request.method == "GET":
            return answer(self.lease)
        given = body["metadata"].get("resourceVersion", "")
        if given and given != str(self.version):
            return refusal(409, "Conflict")
        spec = {**(self.lease or {}).get("spec", {}), **body["spec"]} if request.method == "PATCH" else body["spec"]
        self.version += 1
        metadata = {"name": "l", "namespace": "n", "resourceVersion": str(self.version)}
        self.lease = {"metadata": metadata, "spec": spec}
        return answer(self.lease)

    async def stream(self, request: Request) -> FakeStream:
        raise NotImplementedError

    async def close(self) -> None:
        pass

    @property
    def holder(self) -> str:
        return (self.lease or {}).get("spec", {}).get("holderIdentity", "")


def candidate(server: LeaseServer, clock: FakeClock, name: str) -> LeaderElection:
    return LeaderElection(Client(server), clock, ElectionConfig("n", "l", name), chance=lambda: 0.0)


async def lead_for(started: asyncio.Event, stop: asyncio.Event) -> None:
    started.set()
    await stop.wait()


async def test_the_first_leads_and_gives_the_lease_back() -> None:
    server, clock = LeaseServer(), FakeClock()
    started, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.ensure_future(candidate(server, clock, "a").run(lambda: lead_for(started, stop)))
    await started.wait()
    assert server.lease is not None
    assert server.lease["spec"] == {
        "holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 0,
        "acquireTime": "2026-01-02T03:04:05.000000Z", "renewTime": "2026-01-02T03:04:05.000000Z",
    }  # fmt: skip
    stop.set()
    await task
    assert server.holder == ""


async def test_renewing_moves_only_the_time() -> None:
    server, clock = LeaseServer(), FakeClock()
    started, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.ensure_future(candidate(server, clock, "a").run(lambda: lead_for(started, stop)))
    await started.wait()
    first = dict((server.lease or {})["spec"])
    await until(lambda: server.version >= 4)
    later = (server.lease or {})["spec"]
    assert later["renewTime"] > first["renewTime"]
    assert (later["acquireTime"], later["leaseTransitions"]) == (first["acquireTime"], 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server.holder == "", "cancelled while leading, it gives the lease back"


async def test_only_one_leads_at_a_time_and_the_other_follows() -> None:
    server = LeaseServer()
    leading: list[str] = []
    log: list[str] = []
    ends = {"a": asyncio.Event(), "b": asyncio.Event()}

    async def lead(name: str) -> None:
        assert leading == []
        leading.append(name)
        log.append(name)
        await ends[name].wait()
        leading.remove(name)

    tasks = [
        asyncio.ensure_future(candidate(server, FakeClock(), name).run(lambda name=name: lead(name))) for name in ends
    ]
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(log) == 1
    ends[log[0]].set()
    await until(lambda: len(log) == 2)
    assert {*log} == {"a", "b"}
    assert (server.lease or {})["spec"]["leaseTransitions"] == 1
    ends[log[1]].set()
    await asyncio.gather(*tasks)


async def test_a_dead_leaders_lease_is_taken_after_its_time_on_our_clock() -> None:
    server, clock = LeaseServer(), FakeClock()
    # Written long ago by its own times: that says nothing, the writer's clock may be wrong.
    server.lease = {
        "metadata": {"resourceVersion": "0"},
        "spec": {"holderIdentity": "dead", "leaseDurationSeconds": 15, "renewTime": "1999-01-01T00:00:00.000000Z"},
    }
    began = clock.monotonic()
    taken: list[float] = []

    async def lead() -> None:
        await asyncio.sleep(0)
        taken.append(clock.monotonic() - began)

    await candidate(server, clock, "a").run(lead)
    assert 15 <= taken[0] < 15 + 2 * 2


async def test_a_leader_that_cannot_renew_stops_before_its_lease_ends() -> None:
    server, clock = LeaseServer(), FakeClock()
    started = asyncio.Event()
    stopped: list[float] = []

    async def lead() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(clock.monotonic())

    task = asyncio.ensure_future(candidate(server, clock, "a").run(lead))
    await started.wait()
    began = clock.monotonic()
    server.down = True
    with pytest.raises(LeadershipLostError, match="cannot renew lease n/l in time"):
        await task
    assert stopped[0] - began < 15


async def test_a_failing_leader_gives_the_lease_back_and_says_why() -> None:
    server, clock = LeaseServer(), FakeClock()

    async def lead() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await candidate(server, clock, "a").run(lead)
    assert server.holder == ""
