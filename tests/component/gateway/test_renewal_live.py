"""A year goes by at once: every certificate is renewed while everything runs, and what is connected stays so."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from gateway_lab import CONFIG_MAP, POD, Lab, condition

from podwright.api.errors import ApiError
from podwright.client.client import Client
from podwright.client.http import HttpConfig, HttpTransport
from podwright.deploy.certificates.keeper import Keeper
from podwright.deploy.pki import ADMIN, CA_LIFE, SERVING, Authority, Pair, server_names

YEAR = timedelta(days=364)


class LateClock:
    """A clock that is behind by `late` until it is set right; who sleeps then looks at it again."""

    def __init__(self, late: timedelta) -> None:
        self.late = late
        self._moved = asyncio.Event()
        self.sleepers = 0

    def now(self) -> datetime:
        return datetime.now(UTC) - self.late

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        self.sleepers += 1
        try:
            while (left := (until - self.now()).total_seconds()) > 0:
                moved = self._moved
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await moved.wait()
        finally:
            self.sleepers -= 1

    def advance(self, by: timedelta) -> None:
        self.late -= by
        self._moved.set()
        self._moved = asyncio.Event()


class Aged:
    """The lab a year ago, with what keeps its certificates."""

    def __init__(self, lab: Lab, clock: LateClock) -> None:
        self.lab, self.clock = lab, clock
        self.keeper = Keeper(lab.authority, clock)
        self.admin: Pair = lab.authority.client(ADMIN, "admin", ["system:masters"])

    async def start(self) -> None:
        lab = self.lab
        await lab.start()
        self.keeper.keep(SERVING, lambda: lab.authority.server(server_names("127.0.0.1")))
        self.keeper.keep(ADMIN, lambda: lab.authority.client(ADMIN, "admin", ["system:masters"]))
        self.keeper.tell(SERVING, lambda _: lab.http.reload_certificate())
        self.keeper.tell(SERVING, lambda pair: lab.gateway.show(pair.certificate, pair.key))
        self.keeper.tell(ADMIN, self._take)
        self._task = asyncio.create_task(self.keeper.run())

    def _take(self, pair: Pair) -> None:
        self.admin = pair

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self.lab.stop()

    def client(self) -> Client:
        """A client with the administrator's certificate of now."""
        config = HttpConfig(self.lab.url, self.lab.authority.ca, self.admin.certificate, self.admin.key)
        return Client(HttpTransport(config))

    async def shown(self, port: int) -> x509.Certificate:
        """The certificate that a new connection to a port sees."""
        context = ssl.create_default_context(cadata=self.lab.authority.ca.decode())
        context.load_cert_chain(self.lab.authority.path("admin.crt"), self.lab.authority.path("admin.key"))

        def look() -> bytes:
            with (
                socket.create_connection(("127.0.0.1", port)) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as tls,
            ):
                return tls.getpeercert(binary_form=True) or b""

        return x509.load_der_x509_certificate(await asyncio.to_thread(look))


@pytest.fixture
async def aged(tmp_path: Path) -> AsyncIterator[Aged]:
    clock = LateClock(YEAR)
    made = Aged(Lab(tmp_path, clock), clock)
    await made.start()
    yield made
    await made.stop()


