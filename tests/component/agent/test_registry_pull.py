"""Pulls from a real registry server (Debian's docker-registry) on loopback: open, and behind a bearer-token server."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import shutil
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from podwright.agent.images.build import Entry, Recipe, build
from podwright.agent.images.manifest import OCI_MANIFEST
from podwright.agent.images.store import ImageStore
from podwright.agent.pods.ports import HostError

pytestmark = pytest.mark.skipif(
    not shutil.which("docker-registry"), reason="needs Debian's docker-registry (apt-get install docker-registry)"
)

LOGIN = base64.b64encode(b"ann:secret").decode()


@dataclass
class Registry:
    host: str
    push_token: str = ""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


async def start_registry(tmp_path: Path, auth: dict[str, Any] | None) -> tuple[asyncio.subprocess.Process, str]:
    port = free_port()
    config: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "registry")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if auth:
        config["auth"] = auth
    path = tmp_path / "registry.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML
    process = await asyncio.create_subprocess_exec(
        "docker-registry", "serve", str(path), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            break
    return process, f"127.0.0.1:{port}"


@pytest.fixture
async def open_registry(tmp_path: Path) -> AsyncIterator[Registry]:
    process, host = await start_registry(tmp_path, None)
    yield Registry(host)
    process.terminate()
    await process.wait()


class TokenServer:
    """Issues the JWTs that docker-registry's token authentication asks for, to one known user."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tokens")])
        now = dt.datetime.now(dt.UTC)
        cert = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .sign(self.key, hashes.SHA256())
        )
        self.bundle = folder / "tokens.pem"
        self.bundle.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        self.der = cert.public_bytes(serialization.Encoding.DER)
        self.asked = 0

    def token(self, repository: str, actions: list[str]) -> str:
        def part(data: dict[str, Any]) -> bytes:
            return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")

        now = int(time.time())
        access = [{"type": "repository", "name": repository, "actions": actions}]
        claims = {
            "iss": "tokens",
            "aud": "registry",
            "sub": "ann",
            "nbf": now - 9,
            "exp": now + 600,
            "iat": now,
            "jti": "1",
            "access": access,
        }
        head = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(self.der).decode()]}
        signed = part(head) + b"." + part(claims)
        r, s = utils.decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        raw = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
        return (signed + b"." + raw).decode()

    async def serve(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.headers.get("Authorization") != f"Basic {LOGIN}":
            return web.json_response({"details": "who?"}, status=401)
        assert request.query["service"] == "registry"
        _, repository, actions = request.query["scope"].split(":")
        return web.json_response({"token": self.token(repository, actions.split(","))})


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Registry]:
    tokens = TokenServer(tmp_path)
    app = web.Application()
    app.router.add_get("/token", tokens.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    auth = {
        "token": {
            "realm": f"http://127.0.0.1:{port}/token",
            "service": "registry",
            "issuer": "tokens",
            "rootcertbundle": str(tokens.bundle),
        }
    }
    process, host = await start_registry(tmp_path, auth)
    yield Registry(host, tokens.token("team/app", ["pull", "push"]))
    process.terminate()
    await process.wait()
    await runner.cleanup()


async def push(registry: Registry, source: ImageStore, repository: str, tag: str, recipe: Recipe) -> str:
    """Upload an image the plain way: every blob, then the manifest."""
    target = build(recipe, source.blobs)
    body = source.blobs.read(target.digest)
    manifest = json.loads(body)
    base = f"http://{registry.host}/v2/{repository}"
    headers = {"Authorization": f"Bearer {registry.push_token}"} if registry.push_token else {}
    async with aiohttp.ClientSession(headers=headers) as session:
        for part in [manifest["config"], *manifest["layers"]]:
            async with session.post(f"{base}/blobs/uploads/") as r:
                assert r.status == 202, await r.text()
                where = r.headers["Location"]
            data = source.blobs.read(part["digest"])
            async with session.put(where, params={"digest": part["digest"]}, data=data) as r:
                assert r.status == 201, await r.text()
        async with session.put(f"{base}/manifests/{tag}", data=body, headers={"Content-Type": OCI_MANIFEST}) as r:
            assert r.status == 201, await r.text()
    return target.digest


RECIPE = Recipe([{"base": Entry(b"b" * 3_000_000)}, {"top": Entry(b"t")}], {"Cmd": ["/top"]})


async def test_pull_brings_every_part_once(tmp_path: Path, open_registry: Registry) -> None:
    digest = await push(open_registry, ImageStore(tmp_path / "source"), "app", "1", RECIPE)
    store = ImageStore(tmp_path / "store")
    seen: list[str] = []
    image, again = await asyncio.gather(
        store.pull(f"{open_registry.host}/app:1", progress=lambda what, _d, _t: seen.append(what)),
        store.pull(f"{open_registry.host}/app:1"),
    )
    assert image == again
    assert image.config.cmd == ("/top",)
    assert image.digest == f"{open_registry.host}/app@{digest}"
    assert (Path(image.layers[0]) / "base").stat().st_size == 3_000_000
    assert await store.find(f"{open_registry.host}/app@{digest}") == image
    first = len(seen)
    await store.pull(f"{open_registry.host}/app:1", progress=lambda what, _d, _t: seen.append(what))
    assert first == len(seen)  # everything was here: nothing was fetched again
    by_digest = await ImageStore(tmp_path / "third").pull(f"{open_registry.host}/app@{digest}")
    assert by_digest.id == image.id


@pytest.mark.parametrize("name", ["absent:1", "app:absent"])
async def test_what_is_not_there_says_so(tmp_path: Path, open_registry: Registry, name: str) -> None:
    await push(open_registry, ImageStore(tmp_path / "source"), "app", "1", RECIPE)
    with pytest.raises(HostError, match="not found") as refused:
        await ImageStore(tmp_path / "store").pull(f"{open_registry.host}/{name}")
    assert refused.value.reason == "ErrImagePull"


async def test_token_is_fetched_with_the_pull_secret(tmp_path: Path, guarded: Registry) -> None:
    await push(guarded, ImageStore(tmp_path / "source"), "team/app", "1", RECIPE)
    store = ImageStore(tmp_path / "store")
    with pytest.raises(HostError, match="pull access denied"):
        await store.pull(f"{guarded.host}/team/app:1")
    with pytest.raises(HostError, match="pull access denied"):
        await store.pull(f"{guarded.host}/team/app:1", [{guarded.host: {"username": "ann", "password": "wrong"}}])
    image = await store.pull(f"{guarded.host}/team/app:1", [{guarded.host: {"auth": LOGIN}}])
    assert image.config.cmd == ("/top",)


async def test_unreachable_registry_says_which(tmp_path: Path) -> None:
    host = f"127.0.0.1:{free_port()}"
    with pytest.raises(HostError, match=f"cannot reach registry {host}"):
        await ImageStore(tmp_path).pull(f"{host}/app:1")
