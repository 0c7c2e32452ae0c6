"""When the store does not answer: refusals that say so, and everything as before once it does."""

import pytest
from api_client import Api, configmap, running

from podwright.store.memory import MemoryStore
from podwright.store.protocol import StoreUnavailable

CM = "/api/v1/namespaces/default/configmaps"


class Moody:
    """A store that fails the named calls."""

    def __init__(self):
        self.inner = MemoryStore()
        self.failing = set()

    def __getattr__(self, name):
        if name in self.failing:

            async def refuse(*_args, **_kwargs):
                msg = "no quorum"
                raise StoreUnavailable(msg)

            return refuse
        return getattr(self.inner, name)

    async def txn(self, compares, ops):
        return await self.__getattr__("txn")(compares, ops)

    async def current_revision(self):
        return await self.__getattr__("current_revision")()


@pytest.fixture
async def store():
    made = Moody()
    yield made
    await made.inner.close()


async def test_writes_are_refused_and_work_again(store):
    async with running(store) as server:
        api = Api(server)
        await api.create(CM, configmap("x"))
        store.failing = {"txn"}
        for answer in (
            await api.post(CM, configmap("y")),
            await api.patch(f"{CM}/x", {"data": {"k": "v"}}),
            await api.delete(f"{CM}/x"),
        ):
            assert (answer.status, answer.body["reason"]) == (503, "ServiceUnavailable")
            assert answer.headers["retry-after"] == "1"
        assert (await api.get(f"{CM}/x")).status == 200
        store.failing = set()
        assert (await api.post(CM, configmap("y"))).status == 201
        assert (await api.patch(f"{CM}/x", {"data": {"k": "v"}})).status == 200


async def test_reads_that_must_be_fresh_are_refused_and_others_are_not(store):
    async with running(store) as server:
        api = Api(server)
        await api.create(CM, configmap("x"))
        store.failing = {"current_revision"}
        assert (await api.get(f"{CM}/x")).status == 503
        assert (await api.get(CM)).status == 503
        assert (await api.get(f"{CM}/x", resourceVersion="0")).status == 200
        assert len((await api.get(CM, resourceVersion="0")).body["items"]) == 1
        assert (await api.get("/readyz")).status == 500
        assert (await api.get("/readyz/ping")).status == 200
        store.failing = set()
        assert (await api.get("/readyz")).status == 200


async def test_readiness_waits_for_the_first_objects(store):
    async with running(store) as server:
        api = Api(server)
        server.ready = False
        assert (await api.get("/livez")).status == 200
        assert "[-]bootstrap failed" in (await api.get("/readyz")).body
        server.ready = True


async def test_old_history_is_forgotten_by_and_by(store):
    now = [1_000_000.0]
    store.inner = MemoryStore(clock=lambda: now[0])
    async with running(store, compact_after_seconds=600) as server:
        api = Api(server)
        created = await api.create(CM, configmap("x"))
        now[0] += 500
        await api.patch(f"{CM}/x", {"data": {"k": "v"}})
        housekeeping = server._housekeeping
        exact = {"resourceVersion": created["metadata"]["resourceVersion"], "resourceVersionMatch": "Exact"}
        server.registry.clock = lambda: Moment(now[0])
        await housekeeping._compact()
        assert (await api.get(CM, **exact)).status == 200
        now[0] += 200
        await api.patch(f"{CM}/x", {"data": {"k": "w"}})
        await housekeeping._compact()
        assert (await api.get(CM, **exact)).status == 200, "the state of ten minutes ago stays readable"
        now[0] += 700
        await housekeeping._compact()
        assert (await api.get(CM, **exact)).status == 410


class Moment:
    """A point in time."""

    def __init__(self, seconds):
        self.seconds = seconds

    def timestamp(self):
        return self.seconds


async def test_too_many_requests_are_told_to_come_back():
    async with running(max_inflight=200) as server:
        server.metrics.inflight = 200
        answer = await Api(server).get(CM)
        assert (answer.status, answer.body["reason"], answer.headers["retry-after"]) == (429, "TooManyRequests", "1")
