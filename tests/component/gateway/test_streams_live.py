"""Logs, exec, attach and port-forward from a client's websocket down to the node's process."""

# ruff: noqa: ASYNC110, ASYNC230 - tests wait for what other processes and nodes do
from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import ssl
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from gateway_lab import POD, Lab, Node

from podwright.client import kubeconfig

JSON = dict[str, Any]
V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"


class User:
    """The administrator with an HTTP client."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        pair = lab.authority.client("admin", "admin", ["system:masters"])
        self.context = ssl.create_default_context(cadata=lab.authority.ca.decode())
        self.context.load_cert_chain(lab.authority.path("admin.crt"), lab.authority.path("admin.key"))
        content = kubeconfig.single(
            name="lab", server=lab.url, ca=lab.authority.ca, certificate=pair.certificate, key=pair.key
        )
        self.kubeconfig = folder / "kubeconfig"
        kubeconfig.write(self.kubeconfig, content)
        self.url = lab.url
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.context))

    def path(self, what: str, pod: str = "p") -> str:
        return f"{self.url}/api/v1/namespaces/default/pods/{pod}/{what}"

    async def get(self, what: str, pod: str = "p") -> tuple[int, str]:
        async with self.session.get(self.path(what, pod)) as answer:
            return answer.status, await answer.text()

    @asynccontextmanager
    async def socket(self, what: str, *protocols: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.session.ws_connect(self.path(what), protocols=protocols) as socket:
            yield socket

    async def kubectl(self, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            "kubectl", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.kubeconfig.parent)},
        )  # fmt: skip
        async with asyncio.timeout(20):
            out, err = await process.communicate(stdin)
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def node(lab: Lab) -> Node:
    made = await lab.node()
    await lab.pod()
    await lab.running()
    return made


@pytest.fixture
async def user(lab: Lab, node: Node, tmp_path: Path) -> AsyncIterator[User]:
    made = User(lab, tmp_path)
    yield made
    await made.session.close()


async def collect(socket: aiohttp.ClientWebSocketResponse) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    async for message in socket:
        if message.type is aiohttp.WSMsgType.BINARY:
            found[message.data[0]] = found.get(message.data[0], b"") + message.data[1:]
        elif message.type is aiohttp.WSMsgType.TEXT:
            channel = int(message.data[0])
            found[channel] = found.get(channel, b"") + base64.b64decode(message.data[1:])
    return found


async def test_logs(user: User) -> None:
    assert await user.get("log") == (200, "".join(f"line {i}\n" for i in range(5)))
    assert await user.get("log?tailLines=1&timestamps=true") == (200, "2026-01-02T03:04:04.5Z line 4\n")
    assert await user.get("log?limitBytes=4") == (200, "line")
    assert await user.get("log?sinceTime=2026-01-02T03:04:04Z") == (200, "line 4\n")
    status, text = await user.get("log?previous=true")
    assert status == 400
    assert json.loads(text)["message"] == 'previous terminated container "c" in pod "p" not found'


async def test_following_a_log_ends_with_the_container(user: User, node: Node, lab: Lab) -> None:
    async with user.session.get(user.path("log?follow=true&tailLines=1")) as answer:
        assert await answer.content.readline() == b"line 4\n"
        (cid,) = node.runtime.infos
        with Path(node.runtime.configs[cid].log_path).open("ab") as log:
            log.write(b"2026-01-02T03:05:00+00:00 stdout F more\n")
        assert await answer.content.readline() == b"more\n"
        await lab.client.delete(POD, "p", namespace="default")
        async with asyncio.timeout(10):
            assert await answer.content.read() == b""


async def test_a_follower_that_leaves_leaves_nothing_behind(user: User, node: Node) -> None:
    async with user.session.get(user.path("log?follow=true")) as answer:
        await answer.content.readline()
    deadline = time.monotonic() + 5
    while node.agent.streams._tasks and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert not node.agent.streams._tasks


@pytest.mark.parametrize("protocol", [V5, V4, "v4.base64.channel.k8s.io"])
async def test_exec(user: User, protocol: str) -> None:
    async with user.socket("exec?command=sh&command=3&stdout=1&stderr=1", protocol) as socket:
        assert socket.protocol == protocol
        found = await collect(socket)
    assert (found[1], found[2]) == (b"out\n", b"err\n")
    status = json.loads(found[3])
    assert (status["status"], status["reason"]) == ("Failure", "NonZeroExitCode")
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


async def test_exec_that_succeeds_and_one_of_the_first_protocol(user: User) -> None:
    async with user.socket("exec?command=sh&command=0&stdout=1", V5) as socket:
        assert json.loads((await collect(socket))[3])["status"] == "Success"
    async with user.socket("exec?command=sh&command=0&stdout=1", "channel.k8s.io") as socket:
        assert 3 not in await collect(socket)


async def test_stdin_and_its_end(user: User) -> None:
    async with user.socket("exec?command=cat&stdin=1&stdout=1", V5) as socket:
        await socket.send_bytes(b"\x00hello ")
        await socket.send_bytes(b"\x00" + b"x" * 100_000)
        await socket.send_bytes(b"\xff\x00")
        found = await collect(socket)
    assert found[1] == b"hello " + b"x" * 100_000
    assert json.loads(found[3])["status"] == "Success"


async def test_terminal_size(user: User) -> None:
    async with user.socket("exec?command=size&stdin=1&stdout=1&tty=1", V5) as socket:
        await socket.send_bytes(b"\x04" + b'{"Width":120,"Height":40}')
        assert (await collect(socket))[1] == b"120x40"


async def test_a_client_that_hangs_up_ends_the_process(user: User, node: Node) -> None:
    async with user.socket("exec?command=wait&stdin=1&stdout=1", V5):
        async with asyncio.timeout(5):
            while not node.runtime.processes:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await node.runtime.processes[0].closed.wait()


async def test_what_cannot_be_executed(user: User) -> None:
    async with user.socket("exec?command=nosuch&stdout=1", V5) as socket:
        status = json.loads((await collect(socket))[3])
    assert status["reason"] == "InternalError"
    assert 'exec: "nosuch": executable file not found in $PATH' in status["message"]


async def test_attach(user: User) -> None:
    async with user.socket("attach?stdin=1&stdout=1", V5) as socket:
        await socket.send_bytes(b"\x00hello")
        message = await socket.receive(5)
        assert message.data == b"\x01hello"
        await socket.send_bytes(b"\xff\x00")
        await collect(socket)


REFUSED = [
    ("exec?command=true&container=nope", 400, "container nope is not valid for pod p"),
    ("exec?command=true&container=later", 404, 'container not found ("later")'),
    ("attach?container=later", 404, "container later not found in pod p_default"),
]


@pytest.mark.parametrize(("what", "code", "text"), REFUSED)
async def test_refusals_come_before_the_upgrade(user: User, lab: Lab, what: str, code: int, text: str) -> None:
    if "later" in what:
        await lab.client.delete(POD, "p", namespace="default", grace_period=0)
        await lab.gone(POD, "p", "default")
        late = {"name": "later", "image": "nope:1", "imagePullPolicy": "Never"}
        await lab.pod(containers=[late, {"name": "c", "image": "bb:1"}])
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": V5,
               "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    async with user.session.get(user.path(what), headers=headers) as answer:
        body = await answer.text()
        assert answer.status == code
        assert text in body


async def test_without_an_upgrade(user: User) -> None:
    status, text = await user.get("exec?command=true")
    assert (status, json.loads(text)["message"]) == (400, "Upgrade request required")


async def test_a_node_that_is_away(user: User, node: Node) -> None:
    await node.stop()
    async with asyncio.timeout(5):
        while (answer := await user.get("log"))[0] == 200:
            await asyncio.sleep(0.05)
    assert answer[0] == 503
    assert "node-1" in answer[1]


async def test_port_forward_to_an_open_and_a_closed_port(user: User, node: Node) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data.upper())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _share_loopback(node)
    async with user.socket(f"portforward?ports={port}&ports=1", V4) as socket:
        first = [(await socket.receive(5)).data for _ in range(4)]
        assert first == [bytes((i,)) + struct.pack("<H", p) for i, p in ((0, port), (1, port), (2, 1), (3, 1))]
        refused = (await socket.receive(5)).data
        assert refused[0] == 3
        assert b"failed to connect to localhost:1 inside the pod" in refused
        await socket.send_bytes(b"\x00hello")
        assert (await socket.receive(5)).data == b"\x00HELLO"
    server.close()
    await server.wait_closed()


def _share_loopback(node: Node) -> None:
    """The fake sandbox has no namespace of its own: its pod's loopback becomes this one's."""
    worker = node.agent.pods.worker("default", "p")
    assert worker is not None
    prepared = worker.state.prepared
    assert prepared is not None
    object.__setattr__(prepared.sandbox, "netns", "")


async def test_a_request_is_passed_on_to_a_port(user: User, node: Node) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"you asked for " + head.split(b" ", 2)[1] + b"." * 100_000
        writer.write(b"HTTP/1.1 201 Made\r\nContent-Type: text/plain\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _share_loopback(node)
    status, text = await user.get("proxy/deep/path?x=y", f"p:{port}")
    assert status == 201
    assert text == "you asked for /deep/path?x=y" + "." * 100_000
    status, text = await user.get("proxy/", "p:1")
    assert status == 503
    assert "failed to connect to localhost:1 inside the pod" in json.loads(text)["message"]
    server.close()
    await server.wait_closed()


@pytest.mark.kubectl
@pytest.mark.skipif(not shutil.which("kubectl"), reason="needs kubectl")
async def test_kubectl(user: User) -> None:
    assert await user.kubectl("logs", "p", "--tail=1") == (0, "line 4\n", "")
    assert await user.kubectl("exec", "p", "--", "sh", "0") == (0, "out\n", "err\n")
    code, out, err = await user.kubectl("exec", "p", "--", "sh", "42")
    assert (code, out) == (42, "out\n")
    assert err == "err\ncommand terminated with exit code 42\n"
    assert await user.kubectl("exec", "-i", "p", "--", "cat", stdin=b"through stdin\n") == (0, "through stdin\n", "")
    code, _, err = await user.kubectl("exec", "p", "--", "nosuch")
    assert code == 1
    assert 'exec: "nosuch": executable file not found in $PATH' in err
    code, _, err = await user.kubectl("logs", "p", "--previous")
    assert (code, err) == (
        1, 'Error from server (BadRequest): previous terminated container "c" in pod "p" not found\n'
    )  # fmt: skip
