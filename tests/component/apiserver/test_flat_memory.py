"""A server under more load than it can bear needs no more memory than it did at first: a process of its own."""

import asyncio
import contextlib
import json
import ssl
from pathlib import Path

import pytest
from api_client import configmap
from server_process import process

CM = "/api/v1/namespaces/default/configmaps"
AUTH = b"Host: x\r\nAuthorization: Bearer tok\r\n"
SIZE = 500_000
ROOM = 160
"""MiB that a server may grow: less than any of these loads sends, asks for or leaves behind."""


def resident(pid, what="VmRSS"):
    """MiB that a process holds now, or (VmHWM) has ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


class Load:
    """Clients of one server."""

    def __init__(self, server, folder):
        self.pid = server.pid
        self._port = int(server.url.rpartition(":")[2])
        self._tls = ssl.create_default_context(cafile=str(folder / "data" / "pki" / "ca.crt"))

    @contextlib.asynccontextmanager
    async def connected(self, **settings):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls, **settings)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def ask(self, connection, method, path, body=None, content_type="application/json"):
        """Status of the answer to one request; the answer is read and thrown away."""
        reader, writer = connection
        content = b"" if body is None else json.dumps(body).encode()
        head = b"%b %b HTTP/1.1\r\n%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (method, path.encode(), AUTH, content_type.encode(), len(content)) + content)
        answer = await reader.readuntil(b"\r\n\r\n")
        size = next(int(x.split(b":")[1]) for x in answer.splitlines() if x.startswith(b"content-length"))
        await reader.readexactly(size)
        return int(answer.split()[1])

    async def changes(self, number):
        """Change large objects again and again, from several connections at once."""

        async def some(name):
            async with self.connected() as connection:
                assert await self.ask(connection, b"POST", CM, configmap(name)) == 201
                for i in range(number // 4):
                    change = {"data": {"k": chr(97 + i % 26) * SIZE}}
                    status = await self.ask(
                        connection, b"PATCH", f"{CM}/{name}", change, "application/merge-patch+json"
                    )
                    assert status in {200, 429}

        await asyncio.gather(*(some(f"c{n}") for n in range(4)))

    async def reads(self, number):
        """Read the large object, from many connections at once."""

        async def some():
            async with self.connected() as connection:
                for _ in range(number // 32):
                    assert await self.ask(connection, b"GET", f"{CM}/big") in {200, 429}

        await asyncio.gather(*(some() for _ in range(32)))

    async def unread(self, number, path=f"{CM}/big"):
        """Ask for the large object over and over and read no answer."""
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(number):
                _, writer = await stack.enter_async_context(self.connected(limit=1024))
                writer.write(b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), AUTH) * 40)
            async with self.connected() as connection:
                for _ in range(50):
                    assert await self.ask(connection, b"GET", "/healthz") in {200, 429}

    async def uploads(self, number):
        """Send bodies of 100 MB, and go on when they are refused."""

        async def one():
            async with self.connected() as (reader, writer):
                writer.write(b"POST %b HTTP/1.1\r\n%bContent-Length: 100000000\r\n\r\n" % (CM.encode(), AUTH))
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    for _ in range(1600):
                        writer.write(b"x" * 65536)
                        await writer.drain()
                        if writer.is_closing() or reader.at_eof():
                            break

        await asyncio.gather(*(one() for _ in range(number)))


@pytest.fixture
async def load(tmp_path):
    async with process(tmp_path) as server:
        made = Load(server, tmp_path)
        async with made.connected() as connection:
            assert await made.ask(connection, b"POST", CM, configmap("big", k="x" * SIZE)) == 201
        await made.reads(32)
        yield made


@pytest.mark.parametrize(
    ("kind", "number"),
    [("changes", 400), ("reads", 640), ("unread", 64), ("uploads", 16)],
    ids=["large changes", "large answers", "answers that nobody reads", "bodies of 100 MB"],
)
async def test_memory_stays_flat(load, kind, number):
    before = resident(load.pid)
    async with asyncio.timeout(60):
        await getattr(load, kind)(number)
    assert resident(load.pid, "VmHWM") - before < ROOM


async def test_watches_that_nobody_reads_are_dropped(load):
    before = resident(load.pid)
    async with asyncio.timeout(60), contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            _, writer = await stack.enter_async_context(load.connected(limit=1024))
            writer.write(b"GET %b?watch=1 HTTP/1.1\r\n%b\r\n" % (CM.encode(), AUTH))
        await load.changes(240)
    # A watch that falls back further than 16 MB is dropped; all changes in all watches would be 960 MB.
    assert resident(load.pid, "VmHWM") - before < ROOM + 8 * 32
