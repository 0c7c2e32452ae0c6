"""What bad or slow clients can do to the server: nothing to anybody else, and to themselves only what they were told."""

import asyncio
import contextlib
import json
import ssl

import pytest
from api_client import configmap, until
from https_server import serving

CM = "/api/v1/namespaces/default/configmaps"
AUTH = b"Host: x\r\nAuthorization: Bearer tok\r\n"


@contextlib.asynccontextmanager
async def connected(https, **settings):
    reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls(), **settings)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def answer(reader):
    """Status and JSON of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(x.split(b":")[1]) for x in head.splitlines() if x.startswith(b"content-length"))
    return int(head.split()[1]), json.loads(await reader.readexactly(size))


@pytest.fixture
async def hasty(pki, signing_key, tmp_path):
    """A server with little patience."""
    patience = {"idle_seconds": 0.5, "read_seconds": 0.3, "request_seconds": 0.4, "linger_seconds": 0.3}
    async with serving(pki, signing_key, tmp_path, **patience) as https:
        yield https


async def test_a_request_that_trickles_in_is_answered_408(hasty):
    async with connected(hasty) as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET /healthz HTTP/1.1\r\nHo")
        ending = asyncio.create_task(answer(reader))
        with contextlib.suppress(ConnectionError):
            while not ending.done():
                writer.write(b"s")
                await asyncio.sleep(0.05)
        assert (await ending)[0] == 408
        assert await reader.read() == b""


async def test_a_body_that_trickles_in_is_answered_408(hasty):
    async with connected(hasty) as (reader, writer), asyncio.timeout(10):
        writer.write(b"POST %b HTTP/1.1\r\n%bContent-Length: 100\r\n\r\n{" % (CM.encode(), AUTH))
        assert (await answer(reader))[0] == 408


async def test_a_connection_without_requests_is_closed(hasty):
    async with connected(hasty) as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.read()).endswith(b"ok")


async def test_an_answer_that_takes_too_long_is_a_504(hasty, monkeypatch):
    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr("podwright.apiserver.registry.objects.list_items", never)
    async with connected(hasty) as (reader, writer), asyncio.timeout(10):
        for _ in range(2):
            writer.write(b"GET %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
            status, body = await answer(reader)
            assert (status, body["reason"]) == (504, "Timeout")
    assert hasty.server.metrics.inflight == 0


async def test_a_watch_outlives_every_time_limit(hasty):
    async with connected(hasty) as (reader, writer), asyncio.timeout(20):
        writer.write(b"GET %b?watch=1 HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1.5)
        await hasty.api.create(CM, configmap("late"))
        assert b'"ADDED"' in await reader.readuntil(b'"late"')


async def test_an_answer_nobody_reads_is_given_up(hasty):
    await hasty.api.create(CM, configmap("big", k="x" * 900_000))
    async with connected(hasty, limit=1024) as (_, writer), asyncio.timeout(10):
        writer.write(b"GET %b/big HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH) * 40)
        await until(lambda: hasty.http.connections, 5)
        await until(lambda: not hasty.http.connections, 10)


async def test_a_body_of_100_mb_is_refused_before_it_is_sent(https):
    async with connected(https) as (reader, writer), asyncio.timeout(10):
        head = b"POST %b HTTP/1.1\r\n%bExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n" % (CM.encode(), AUTH)
        writer.write(head)
        status, body = await answer(reader)
        assert (status, body["reason"]) == (413, "RequestEntityTooLarge")


async def test_a_client_that_sends_on_after_a_refusal_is_cut_off(hasty):
    async with connected(hasty) as (reader, writer), asyncio.timeout(30):
        writer.write(b"POST %b HTTP/1.1\r\n%bContent-Length: 100000000\r\n\r\n" % (CM.encode(), AUTH))
        assert (await answer(reader))[0] == 413
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while not writer.is_closing():
                writer.write(b"x" * 65536)
                await writer.drain()
                await asyncio.sleep(0)  # draining what nobody takes any more waits for nothing, not even for the end
    await until(lambda: not hasty.http.connections)


async def test_clients_that_wait_are_told_to_send(https):
    body = json.dumps(configmap("waited")).encode()
    async with connected(https) as (reader, writer), asyncio.timeout(10):
        head = b"POST %b HTTP/1.1\r\n%bExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (CM.encode(), AUTH, len(body)))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await answer(reader))[0] == 201


async def test_a_head_without_end_is_refused(https):
    async with connected(https) as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET /healthz HTTP/1.1\r\n" + (b"X-A: " + b"x" * 4000 + b"\r\n") * 100)
        assert (await answer(reader))[0] == 431


async def test_many_requests_at_once_in_small_pieces(https):
    requests = b"".join(b"GET %b/none-%d HTTP/1.1\r\n%b\r\n" % (CM.encode(), i, AUTH) for i in range(50))
    async with connected(https) as (reader, writer), asyncio.timeout(20):
        for i in range(0, len(requests), 37):
            writer.write(requests[i : i + 37])
            if i % 5 == 0:
                await asyncio.sleep(0)
        found = [await answer(reader) for _ in range(50)]
    assert [f"none-{i}" for i in range(50)] == [body["details"]["name"] for _, body in found]


async def test_who_comes_when_the_server_is_full_is_told_to_come_back(pki, signing_key, tmp_path, monkeypatch):
    free = asyncio.Event()

    async def slow(*_):
        await free.wait()
        raise RuntimeError

    monkeypatch.setattr("podwright.apiserver.registry.objects.list_items", slow)
    async with serving(pki, signing_key, tmp_path, max_inflight=200) as https, contextlib.AsyncExitStack() as stack:
        ends = [await stack.enter_async_context(connected(https)) for _ in range(6)]
        https.server.metrics.inflight += 196  # as many others; its own first objects are written at once, too
        for _, writer in ends:
            writer.write(b"GET %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        first = [asyncio.create_task(reader.readuntil(b"\r\n\r\n")) for reader, _ in ends]
        done, waiting = await asyncio.wait(first, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        await until(lambda: sum(t.done() for t in first) == 2)
        assert all(b" 429 " in t.result() and b"\r\nretry-after: 1\r\n" in t.result() for t in done)
        async with asyncio.timeout(5):  # health is still answered to whoever asks on another connection
            assert (await https.api.get("/healthz")).status in {200, 429}
        free.set()
        await asyncio.gather(*waiting)


async def test_a_client_that_leaves_ends_its_request(https, monkeypatch):
    ended = asyncio.Event()

    async def never(*_):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr("podwright.apiserver.registry.objects.list_items", never)
    async with connected(https) as (_, writer):
        writer.write(b"GET %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        await until(lambda: https.server.metrics.inflight)
    async with asyncio.timeout(5):
        await ended.wait()


async def test_stopping_answers_what_is_asked(pki, signing_key, tmp_path, monkeypatch):
    async def slow(*_):
        await asyncio.sleep(0.3)
        raise RuntimeError

    monkeypatch.setattr("podwright.apiserver.registry.objects.list_items", slow)
    async with serving(pki, signing_key, tmp_path) as https:
        reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls())
        writer.write(b"GET %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        await until(lambda: https.server.metrics.inflight)
    async with asyncio.timeout(5):
        status, _ = await answer(reader)
    assert status == 500
    writer.close()
    await writer.wait_closed()


async def test_a_change_goes_on_when_its_client_is_gone(pki, signing_key, tmp_path, monkeypatch):
    """Half of a deletion is worse than one that nobody hears of."""
    async with serving(pki, signing_key, tmp_path) as https:
        for i in range(4):
            await https.api.create(CM, configmap(f"x{i}"))
        store, began = https.server.store, asyncio.Event()
        txn = store.txn

        async def slow(*arguments):
            began.set()
            await asyncio.sleep(0.2)
            return await txn(*arguments)

        monkeypatch.setattr(store, "txn", slow)
        async with connected(https) as (_, writer), asyncio.timeout(10):
            writer.write(b"DELETE %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
            await began.wait()

        def left():
            return [i.name for i in https.server.registry.endpoints["", "v1", "configmaps"].cache.iterate("default")]

        assert "x0" in left()
        await until(lambda: not [name for name in left() if name.startswith("x")])


@pytest.fixture
def endless(monkeypatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Deletions that begin and never come to an end by themselves: two events that tell of both."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def never(*_):
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr("podwright.apiserver.registry.deleting.list_items", never)
    return began, ended


async def test_a_change_whose_client_is_gone_has_a_time_limit_too(hasty, endless):
    began, ended = endless
    async with connected(hasty) as (_, writer), asyncio.timeout(10):
        writer.write(b"DELETE %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        await began.wait()
    async with asyncio.timeout(10):
        await ended.wait()
        await until(lambda: not hasty.http.connections)


async def test_a_change_whose_client_is_gone_ends_with_the_server(pki, signing_key, tmp_path, endless):
    began, ended = endless
    async with serving(pki, signing_key, tmp_path) as https:
        async with connected(https) as (_, writer), asyncio.timeout(10):
            writer.write(b"DELETE %b HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
            await began.wait()
        assert not ended.is_set()
    assert ended.is_set()
