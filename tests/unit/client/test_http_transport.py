"""The HTTP transport against a small real server on the loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podwright.api.errors import ApiError
from podwright.client import http
from podwright.client.http import HttpConfig, HttpTransport
from podwright.client.transport import Request, TransportError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def connected(server: str, **config: object) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(HttpConfig(server, **config))  # pyright: ignore[reportArgumentType]
    try:
        yield transport
    finally:
        await transport.close()


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    data = {
        "method": request.method,
        "raw": request.raw_path,
        "query": [[key, value] for key, value in request.query.items()],
        "headers": {key.lower(): value for key, value in request.headers.items()},
        "body": body.decode(),
    }
    warnings = [("Warning", '299 - "one \\"quoted\\"", 299 - "two"'), ("X-Thing", "y")]
    return web.json_response(data, status=201, headers=warnings)


async def test_a_request_arrives_as_it_was_meant() -> None:
    request = Request(
        "PATCH",
        "/api/v1/x y/ä:b",
        (("labelSelector", "a in (b,c),d!=e&f"), ("q", "ü+ ")),
        (("user-agent", "tests"), ("content-type", "application/merge-patch+json")),
        b"{}",
    )
    async with serving(echo) as server, connected(server, token="secret") as transport:
        response = await transport.request(request)
    import orjson

    seen = orjson.loads(response.body)
    assert response.status == 201
    assert response.headers["x-thing"] == "y"
    assert response.warnings == ('one "quoted"', "two")
    assert (seen["method"], seen["body"]) == ("PATCH", "{}")
    assert seen["raw"].startswith("/api/v1/x%20y/%C3%A4:b?")
    assert seen["query"] == [["labelSelector", "a in (b,c),d!=e&f"], ["q", "ü+ "]]
    assert seen["headers"]["authorization"] == "Bearer secret"
    assert seen["headers"]["user-agent"] == "tests"
    assert seen["headers"]["content-type"] == "application/merge-patch+json"


async def test_a_request_without_a_body_has_no_content_type() -> None:
    async with serving(echo) as server, connected(server, username="u", password="p") as transport:
        response = await transport.request(Request("GET", "/"))
    assert b'"content-type"' not in response.body
    assert b"Basic dTpw" in response.body


async def test_a_token_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    async with serving(echo) as server, connected(server, token_file=str(token)) as transport:
        assert b"Bearer first" in (await transport.request(Request("GET", "/"))).body
        token.write_text("second\n")
        monkeypatch.setattr(http, "_TOKEN_SECONDS", -1.0)
        assert b"Bearer second" in (await transport.request(Request("GET", "/"))).body
        token.unlink()
        with pytest.raises(TransportError, match="cannot read the token file"):
            await transport.request(Request("GET", "/"))


async def test_refusals_and_redirects_are_ordinary_answers() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return (
            web.Response(status=302, headers={"location": "/elsewhere"})
            if request.path == "/r"
            else web.Response(status=500)
        )

    async with serving(refuse) as server, connected(server) as transport:
        assert (await transport.request(Request("GET", "/r"))).status == 302
        assert (await transport.request(Request("GET", "/e"))).status == 500


async def test_nobody_listening_is_a_transport_error() -> None:
    async with serving(echo) as server:
        pass
    async with connected(server) as transport:
        with pytest.raises(TransportError, match=f"cannot GET {server}/x: "):
            await transport.request(Request("GET", "/x"))
        with pytest.raises(TransportError):
            await transport.stream(Request("GET", "/x"))


async def test_a_stream_is_read_as_it_comes_and_can_be_left() -> None:
    left = asyncio.Event()

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            await response.write(b"one\n")
            await asyncio.Event().wait()
        finally:
            left.set()
        return response

    async with serving(stream) as server, connected(server) as transport:
        found = await transport.stream(Request("GET", "/watch"))
        assert found.status == 200
        async for chunk in found:
            assert chunk == b"one\n"
            break
        await found.close()
        await left.wait()


async def test_a_stream_that_breaks_is_a_transport_error() -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one\n")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(stream) as server, connected(server) as transport:
        found = await transport.stream(Request("GET", "/watch"))
        with pytest.raises(TransportError, match="cannot read on from /watch"):
            _ = [chunk async for chunk in found]
        await found.close()


async def test_a_websocket_speaks_the_offered_protocol() -> None:
    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
        await socket.prepare(request)
        async for message in socket:
            await socket.send_bytes(message.data[::-1])
        return socket

    async with serving(talk) as server, connected(server) as transport:
        socket = await transport.websocket(Request("GET", "/exec"), ["v5.channel.k8s.io", "channel.k8s.io"])
        assert socket.protocol == "v5.channel.k8s.io"
        await socket.send_bytes(b"abc")
        assert await socket.receive_bytes() == b"cba"
        await socket.close()


async def test_a_refused_upgrade_is_a_transport_error() -> None:
    async with serving(echo) as server, connected(server) as transport:
        with pytest.raises(TransportError, match="201"):
            await transport.websocket(Request("GET", "/exec"), [])


async def test_a_refused_upgrade_says_why() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "code": 404, "reason": "NotFound", "message": "no pod"}, status=404)

    async with serving(refuse) as server, connected(server) as transport:
        with pytest.raises(ApiError, match="no pod") as refused:
            await transport.websocket(Request("GET", "/exec"), [])
    assert refused.value.reason == "NotFound"


class Authority:
    """A certificate authority for one test."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test-ca")])
        self.certificate = self._sign(self.name, self.key.public_key(), authority=True)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, common_name: str) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        certificate = self._sign(name, key.public_key())
        return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def _sign(self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        alternatives = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(self.key, hashes.SHA256())
        )


async def who(request: web.Request) -> web.Response:
    peer = request.get_extra_info("peercert")
    return web.Response(
        text=dict(pair for part in peer["subject"] for pair in part)["commonName"] if peer else "nobody"
    )


@asynccontextmanager
async def secure(authority: Authority, tmp_path: Path) -> AsyncIterator[str]:
    certificate, key = authority.issue("server")
    (tmp_path / "server.pem").write_bytes(certificate + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.pem.decode())
    context.load_cert_chain(tmp_path / "server.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    async with serving(who, context) as server:
        yield server


async def test_certificates_identify_both_sides(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.issue("alice")
    async with secure(authority, tmp_path) as server:
        async with connected(server, ca=authority.pem, certificate=certificate, key=key) as transport:
            assert (await transport.request(Request("GET", "/"))).body == b"alice"
        async with connected(server, ca=authority.pem, server_name="localhost") as transport:
            assert (await transport.request(Request("GET", "/"))).body == b"nobody"
        async with connected(server, insecure=True) as transport:
            assert (await transport.request(Request("GET", "/"))).body == b"nobody"


@pytest.mark.parametrize("config", [{}, {"ca": "other"}, {"ca": "own", "server_name": "elsewhere"}])
async def test_a_server_nobody_vouches_for_is_refused(tmp_path: Path, config: dict[str, str]) -> None:
    authority = Authority()
    trusted = {"own": authority.pem, "other": Authority().pem}.get(config.get("ca", ""), b"")
    name = config.get("server_name", "")
    async with (
        secure(authority, tmp_path) as server,
        connected(server, ca=trusted, server_name=name) as transport,
    ):
        with pytest.raises(TransportError, match="certificate verify failed"):
            await transport.request(Request("GET", "/"))


async def test_bad_certificates_are_said_to_be_so() -> None:
    async with connected("https://127.0.0.1:1", ca=b"garbage") as transport:
        with pytest.raises(TransportError, match="cannot use the certificates of the configuration"):
            await transport.request(Request("GET", "/"))
