"""A real API server, gateway and agents over TLS on loopback; only the agents' hosts are fakes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fake_node import FakeImages, FakeObjects, FakeRuntime, FakeSandboxes, FakeVolumes

from podwright.agent.config import AgentConfig
from podwright.agent.pods.admission import PodPort
from podwright.agent.pods.ports import HostError, IOStream, Objects, PodRef, Tokens
from podwright.agent.server import Agent, Ports
from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.gateway.gateway import GatewayConfig, NodeGateway
from podwright.apiserver.gateway.joining import admitting
from podwright.apiserver.gateway.routes import ClusterNetwork
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import LOOPBACK
from podwright.client.client import Client
from podwright.client.clock import Clock, SystemClock
from podwright.deploy.pki import Authority, server_names
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.store.memory import MemoryStore

JSON = dict[str, Any]
POD, NODE, LEASE, EVENT = find("pods"), find("nodes"), find("leases", "coordination.k8s.io"), find("events")
CONFIG_MAP, SECRET, SERVICE = find("configmaps"), find("secrets"), find("services")
TOKEN = "let-me-in"


class FakeProcess:
    """An interactive process: `cat` echoes, `size` tells its terminal, anything else prints and ends."""

    def __init__(self, command: Sequence[str], *, tty: bool) -> None:
        self._command = list(command)
        self._tty = tty
        self._queue: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue()
        self.code = 0
        self.closed = asyncio.Event()
        if command[:1] == ["sh"]:
            self._queue.put_nowait((1, b"out\n"))
            self._queue.put_nowait((2, b"err\n"))
            self.code = int(command[1])
        if command[:1] not in (["cat"], ["size"], ["wait"]):
            self._queue.put_nowait(None)

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        while (piece := await self._queue.get()) is not None:
            yield piece

    async def write(self, data: bytes) -> None:
        await self._queue.put((1, data))

    async def close_stdin(self) -> None:
        await self._queue.put(None)

    async def resize(self, width: int, height: int) -> None:
        await self._queue.put((1, f"{width}x{height}".encode()))
        await self._queue.put(None)

    async def wait(self) -> int:
        return self.code

    async def close(self) -> None:
        self.closed.set()


class LiveRuntime(FakeRuntime):
    """The fake runtime with interactive processes and log files."""

    def __init__(self) -> None:
        super().__init__(time.time)
        self.processes: list[FakeProcess] = []

    async def start(self, container_id: str) -> None:
        await super().start(container_id)
        path = Path(self.configs[container_id].log_path)
        path.write_bytes(b"".join(b"2026-01-02T03:04:0%d.5+00:00 stdout F line %d\n" % (i, i) for i in range(5)))

    async def exec(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool) -> IOStream:
        if command[0] == "nosuch":
            raise HostError("ExecError", 'exec: "nosuch": executable file not found in $PATH')
        self.processes.append(FakeProcess(command, tty=tty))
        return self.processes[-1]

    async def attach(self, container_id: str, *, stdin: bool) -> IOStream:
        self.processes.append(FakeProcess(["cat"], tty=False))
        return self.processes[-1]


class TokenVolumes(FakeVolumes):
    """Asks for a token when a pod has a volume of that kind."""

    def __init__(self, objects: Objects, tokens: Tokens) -> None:
        super().__init__(objects)  # type: ignore[arg-type]
        self.tokens = tokens
        self.issued: list[tuple[str, float]] = []

    async def ensure(self, pod: Any) -> Any:
        if any("projected" in v for v in pod["spec"].get("volumes") or ()):
            meta = pod["metadata"]
            ref = PodRef(meta["namespace"], meta["name"], meta["uid"])
            try:
                self.issued.append(await self.tokens.token(ref, pod["spec"]["serviceAccountName"], [], 600))
            except Exception as e:
                raise HostError("FailedMount", f"no token: {e}") from e
        return await super().ensure(pod)


class FakeNetwork:
    def __init__(self) -> None:
        self.configs: list[pb.NodeConfig] = []
        self.ports: list[PodPort] = []

    async def configure(self, config: pb.NodeConfig) -> None:
        self.configs.append(config)

    async def set_host_ports(self, ports: Sequence[PodPort]) -> None:
        self.ports = list(ports)


class Node:
    """One agent on a fake host; it can be started again on the same host."""

    def __init__(self, lab: Lab, name: str, ip: str, **config: Any) -> None:
        self.name = name
        self.clock = lab.clock
        self.runtime = LiveRuntime()
        self.sandboxes = FakeSandboxes()
        self.images = FakeImages()
        self.network = FakeNetwork()
        self.volumes: TokenVolumes
        self.agent: Agent
        self._task: asyncio.Task[None] | None = None
        self.config = AgentConfig(
            cluster_id="c1", node_name=name, node_ip=ip, state_dir=lab.folder / name, images_dir=lab.folder / "images",
            cgroup_root="x", gateway=f"127.0.0.1:{lab.gateway.node_port}",
            bootstrap=f"127.0.0.1:{lab.gateway.bootstrap_port}", ca_file=lab.authority.path("ca.crt"),
            heartbeat_seconds=0.2, **{"token": TOKEN, "labels": {"zone": "a"}, "capacity": {"pods": "40"}, **config},
        )  # fmt: skip
        self.config.state_dir.mkdir(exist_ok=True)

    def start(self) -> None:
        def volumes(objects: Objects, tokens: Tokens, _downward: object) -> TokenVolumes:
            self.volumes = TokenVolumes(objects, tokens)
            return self.volumes

        self.runtime.callbacks.clear()
        ports = Ports(self.runtime, self.sandboxes, self.images, self.network, "fake://1.0")
        self.agent = Agent(self.config, ports, volumes, lambda: self.clock.now().timestamp())
        self._task = asyncio.create_task(self.agent.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None


class Lab:
    """The control plane and its nodes."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.authority = Authority(folder / "pki", self.clock.now)
        self.pair = self.authority.server(server_names("127.0.0.1"))
        self.store = MemoryStore()
        self.nodes: list[Node] = []
        self.url = ""

    async def start(self) -> None:
        self.server = ApiServer(
            ServerConfig(
                port=0, tls_cert_file=self.authority.path("apiserver.crt"),
                tls_key_file=self.authority.path("apiserver.key"), client_ca_file=self.authority.path("ca.crt"),
                service_account_key_file=self.authority.token_key(),
            ),
            self.store,
            now=self.clock.now,
        )  # fmt: skip
        await self.server.start()
        self.http = HttpServer(self.server, Authenticator({}, self.server.verifier))
        port = await self.http.start()
        self.url = f"https://127.0.0.1:{port}"
        await self.server.bootstrap(port, self.authority.ca.decode())
        self.client = Client(self.server.transport(LOOPBACK))
        await self.client.create(find("serviceaccounts"), {"metadata": {"name": "default"}}, namespace="default")
        await self.start_gateway()

    async def start_gateway(self, bootstrap_port: int = 0, node_port: int = 0) -> None:
        config = GatewayConfig(
            host="127.0.0.1", bootstrap_port=bootstrap_port, node_port=node_port, certificate=self.pair.certificate,
            key=self.pair.key, client_ca=self.authority.ca, token=TOKEN,
            network=ClusterNetwork(cluster_dns="10.96.0.10", service_cidr="10.96.0.0/16"),
        )  # fmt: skip
        self.gateway = NodeGateway(config, self.server.transport, self.authority.sign_node, self.clock.now,
                                   admitting(lambda: self.server.verifier, self.server.registry.authorizer))  # fmt: skip
        self.server.node_streams = self.gateway
        ready = asyncio.Event()
        self._gateway = asyncio.create_task(self.gateway.run(ready))
        await asyncio.wait_for(ready.wait(), 10)

    async def stop_gateway(self) -> None:
        self._gateway.cancel()
        with suppress(asyncio.CancelledError):
            await self._gateway

    async def stop(self) -> None:
        for node in self.nodes:
            await node.stop()
        await self.stop_gateway()
        await self.http.stop()
        await self.server.stop()

    async def node(
        self, name: str = "node-1", ip: str = "192.0.2.1", *, cidr: str = "10.1.0.0/24", **config: Any
    ) -> Node:
        """Start an agent and wait until its node is Ready; nobody else hands out pod ranges here."""
        made = Node(self, name, ip, **config)
        self.nodes.append(made)
        made.start()
        await self.until(NODE, name, lambda _n: True)
        await self.client.patch(NODE, name, {"spec": {"podCIDR": cidr, "podCIDRs": [cidr]}})
        await self.until(NODE, name, lambda n: condition(n, "Ready") == "True")
        return made

    async def until(
        self, resource: Resource, name: str, test: Callable[[JSON], Any], *, namespace: str | None = None
    ) -> JSON:
        """Wait until an object is there and passes."""
        deadline = time.monotonic() + 15
        found: JSON | None = None
        while time.monotonic() < deadline:
            try:
                found = await self.client.get(resource, name, namespace=namespace)
            except ApiError as e:
                if e.code != 404:
                    raise
                found = None
            if found is not None and test(found):
                return found
            await asyncio.sleep(0.01)
        msg = f"{resource.kind} {name} did not get there: {found}"
        raise AssertionError(msg)

    async def gone(self, resource: Resource, name: str, namespace: str | None = None) -> None:
        """Wait until an object is not there."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                await self.client.get(resource, name, namespace=namespace)
            except ApiError as e:
                if e.code == 404:
                    return
            await asyncio.sleep(0.01)
        msg = f"{resource.kind} {name} stays"
        raise AssertionError(msg)

    async def pod(self, name: str = "p", *, node: str = "node-1", **spec: Any) -> JSON:
        """Create a bound pod."""
        made = {
            "kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "default"},
            "spec": {
                "nodeName": node, "terminationGracePeriodSeconds": 2, "automountServiceAccountToken": False,
                "containers": [{"name": "c", "image": "bb:1", "imagePullPolicy": "IfNotPresent"}], **spec,
            },
        }  # fmt: skip
        return await self.client.create(POD, made, namespace="default")

    async def running(self, name: str = "p") -> JSON:
        """Wait until a pod is Ready."""
        return await self.until(POD, name, lambda p: condition(p, "Ready") == "True", namespace="default")


def condition(obj: JSON, kind: str) -> str:
    for each in (obj.get("status") or {}).get("conditions") or ():
        if each["type"] == kind:
            return each["status"]
    return ""


__all__ = ["FakeObjects", "Lab", "Node"]
