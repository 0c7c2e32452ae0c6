"""The server as a process of its own: starts, serves, keeps its state, stops."""

import asyncio
import contextlib
import signal
import ssl
import sys

import aiohttp


@contextlib.asynccontextmanager
async def process(folder):
    """A running server; yields its URL."""
    tokens = folder / "tokens.csv"
    tokens.write_text('tok,admin,1,"system:masters"\n')
    command = (sys.executable, "-m", "podwright.apiserver.main", "--port", "0", "--data-dir", str(folder / "data"))
    server = await asyncio.create_subprocess_exec(
        *command, "--token-auth-file", str(tokens), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(30):
            yield (await server.stdout.readline()).decode().strip()
    finally:
        server.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            code = await server.wait()
    assert code == 0


@contextlib.asynccontextmanager
async def session(url, folder):
    context = ssl.create_default_context(cafile=str(folder / "data" / "pki" / "ca.crt"))
    headers = {"Authorization": "Bearer tok"}
    async with aiohttp.ClientSession(url, headers=headers, connector=aiohttp.TCPConnector(ssl=context)) as made:
        yield made


async def test_state_survives_a_restart(tmp_path):
    path = "/api/v1/namespaces/default/configmaps"
    async with process(tmp_path) as url, session(url, tmp_path) as client:
        async with client.get("/readyz") as response:
            assert response.status == 200
        async with client.post(path, json={"metadata": {"name": "x"}, "data": {"k": "v"}}) as response:
            assert response.status == 201
            made = await response.json()
    async with process(tmp_path) as url, session(url, tmp_path) as client, client.get(f"{path}/x") as response:
        assert await response.json() == made
