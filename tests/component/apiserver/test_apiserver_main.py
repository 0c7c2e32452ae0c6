"""The server as a process of its own: starts, serves, keeps its state, stops."""

import contextlib
import ssl

import aiohttp
from server_process import process


@contextlib.asynccontextmanager
async def session(url, folder):
    context = ssl.create_default_context(cafile=str(folder / "data" / "pki" / "ca.crt"))
    headers = {"Authorization": "Bearer tok"}
    async with aiohttp.ClientSession(url, headers=headers, connector=aiohttp.TCPConnector(ssl=context)) as made:
        yield made


async def test_state_survives_a_restart(tmp_path):
    path = "/api/v1/namespaces/default/configmaps"
    async with process(tmp_path) as server, session(server.url, tmp_path) as client:
        async with client.get("/readyz") as response:
            assert response.status == 200
        async with client.post(path, json={"metadata": {"name": "x"}, "data": {"k": "v"}}) as response:
            assert response.status == 201
            made = await response.json()
    async with (
        process(tmp_path) as server,
        session(server.url, tmp_path) as client,
        client.get(f"{path}/x") as response,
    ):
        assert await response.json() == made
