"""Long answers over the wire: whole and in order for every kind of client, and nobody else waits for them."""

import asyncio
import gzip
import json

import pytest
from api_client import configmap, until
from test_overload import AUTH, CM, connected

from podwright.apiserver.pieces import PIECE

BIG = 30
TABLE = b"Accept: application/json;as=Table;g=meta.k8s.io;v=v1\r\n"


@pytest.fixture
async def long(https):
    """A server with a list of several megabytes."""
    for n in range(BIG):
        await https.api.create(CM, configmap(f"c{n:02}", k=f"{n:06}" * 20_000))
    return https


async def ask(reader, writer, path=CM, *, more=b"", method=b"GET", version=b"1.1"):
    """Ask and read the answer's head."""
    writer.write(b"%b %b HTTP/%b\r\n%b%b\r\n" % (method, path.encode(), version, AUTH, more))
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    return lines[0].split()[1], dict(line.split(": ", 1) for line in lines[1:] if line)


async def body(reader, headers):
    """The answer's body, compressed if it was."""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    found = b""
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        found += await reader.readexactly(size)
        assert await reader.readexactly(2) == b"\r\n"
    assert await reader.readexactly(2) == b"\r\n"
    return found


def names(data):
    return [item["metadata"]["name"] for item in json.loads(data)["items"]]


def expected():
    return [f"c{n:02}" for n in range(BIG)]


async def test_a_long_list_has_its_length_and_comes_whole(long):
    async with connected(long) as (reader, writer), asyncio.timeout(20):
        for _ in range(2):  # the connection goes on
            status, headers = await ask(reader, writer)
            assert status == "200"
            data = await body(reader, headers)
            assert names(data) == expected()
            assert json.loads(data)["items"][7]["data"] == {"k": "000007" * 20_000}


async def test_compressed_it_comes_in_chunks(long):
    async with connected(long) as (reader, writer), asyncio.timeout(20):
        for _ in range(2):
            _, headers = await ask(reader, writer, more=b"Accept-Encoding: gzip\r\n")
            assert headers["content-encoding"] == "gzip"
            assert headers["vary"] == "accept-encoding"
            assert headers["transfer-encoding"] == "chunked"
            assert "content-length" not in headers
            assert names(gzip.decompress(await body(reader, headers))) == expected()


async def test_a_client_that_knows_no_chunks_gets_it_plain(long):
    async with connected(long) as (reader, writer), asyncio.timeout(20):
        _, headers = await ask(reader, writer, more=b"Accept-Encoding: gzip\r\n", version=b"1.0")
        assert "content-encoding" not in headers
        assert names(await body(reader, headers)) == expected()
        assert await reader.read() == b""


async def test_a_long_table_comes_whole(long):
    async with connected(long) as (reader, writer), asyncio.timeout(20):
        _, headers = await ask(reader, writer, f"{CM}?includeObject=Object", more=TABLE)
        rows = json.loads(await body(reader, headers))["rows"]
        assert [row["object"]["data"]["k"][:6] for row in rows] == [f"{n:06}" for n in range(BIG)]


@pytest.mark.parametrize("more", [b"", b"Accept-Encoding: gzip\r\n"], ids=["plain", "gzip"])
async def test_a_head_alone(https, more):
    path = "/openapi/v3/apis/apps/v1"
    async with connected(https) as (reader, writer), asyncio.timeout(20):
        status, headers = await ask(reader, writer, path, method=b"HEAD", more=more)
        assert (status, "content-encoding" in headers) == ("200", False)
        _, again = await ask(reader, writer, path)  # right after it: there was no body
        assert headers["content-length"] == again["content-length"]
        assert int(headers["content-length"]) > PIECE
        assert json.loads(await body(reader, again))["openapi"]


@pytest.mark.parametrize("over", [-1, 0, 1, PIECE - 1, PIECE, PIECE + 1])
async def test_sizes_around_that_of_a_piece(https, over):
    await https.api.create(CM, configmap("a", k=""))
    size = PIECE + over - len((await https.api.send("GET", f"{CM}/a")).raw)
    await https.api.create(CM, configmap("b", k="v" * size))
    async with connected(https) as (reader, writer), asyncio.timeout(20):
        _, plain = await ask(reader, writer, f"{CM}/b")
        data = await body(reader, plain)
        assert len(data) == PIECE + over
        assert json.loads(data)["data"]["k"] == "v" * size
        _, packed = await ask(reader, writer, f"{CM}/b", more=b"Accept-Encoding: gzip\r\n")
        assert ("content-encoding" in packed) == (over > 0)
        found = await body(reader, packed)
        assert (gzip.decompress(found) if over > 0 else found) == data


@pytest.mark.parametrize("more", [b"", b"Accept-Encoding: gzip\r\n"], ids=["plain", "gzip"])
async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(long, caplog, more):
    before = long.http.connections
    for _ in range(3):
        async with connected(long) as (reader, writer), asyncio.timeout(20):
            await ask(reader, writer, more=more)
            await reader.read(1000)
    await until(lambda: long.http.connections == before)
    assert await long.api.send("GET", f"{CM}/c00")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_what_changes_while_a_slow_client_reads_is_not_in_its_list(long):
    async with connected(long, limit=1024) as (reader, writer), asyncio.timeout(30):
        _, headers = await ask(reader, writer)
        for n in range(BIG):
            await long.api.patch(f"{CM}/c{n:02}", {"data": {"k": "changed"}})
        await long.api.delete(f"{CM}/c05")
        data = await body(reader, headers)
        assert names(data) == expected()
        assert b"changed" not in data


async def test_others_are_answered_while_a_long_list_is_written(long):
    order: list[str] = []

    async def get(name, path, more=b""):
        async with connected(long, limit=1 << 24) as (reader, writer):
            _, headers = await ask(reader, writer, "/healthz")
            await body(reader, headers)
            opened.append(name)
            await until(lambda: len(opened) == 2)
            if name == "other":
                await until(lambda: begun)
            else:
                begun.append(True)
            _, headers = await ask(reader, writer, path, more=more)
            await body(reader, headers)
            order.append(name)

    opened: list[str] = []
    begun: list[bool] = []
    async with asyncio.timeout(20):
        await asyncio.gather(get("list", CM), get("other", "/healthz"))
    assert order == ["other", "list"]


async def test_the_access_log_knows_how_long_it_was(long):
    async with connected(long) as (reader, writer), asyncio.timeout(20):
        _, headers = await ask(reader, writer)
        size = len(await body(reader, headers))
        await body(reader, (await ask(reader, writer, more=b"Accept-Encoding: gzip\r\n"))[1])
    log, long.server._access_log = long.server._access_log, None
    await log.stop()
    lines = [json.loads(line) for line in (long.folder / "access.log").read_text().splitlines()]
    assert [line["bytes"] for line in lines if line["method"] == "GET" and line["path"] == CM] == [size, size]
