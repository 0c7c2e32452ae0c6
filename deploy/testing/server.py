"""An API server for tests: in memory, over TLS, on a free port of the loopback address, in a thread of its own.

    with serving() as server:
        kubernetes.config.load_kube_config(str(server.kubeconfig))

The thread has its own event loop, so that synchronous and asynchronous tests can both use it. Leaving the `with` block
ends it and everything it started; what is on disk is gone then too. It must never leave a thread, a task or a file
behind.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import AUTHENTICATED, COMPONENT, MASTERS, User
from podwright.client import kubeconfig
from podwright.client.client import Client
from podwright.deploy.pki import Authority, server_names
from podwright.store.memory import MemoryStore

T = TypeVar("T")
_ACCOUNT = {"metadata": {"name": "default"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a server for tests is started with.

    `controllers`: also run those that need nothing but the API: garbage collection, the end of namespaces, and what
    every namespace has (its default ServiceAccount and the CA's ConfigMap).
    """

    controllers: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PodwrightServer:
    """A server that answers. The paths and the URL are what clients need; the certificates are an administrator's."""

    url: str
    kubeconfig: Path
    ca_file: Path
    client_cert_file: Path
    client_key_file: Path
    _client: Client
    _loop: asyncio.AbstractEventLoop

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    def create_namespace(self, prefix: str = "test-") -> str:
        """Make a namespace in which pods and everything else can be created; return its name."""
        return self._do(self._create_namespace(prefix))

    def delete_namespace(self, name: str) -> None:
        """Delete a namespace; without controllers nothing empties it, so it stays until the server ends."""
        self._do(self._client.delete(find("namespaces"), name))

    async def _create_namespace(self, prefix: str) -> str:
        made = await self._client.create(find("namespaces"), {"metadata": {"generateName": prefix}})
        name: str = made["metadata"]["name"]
        with suppress(ApiError):  # the controller may have been faster
            await self._client.create(find("serviceaccounts"), _ACCOUNT, namespace=name)
        return name

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@contextmanager
def serving(options: Options | None = None) -> Generator[PodwrightServer]:
    """Run a server while the `with` block runs. Raises what keeps it from starting."""
    with tempfile.TemporaryDirectory(prefix="podwright-") as folder:
        ready: Future[PodwrightServer] = Future()
        stop = _Stop()
        work = _serve(Path(folder), options or Options(), ready, stop)
        thread = threading.Thread(target=_run, args=(work, ready), name="podwright-server", daemon=True)
        thread.start()
        try:
            yield ready.result(60)
        finally:
            stop.set()
            thread.join(30)


class _Stop:
    """An event that another thread may set, also before the loop that waits for it runs."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def set(self) -> None:
        self._done.set()
        if self._waiting is not None:
            loop, event = self._waiting
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(event.set)

    async def wait(self) -> None:
        event = asyncio.Event()
        self._waiting = (asyncio.get_running_loop(), event)
        if not self._done.is_set():
            await event.wait()


def _run(work: Coroutine[Any, Any, None], ready: Future[PodwrightServer]) -> None:
    import uvloop

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _serve(folder: Path, options: Options, ready: Future[PodwrightServer], stop: _Stop) -> None:
    authority = Authority(folder / "pki", lambda: datetime.now(UTC))
    async with _answering(authority) as (server, url):
        client = Client(server.transport(User("admin", groups=(MASTERS, "system:authenticated"))), user_agent="tests")
        admin = authority.client("admin", "admin", [MASTERS])
        file = folder / "admin.kubeconfig"
        kubeconfig.write(
            file,
            kubeconfig.single("podwright", url, ca=authority.ca, certificate=admin.certificate, key=admin.key),
        )
        made = PodwrightServer(
            url, file, authority.path("ca.crt"), authority.path("admin.crt"), authority.path("admin.key"), client,
            asyncio.get_running_loop(),
        )  # fmt: skip
        async with _controllers(server, authority, options):
            ready.set_result(made)
            await stop.wait()


@asynccontextmanager
async def _answering(authority: Authority) -> AsyncGenerator[tuple[ApiServer, str]]:
    """Run the API server and its front; yield it with its URL."""
    authority.server(server_names())
    authority.front_proxy()
    store = MemoryStore()
    server = ApiServer(
        ServerConfig(
            port=0,
            tls_cert_file=authority.path("apiserver.crt"),
            tls_key_file=authority.path("apiserver.key"),
            client_ca_file=authority.path("ca.crt"),
            service_account_key_file=authority.token_key(),
            proxy_client_cert_file=authority.path("front-proxy-client.crt"),
            proxy_client_key_file=authority.path("front-proxy-client.key"),
            requestheader_client_ca_file=authority.path("front-proxy-ca.crt"),
        ),
        store,
    )
    await server.start()
    http = HttpServer(server, Authenticator({}, server.verifier))
    try:
        port = await http.start()
        await server.bootstrap(port, authority.ca.decode())
        yield server, f"https://127.0.0.1:{port}"
    finally:
        await server.stop()
        await http.stop()
        await store.close()


@asynccontextmanager
async def _controllers(server: ApiServer, authority: Authority, options: Options) -> AsyncGenerator[None]:
    if not options.controllers:
        yield
        return
    from podwright.client.clock import SystemClock
    from podwright.controllers import manager
    from podwright.controllers.config import ControllersConfig

    user = User("system:kube-controller-manager", groups=(COMPONENT, AUTHENTICATED))
    client = Client(server.transport(user), user_agent="controllers")
    config = ControllersConfig(root_ca=authority.ca.decode())
    task = asyncio.create_task(manager.run(client, SystemClock(), config, wire=manager.of_the_api))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
