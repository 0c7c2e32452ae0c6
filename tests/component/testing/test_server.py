"""The server that the fixture gives: what it answers, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import threading
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from podwright.client import kubeconfig
from podwright.deploy.testing.server import Options, PodwrightServer, serving


def context(server: PodwrightServer) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(server.ca_file))
    made.load_cert_chain(server.client_cert_file, server.client_key_file)
    return made


async def ask(server: PodwrightServer, path: str, method: str = "GET", **body: Any) -> tuple[int, Any]:
    connector = aiohttp.TCPConnector(ssl=context(server))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, server.url + path, **({"json": body} if body else {})) as answer,
    ):
        return answer.status, await answer.json()


async def test_an_administrator_may_do_everything() -> None:
    with serving() as server:
        name = server.create_namespace("mine-")
        assert name.startswith("mine-")
        pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        status, made = await ask(server, f"/api/v1/namespaces/{name}/pods", "POST", **pod)
        assert (status, made["spec"]["serviceAccountName"]) == (201, "default")
        review = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
        status, made = await ask(server, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "POST", **review)
        assert "system:masters" in made["status"]["userInfo"]["groups"]


def test_the_kubeconfig_names_the_server() -> None:
    with serving() as server:
        found = kubeconfig.load([server.kubeconfig]).resolve()
        assert found.server == server.url == f"https://127.0.0.1:{server.port}"


def test_two_servers_know_nothing_of_each_other() -> None:
    with serving() as one, serving() as other:
        name = one.create_namespace()

        async def names(server: PodwrightServer) -> list[str]:
            _, found = await ask(server, "/api/v1/namespaces")
            return [item["metadata"]["name"] for item in found["items"]]

        assert name in asyncio.run(names(one))
        assert name not in asyncio.run(names(other))


async def test_controllers_empty_namespaces() -> None:
    with serving(Options(controllers=True)) as server:
        name = server.create_namespace()
        await ask(server, f"/api/v1/namespaces/{name}/configmaps", "POST", metadata={"name": "c"})
        server.delete_namespace(name)
        status = 0
        async with asyncio.timeout(30):
            while status != 404:
                status, _ = await ask(server, f"/api/v1/namespaces/{name}")


@pytest.mark.parametrize("controllers", [False, True], ids=["alone", "with controllers"])
def test_nothing_is_left_behind(controllers: bool) -> None:
    with serving():
        pass  # what the first one imports and opens for good does not count
    gc.collect()
    threads, files = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    with serving(Options(controllers=controllers)) as server:
        server.create_namespace()
        folder = server.kubeconfig.parent
    gc.collect()
    assert set(threading.enumerate()) == threads
    assert len(os.listdir("/proc/self/fd")) == files
    assert not folder.exists()


def test_what_keeps_it_from_starting_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podwright.deploy.testing.server.Authority.server", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), serving():
        pass


def test_a_failing_test_ends_it_too() -> None:
    kept: list[Path] = []

    def failing() -> None:
        with serving() as server:
            kept.append(server.kubeconfig)
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    assert not kept[0].exists()
