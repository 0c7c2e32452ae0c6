"""Probes: when they are tried, what rows of results mean, and single tries against real servers on loopback."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest

from podwright.agent.pods.probes.checks import Outcome, Result, Subject, try_once
from podwright.agent.pods.probes.grpc_health import read_status, request
from podwright.agent.pods.probes.schedule import Kind, Verdict, turns

JSON = dict[str, Any]


def times(kind: Kind, probe: JSON, elapsed: float = 0.0, count: int = 4) -> list[tuple[float, bool]]:
    found = itertools.islice(turns(kind, probe, elapsed), count)
    return [(round(turn.at, 3), turn.counts) for turn in found]


NET: JSON = {"tcpSocket": {"port": 1}}
EXEC: JSON = {"exec": {"command": ["x"]}}
TURNS: list[tuple[str, Kind, JSON, float, list[tuple[float, bool]]]] = [
    ("liveness waits a period", Kind.LIVENESS, {**NET, "periodSeconds": 5}, 0, [(5, True), (10, True), (15, True), (20, True)]),
    ("liveness in the middle", Kind.LIVENESS, {**NET, "periodSeconds": 5}, 3, [(2, True), (7, True), (12, True), (17, True)]),
    ("liveness long after", Kind.LIVENESS, {**NET, "periodSeconds": 5}, 60, [(0, True), (5, True), (10, True), (15, True)]),
    ("delay wins", Kind.READINESS, {**NET, "initialDelaySeconds": 3}, 0, [(3, True), (13, True), (23, True), (33, True)]),
    ("early tries", Kind.READINESS, {**NET, "periodSeconds": 1}, 0,
     [(0, False), (0.1, False), (0.3, False), (0.7, False), (1, True)]),
    ("a command only once", Kind.STARTUP, {**EXEC, "periodSeconds": 2}, 0, [(0, False), (2, True), (4, True), (6, True)]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "probe", "elapsed", "expected"), [t[1:] for t in TURNS], ids=[t[0] for t in TURNS])
def test_turns(kind: Kind, probe: JSON, elapsed: float, expected: list[tuple[float, bool]]) -> None:
    assert times(kind, probe, elapsed, len(expected)) == expected


@pytest.mark.parametrize(
    ("kind", "thresholds", "results", "expected"),
    [
        (Kind.LIVENESS, (3, 1), "ooxxoxxx", ".......F"),
        (Kind.READINESS, (2, 2), "xooxoxxoo", "..P...F.P"),
        (Kind.STARTUP, (2, 1), "xo", ".P"),
        (Kind.STARTUP, (2, 1), "xx", ".F"),
        (Kind.STARTUP, (1, 1), "-o", ".P"),  # an early failure does not count
    ],
)
def test_verdict(kind: Kind, thresholds: tuple[int, int], results: str, expected: str) -> None:
    verdict = Verdict.of(kind, {"failureThreshold": thresholds[0], "successThreshold": thresholds[1]})
    told = ""
    for result in results:
        changed = verdict.add(success=result == "o", counts=result != "-")
        told += ("P" if verdict.passing else "F") if changed else "."
    assert told == expected


# ---- single tries ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[int]:
    """A server that answers each request head; None keeps it waiting."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = answer(await reader.readuntil(b"\r\n\r\n"))
            if reply is None:
                await reader.read()
            else:
                writer.write(reply)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def subject(port: int) -> Subject:
    spec = {"name": "c", "ports": [{"name": "web", "containerPort": port}]}
    return Subject(None, "id", spec, "127.0.0.1")  # type: ignore[arg-type]


def http(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def get(port: int, path: str = "/", **fields: Any) -> Result:
    return await try_once({"httpGet": {"path": path, "port": "web", **fields}}, subject(port))


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "success"), (204, "success"), (399, "warning"), (400, "failure"), (500, "failure")]
)
async def test_http_status(status: int, outcome: str) -> None:
    async with serving(lambda _: http(status, body=b"x")) as port:
        found = await get(port)
    assert found.outcome.value == outcome
    if outcome == "failure":
        assert found.message == f"HTTP probe failed with statuscode: {status}"


