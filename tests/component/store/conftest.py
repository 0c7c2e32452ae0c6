"""Stores of every kind to run the contract suite against."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from podwright.apiserver.encryption.configuration import KeyChoice, Storing
from podwright.apiserver.encryption.keyring import Keyring
from podwright.store.memory import MemoryStore
from podwright.store.protocol import Store, WatchBatch
from podwright.store.sealed import SealedStore
from podwright.store.sqlite import SqliteStore

OpenStore = Callable[[Path], Awaitable[Store]]


@pytest.fixture(params=["memory", "sealed", "sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def open_empty(request) -> OpenStore:
    """Open an empty store of the kind under test; the folder must be a new one."""

    async def memory(_folder: Path) -> Store:
        return MemoryStore()

    async def sqlite(folder: Path) -> Store:
        return await SqliteStore.open(folder / "state.db")

    async def sealed(_folder: Path) -> Store:
        opened = SealedStore(MemoryStore(), Keyring(()))
        opened.begin(Keyring([Storing(("*.*",), (KeyChoice("aesgcm", "k", bytes(32)),), False, False)]))
        return opened

    if request.param == "etcd":
        return request.getfixturevalue("open_empty_etcd")
    return {"memory": memory, "sealed": sealed, "sqlite": sqlite}[request.param]


@pytest.fixture
async def store(open_empty, tmp_path) -> AsyncIterator[Store]:
    opened = await open_empty(tmp_path)
    yield opened
    await opened.close()


class Follower:
    """Reads a watch into memory and checks, batch by batch, what every watch promises."""

    def __init__(self, store: Store, prefix: str, from_revision: int) -> None:
        self.stream = store.watch(prefix, from_revision=from_revision)
        self.batches: list[WatchBatch] = []
        self.events = []
        self.revision = 0
        self._prefix, self._first = prefix, from_revision
        self._moved = asyncio.Condition()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async for batch in self.stream:
                self._check(batch)
                async with self._moved:
                    self.batches.append(batch)
                    self.events += batch.events
                    self.revision = batch.revision
                    self._moved.notify_all()
        finally:
            async with self._moved:
                self._moved.notify_all()

    def _check(self, batch: WatchBatch) -> None:
        assert batch.revision >= self.revision, "went backwards"
        revisions = [event.mod_revision for event in batch.events]
        assert revisions == sorted(revisions), "out of order"
        for event in batch.events:
            assert event.key.startswith(self._prefix)
            assert event.mod_revision >= self._first
            assert self.revision < event.mod_revision <= batch.revision, (
                "a revision was repeated, split or promised early"
            )

    async def until(self, revision: int) -> list:
        """Wait until complete up to `revision`; return all events so far."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.revision >= revision or self.task.done())
        if self.task.done():
            await self.task
        return self.events

    async def stop(self) -> None:
        await self.stream.aclose()
        with contextlib.suppress(Exception):
            await self.task


@pytest.fixture
def follower_class() -> type[Follower]:
    """The class, for tests that follow stores of their own."""
    return Follower


@pytest.fixture
async def follow(store) -> AsyncIterator[Callable[..., Follower]]:
    """Start following a prefix of the store under test."""
    followers: list[Follower] = []

    def start(prefix: str = "", *, from_revision: int = 0, of: Store = store) -> Follower:
        followers.append(Follower(of, prefix, from_revision))
        return followers[-1]

    yield start
    for follower in followers:
        await follower.stop()


@dataclass
class EtcdMember:
    """One etcd process on loopback; its state outlives being killed."""

    folder: Path
    name: str
    client_port: int
    peer_port: int
    cluster: str
    tls: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.client_port}"

    @property
    def url(self) -> str:
        return f"etcd://{self.endpoint}"

    def launch(self) -> None:
        scheme = "https" if self.tls else "http"
        arguments = {
            "--name": self.name,
            "--data-dir": str(self.folder / self.name),
            "--listen-client-urls": f"{scheme}://{self.endpoint}",
            "--advertise-client-urls": f"{scheme}://{self.endpoint}",
            "--listen-peer-urls": f"http://127.0.0.1:{self.peer_port}",
            "--initial-advertise-peer-urls": f"http://127.0.0.1:{self.peer_port}",
            "--initial-cluster": self.cluster,
            "--initial-cluster-token": str(self.folder),
            "--heartbeat-interval": "50",
            "--election-timeout": "300",
            "--log-level": "error",
        }
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["etcd", *(f"{flag}={value}" for flag, value in arguments.items()), *self.tls],
                stdout=log,
                stderr=log,
                env={**os.environ, "ETCD_UNSUPPORTED_ARCH": ""},
            )

    def wait_until_up(self) -> None:
        """Wait until it takes connections."""
        assert self.process is not None
        while True:
            assert self.process.poll() is None, (self.folder / f"{self.name}.log").read_text()[-2000:]
            try:
                socket.create_connection(("127.0.0.1", self.client_port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    async def start(self) -> None:
        self.launch()
        await asyncio.to_thread(self.wait_until_up)

    async def kill(self) -> None:
        self.destroy()

    def destroy(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def etcd_members(folder: Path, count: int = 1, tls: tuple[str, ...] = ()) -> list[EtcdMember]:
    if shutil.which("etcd") is None:
        pytest.skip("needs etcd: apt-get install etcd-server")
    ports = free_ports(2 * count)
    pairs = [(f"m{i}", ports[2 * i], ports[2 * i + 1]) for i in range(count)]
    cluster = ",".join(f"{name}=http://127.0.0.1:{peer}" for name, _, peer in pairs)
    return [EtcdMember(folder, name, client, peer, cluster, tls) for name, client, peer in pairs]


@pytest.fixture(scope="session")
def shared_etcd(tmp_path_factory) -> Iterator[EtcdMember]:
    """One server for all tests that only need some etcd."""
    (member,) = etcd_members(tmp_path_factory.mktemp("etcd"))
    member.launch()
    try:
        member.wait_until_up()
        yield member
    finally:
        member.destroy()


@pytest.fixture
def open_empty_etcd(shared_etcd) -> OpenStore:
    """Open stores with a new root each, so that they are empty."""
    from podwright.store.open import open_store

    return lambda folder: open_store(f"{shared_etcd.url}/{uuid.uuid4().hex}", folder)


@pytest.fixture
async def start_etcd(tmp_path) -> AsyncIterator[Callable[..., Awaitable[list[EtcdMember]]]]:
    """Start a cluster of this test's own."""
    running: list[EtcdMember] = []

    async def start(count: int = 1, tls: tuple[str, ...] = ()) -> list[EtcdMember]:
        folder = tmp_path / "etcd"
        folder.mkdir()
        members = etcd_members(folder, count, tls)
        running.extend(members)
        for member in members:
            member.launch()
        for member in members:
            await asyncio.to_thread(member.wait_until_up)
        return members

    yield start
    for member in running:
        member.destroy()
