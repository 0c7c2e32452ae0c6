"""The CLI's own HTTP client, against a server that answers with canned bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from podwright.cli.http1 import Http1Transport
from podwright.cli.unreachable import Unreachable
from podwright.client.kubeconfig import Connection
from podwright.client.transport import Request


class Canned:
    """Answers each request on a connection with the next of its answers; b"" closes the connection instead."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(h[15:]) for h in head.split(b"\r\n") if h.startswith(b"content-length:")), 0)
                self.requests.append(head + await reader.readexactly(length))
                answer = self.answers.pop(0) if self.answers else b""
                writer.write(answer)
                await writer.drain()
                if not answer or b"connection: close" in answer:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Canned]:
    canned = Canned()
    listener = await asyncio.start_server(canned.serve, "127.0.0.1", 0)
    canned.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield canned


@pytest.fixture
async def transport(server: Canned) -> AsyncIterator[Http1Transport]:
    made = Http1Transport(Connection(server.url, token="secret"))
    yield made
    await made.close()


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: x\r\n\r\n"
UNTIL_END = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
WARNED = (
    b'HTTP/1.1 200 OK\r\nwarning: 299 - "first \\"quoted\\""\r\nWarning: 299 - "second"\r\ncontent-length: 0\r\n\r\n'
)


@pytest.mark.parametrize(
    ("answer", "body"),
    [(PLAIN, b"{}"), (CHUNKED, b"abcde"), (UNTIL_END, b"all of it"), (INTERIM, b"{}"), (EMPTY, b""), (WARNED, b"")],
    ids=["length", "chunked", "until the end", "interim", "empty", "warned"],
)
async def test_answers(server: Canned, transport: Http1Transport, answer: bytes, body: bytes) -> None:
    server.answers = [answer]

    found = await transport.request(Request("GET", "/x"))

    assert found.body == body
    assert found.warnings == (('first "quoted"', "second") if answer is WARNED else ())


async def test_a_request_as_it_is_sent(server: Canned, transport: Http1Transport) -> None:
    server.answers = [PLAIN]
    request = Request("POST", "/a b/ü", (("k", "v w"), ("k", "&")), (("accept", "x/y"),), b"body")

    await transport.request(request)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a%20b/%C3%BC?k=v+w&k=%26 HTTP/1.1"
    assert {"accept: x/y", "authorization: Bearer secret", "content-length: 4"} <= set(lines)
    assert body == b"body"


async def test_connections_are_used_again(server: Canned, transport: Http1Transport) -> None:
    server.answers = [PLAIN, CHUNKED, EMPTY]
    for _ in range(3):
        await transport.request(Request("GET", "/"))
    assert server.connections == 1


async def test_one_that_the_server_closed_meanwhile_is_replaced(server: Canned, transport: Http1Transport) -> None:
    server.answers = [PLAIN, b"", PLAIN]

    assert (await transport.request(Request("GET", "/"))).status == 200
    assert (await transport.request(Request("GET", "/"))).status == 200
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "the server closed the connection"),
        (b"SSH-2.0-nothing\r\n\r\n", "the server does not speak HTTP: 'SSH-2.0-nothing'"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nshort", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "invalid literal"),
    ],
    ids=["nothing", "no HTTP", "cut short", "no chunk"],
)
async def test_broken_answers(server: Canned, transport: Http1Transport, answer: bytes, why: str) -> None:
    server.answers = [answer]

    with pytest.raises(Unreachable, match="cannot GET") as failed:
        await transport.request(Request("GET", "/"))
    assert why in str(failed.value)


async def test_a_stream_ends_where_the_answer_ends(server: Canned, transport: Http1Transport) -> None:
    server.answers = [CHUNKED]
    stream = await transport.stream(Request("GET", "/"))

    assert stream.status == 200
    assert b"".join([chunk async for chunk in stream]) == b"abcde"
    await stream.close()


async def test_a_stream_that_breaks_says_so(server: Canned, transport: Http1Transport) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nab"]
    stream = await transport.stream(Request("GET", "/watched"))
    with pytest.raises(Unreachable, match="cannot read on from /watched"):
        _ = [chunk async for chunk in stream]
    await stream.close()


async def test_refused(unused_tcp_port_factory: Callable[[], int]) -> None:
    transport = Http1Transport(Connection(f"http://127.0.0.1:{unused_tcp_port_factory()}"))
    with pytest.raises(Unreachable, match="Connection refused") as failed:
        await transport.request(Request("GET", "/"))
    assert "`podwright up`" in failed.value.hint