async def test_http_request_has_its_headers() -> None:
    heads: list[bytes] = []

    def answer(head: bytes) -> bytes:
        heads.append(head)
        return http(200)

    async with serving(answer) as port:
        await get(port, "/a?b=1", httpHeaders=[{"name": "Host", "value": "me"}, {"name": "X-A", "value": "1"}])
    text = heads[0].decode()
    assert text.startswith("GET /a?b=1 HTTP/1.1\r\n")
    assert "Host: me\r\n" in text
    assert "X-A: 1\r\n" in text
    assert "User-Agent: kube-probe/" in text


async def test_http_redirects() -> None:
    def here(head: bytes) -> bytes:
        return http(200) if head.startswith(b"GET /there") else http(302, "Location: /there")

    async with serving(here) as port:
        assert (await get(port)).outcome is Outcome.SUCCESS
    async with serving(lambda _: http(302, "Location: http://192.0.2.99/", body=b"away")) as port:
        found = await get(port)
    assert (found.outcome, found.message) == (Outcome.WARNING, "Probe terminated redirects, Response body: away")
    async with serving(lambda _: http(302, "Location: /")) as port:
        assert "stopped after 10 redirects" in (await get(port)).message


async def test_http_failures_are_worded_as_people_know_them() -> None:
    async with serving(lambda _: http(200)) as port:
        pass  # closed again: nobody listens
    found = await get(port)
    assert found.message == f'Get "http://127.0.0.1:{port}/": dial tcp 127.0.0.1:{port}: connect: connection refused'
    async with serving(lambda _: None) as port:
        found = await get(port)
        assert found.message.endswith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
        assert (await get(port, scheme="HTTPS")).outcome is Outcome.FAILURE
    async with serving(lambda _: b"nonsense\r\n\r\n") as port:
        assert "malformed HTTP response" in (await get(port)).message


async def test_a_port_that_is_not_named_is_unknown() -> None:
    found = await try_once({"httpGet": {"port": "other"}}, subject(1))
    assert found.outcome is Outcome.UNKNOWN


async def test_tcp() -> None:
    async with serving(lambda _: http(200)) as port:
        assert (await try_once({"tcpSocket": {"port": port}}, subject(port))).outcome is Outcome.SUCCESS
    found = await try_once({"tcpSocket": {"port": port}}, subject(port))
    assert found.message == f"dial tcp 127.0.0.1:{port}: connect: connection refused"


@pytest.mark.parametrize("service", ["", "known", "unknown", "down"])
async def test_grpc(service: str) -> None:
    async def check(asked: bytes, context: Any) -> bytes:
        if asked == request("unknown"):
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return b"\x08\x02" if asked == request("down") else b"\x08\x01"

    server = grpc.aio.server()
    handler = grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
    )
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        found = await try_once({"grpc": {"port": port, "service": service}}, subject(port))
    finally:
        await server.stop(0)
    expected = {
        "unknown": "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
        "down": 'service unhealthy (responded with "NOT_SERVING")',
    }
    assert found.message == expected.get(service, "")
    assert found.outcome is (Outcome.FAILURE if service in expected else Outcome.SUCCESS)


async def test_grpc_that_does_not_answer() -> None:
    async with serving(lambda _: None) as port:
        pass
    found = await try_once({"grpc": {"port": port}}, subject(port))
    assert found.message == (
        f'timeout: failed to connect service "127.0.0.1:{port}" within 1s: context deadline exceeded'
    )


def test_health_messages() -> None:
    assert request("") == b""
    assert request("ab") == b"\x0a\x02ab"
    assert request("x" * 200)[:3] == b"\x0a\xc8\x01"
    assert [read_status(b) for b in (b"", b"\x08\x01", b"\x08\x03")] == ["UNKNOWN", "SERVING", "SERVICE_UNKNOWN"]