def of(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


async def until(check: Callable[[], Any]) -> None:
    async with asyncio.timeout(15):
        while not check():  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


async def test_all_certificates_are_renewed_and_connections_go_on(aged: Aged) -> None:
    lab, soon = aged.lab, datetime.now(UTC) + timedelta(days=2)
    node = await lab.node()
    await lab.pod()
    await lab.running()
    file = node.config.state_dir / "identity" / "node.crt"
    port = int(lab.url.rpartition(":")[2])
    ports = (port, lab.gateway.bootstrap_port, lab.gateway.node_port)
    assert all([(await aged.shown(each)).not_valid_after_utc < soon for each in ports])
    assert of(file.read_bytes()).not_valid_after_utc < soon
    client, admin = aged.client(), aged.admin
    stream = lab.gateway._connections["node-1"]
    watch = client.watch(CONFIG_MAP, namespace="default")
    async with aclosing(watch):
        assert (await anext(watch))[0] == "BOOKMARK"  # there is none yet
        first = asyncio.ensure_future(anext(watch))
        await client.list(CONFIG_MAP, namespace="default")

        aged.clock.advance(YEAR)
        far = datetime.now(UTC) + timedelta(days=300)
        await until(lambda: of(file.read_bytes()).not_valid_after_utc > far)
        await until(lambda: aged.admin != admin)
        assert all([(await aged.shown(each)).not_valid_after_utc > far for each in ports])
        assert of(aged.admin.certificate).not_valid_after_utc > far

        # What was open before is open still: the client's connections, a watch, the node's line.
        await client.create(CONFIG_MAP, {"metadata": {"name": "made", "namespace": "default"}})
        async with asyncio.timeout(10):
            assert (await first)[1]["metadata"]["name"] == "made"
        assert lab.gateway._connections["node-1"] is stream
    await lab.pod("after")
    await lab.running("after")
    await client.transport.close()
    newer = aged.client()
    assert condition(await newer.get(POD, "after", namespace="default"), "Ready") == "True"
    await newer.transport.close()


async def test_a_connection_is_nobodys_when_its_certificate_has_ended(aged: Aged) -> None:
    client = aged.client()
    assert (await client.list(CONFIG_MAP, namespace="default"))["items"] is not None
    aged.clock.advance(YEAR + timedelta(days=2))
    with pytest.raises(ApiError) as refused:
        await client.list(CONFIG_MAP, namespace="default")
    assert refused.value.code == 401
    await client.transport.close()


async def test_a_node_dials_again_with_its_new_certificate(aged: Aged) -> None:
    node = await aged.lab.node()
    file = node.config.state_dir / "identity" / "node.crt"
    before = file.read_bytes()
    node.agent.link.renew()
    await until(lambda: file.read_bytes() != before)
    ports = aged.lab.gateway.bootstrap_port, aged.lab.gateway.node_port
    await aged.lab.stop_gateway()
    await aged.lab.start_gateway(*ports)
    await until(lambda: "node-1" in aged.lab.gateway._connections)


async def test_a_ca_near_its_end_is_warned_of_and_outlived_by_nothing(tmp_path: Path, caplog: Any) -> None:
    clock = LateClock(timedelta())
    authority = Authority(tmp_path, clock.now)
    end = authority.certificate.not_valid_after_utc
    keeper = Keeper(authority, clock)
    keeper.keep(SERVING, lambda: authority.server(["localhost"]))
    with caplog.at_level(logging.WARNING):
        task = asyncio.create_task(keeper.run())
        await until(lambda: clock.sleepers)
        assert "CA" not in caplog.text
        clock.advance(CA_LIFE - timedelta(days=20))
        await until(lambda: "The cluster's CA ends in 19 days" in caplog.text)
        last = authority.path(f"{SERVING}.crt")
        await until(lambda: of(last.read_bytes()).not_valid_after_utc == end)
        held = last.read_bytes()
        await until(lambda: clock.sleepers)
        clock.advance(timedelta(days=18))
        await until(lambda: "The cluster's CA ends in 1 days" in caplog.text)
        assert last.read_bytes() == held  # a newer one would not live longer
        await until(lambda: clock.sleepers)
        clock.advance(timedelta(days=3))
        await until(lambda: f"Cannot renew the certificate {SERVING}" in caplog.text)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_certificates_are_renewed_when_asked(tmp_path: Path) -> None:
    clock = LateClock(timedelta())
    authority = Authority(tmp_path, clock.now)
    keeper = Keeper(authority, clock)
    told: list[Pair] = []
    names = {name: keeper.keep(name, lambda name=name: authority.client(name, name, [])) for name in ("a", "b")}
    for name in names:
        keeper.tell(name, told.append)
    task = asyncio.create_task(keeper.run())
    keeper.renew(["a"])
    await until(lambda: told)
    assert [of(pair.certificate).subject.rfc4514_string() for pair in told] == ["CN=a"]
    assert told[0] != names["a"]
    assert authority.client("b", "b", []) == names["b"]
    keeper.renew()
    await until(lambda: len(told) == 3)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
