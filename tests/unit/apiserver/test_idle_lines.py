"""Lines that wait for the next request: which are handed out again, and which end."""

import asyncio
import contextlib

import pytest

from podwright.apiserver.aggregation.idle_lines import IdleLines
from podwright.apiserver.aggregation.line import Line


class OtherSide:
    """A server that does with each connection what it is told."""

    def __init__(self):
        self.writers = []
        self.port = 0
        self._server = None

    async def __aenter__(self):
        async def accept(reader, writer):
            self.writers.append(writer)
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()

        self._server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self.writers:
            writer.close()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    async def line(self):
        count = len(self.writers)
        line = Line(*await asyncio.open_connection("127.0.0.1", self.port), "x:1")
        async with asyncio.timeout(5):
            while len(self.writers) == count:  # noqa: ASYNC110 - the server's side tells nobody
                await asyncio.sleep(0)
        return line


@pytest.fixture
async def other():
    async with OtherSide() as side:
        yield side


@pytest.fixture
async def idle():
    lines = IdleLines()
    yield lines
    await lines.close()


async def test_the_last_one_is_used_again_first(other, idle):
    one, two = await other.line(), await other.line()
    idle.give("a", one)
    idle.give("a", two)
    assert await idle.take("b") is None
    assert await idle.take("a") is two
    assert await idle.take("a") is one
    assert await idle.take("a") is None
    await one.close()
    await two.close()


@pytest.mark.parametrize("spoken", [b"HTTP/1.1 408 Request Timeout\r\n\r\n", b""], ids=["spoken", "ended"])
async def test_what_spoke_or_ended_is_not(other, idle, spoken):
    line = await other.line()
    idle.give("a", line)
    writer = other.writers[-1]
    if spoken:
        writer.write(spoken)
        await writer.drain()
    else:
        writer.close()
    async with asyncio.timeout(5):
        while await line.is_quiet():  # noqa: ASYNC110 - until it has come here
            await asyncio.sleep(0)
        if spoken:
            writer.write(spoken)
            await writer.drain()
            while not line._reader._buffer:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0)
    assert await idle.take("a") is None


async def test_those_of_who_is_gone_end_and_so_do_too_many(other, idle):
    lines = [await other.line() for _ in range(10)]
    for line in lines:
        idle.give("a", line)
    kept = await other.line()
    idle.give("b", kept)
    idle.drop(lambda key: key == "a")
    assert await idle.take("a") is None
    assert await idle.take("b") is kept
    await idle.close()
    assert all(line._writer.is_closing() for line in lines)
    idle.give("b", kept)
    await idle.close()
    assert kept._writer.is_closing()
