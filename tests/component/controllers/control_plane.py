"""The parts of a control plane, and nodes that pretend: pods bound to them are Running and Ready at once."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from witness import Witness, is_json, text

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.api.times import format_micro_time, format_time
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import AUTHENTICATED, LOOPBACK, User
from podwright.client.client import Client
from podwright.client.transport import Transport
from podwright.controllers import manager
from podwright.controllers.config import ControllersConfig
from podwright.scheduler import loop
from podwright.scheduler.config import SchedulerConfig
from podwright.store.memory import MemoryStore

JSON = dict[str, Any]

SCHEDULER = User("system:kube-scheduler", groups=(AUTHENTICATED,))
DEPLOYMENTS, REPLICA_SETS = find("deployments", "apps"), find("replicasets", "apps")
PODS, NODES, NAMESPACES, EVENTS = find("pods"), find("nodes"), find("namespaces"), find("events")
LEASES, SERVICES, ENDPOINTS = find("leases", "coordination.k8s.io"), find("services"), find("endpoints")
SLICES = find("endpointslices", "discovery.k8s.io")
CONFIG_MAPS, ACCOUNTS = find("configmaps"), find("serviceaccounts")


class LoopClock:
    """The event loop's own time, so that a loop whose time is virtual is enough to own the hours."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ControlPlane:
    """The API server and what runs beside it; everything started is stopped."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        self.server = ApiServer(ServerConfig(), MemoryStore(), now=self.clock.now)
        self._seen: list[tuple[JSON, bytes]] = []  # objects that watches handed over, and what they looked like
        self.client = Client(Witness(self.server.transport(LOOPBACK), self._seen))
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        await self.server.start()
        await self.server.bootstrap(6443)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self.server.stop()
        for obj, before in self._seen:
            assert text(obj) == before, "nobody may change what is shared"
            assert is_json(obj)

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def cancel(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self._tasks.remove(task)

    def controllers(self, transport: Transport | None = None, **config: Any) -> asyncio.Task[None]:
        client = Client(transport) if transport else self.client
        given = ControllersConfig(**{"root_ca": "PEM", "cluster_cidr": "10.244.0.0/16", **config})
        return self.run(manager.run(client, self.clock, given))

    def scheduler(self, transport: Transport | None = None, **config: Any) -> asyncio.Task[None]:
        own = Witness(self.server.transport(SCHEDULER), self._seen)
        client = Client(transport or own)  # it goes by its role
        return self.run(loop.run(client, self.clock, SchedulerConfig(**config)))

    # Nodes.

    async def node(self, name: str, cpu: str = "8", **spec: Any) -> None:
        offers = {"cpu": cpu, "memory": "16Gi", "pods": "110"}
        status = {"capacity": offers, "allocatable": offers, "conditions": [{"type": "Ready", "status": "True"}]}
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec}
        await self.client.create(NODES, body)
        await self.client.patch(NODES, name, {"status": status}, type="strategic", subresource="status")
        # What controllers do about a node that is ready: not every test runs them.
        await self.client.patch(NODES, name, {"spec": {"taints": spec.get("taints")}})

    async def heartbeat(self, name: str, every: float = 2.0) -> None:
        """Renew the node's Lease until cancelled."""
        meta = {"name": name, "namespace": "kube-node-lease"}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta, "spec": {}}
        with suppress(ApiError):  # there already: the node comes back
            await self.client.create(LEASES, lease)
        while True:
            stamp = {"spec": {"renewTime": format_micro_time(self.clock.now())}}
            await self.client.patch(LEASES, name, stamp, namespace="kube-node-lease")
            await asyncio.sleep(every)

    async def pretend(self, only: Callable[[JSON], bool] = lambda _: True) -> None:
        """Run every pod that is bound, end every pod that is deleted, until cancelled."""
        number = 0
        watch = self.client.watch(PODS, initial=True)
        async with aclosing(watch):
            async for kind, pod in watch:
                if kind not in {"ADDED", "MODIFIED"} or not pod["spec"].get("nodeName") or not only(pod):
                    continue
                meta = pod["metadata"]
                with suppress(ApiError):  # gone meanwhile
                    if "deletionTimestamp" in meta:
                        await self.client.delete(PODS, meta["name"], namespace=meta["namespace"], grace_period=0)
                    elif pod["status"].get("phase") == "Pending":
                        number += 1
                        await self.set_ready(pod, ip=f"10.244.{number // 250}.{number % 250 + 1}")

    async def set_ready(self, pod: JSON, *, ready: bool = True, ip: str = "10.244.9.9") -> None:
        stamp = format_time(self.clock.now())
        ready_now = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": stamp}
        status = {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "conditions": [ready_now]}
        meta = pod["metadata"]
        await self.client.patch(
            PODS, meta["name"], {"status": status}, type="strategic", subresource="status", namespace=meta["namespace"]
        )

    # Objects.

    async def deployment(self, name: str = "web", replicas: int = 3, image: str = "i:1", **spec: Any) -> JSON:
        labels = {"app": name}
        container = {"name": "c", "image": image, "resources": {"requests": {"cpu": "100m"}}}
        body = {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}, **spec},
        }  # fmt: skip
        return await self.client.create(DEPLOYMENTS, body)

    async def replica_set(self, name: str = "rs", replicas: int = 3) -> JSON:
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
        body = {
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "default"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
        }  # fmt: skip
        return await self.client.create(REPLICA_SETS, body)

    async def pod(
        self, name: str, cpu: str = "100m", namespace: str = "default", labels: JSON | None = None, **spec: Any
    ) -> JSON:
        container = {"name": "c", "image": "i:1", "resources": {"requests": {"cpu": cpu}}}
        body = {
            "apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container], **spec},
            "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        }  # fmt: skip
        return await self.client.create(PODS, body)

    async def list(self, resource: Resource, namespace: str | None = "default") -> list[JSON]:
        return (await self.client.list(resource, namespace=namespace if resource.namespaced else None))["items"]

    async def get(self, resource: Resource, name: str, namespace: str = "default") -> JSON | None:
        try:
            return await self.client.get(resource, name, namespace=namespace if resource.namespaced else None)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    async def events(self, namespace: str | None = "default") -> list[tuple[str, str, str]]:
        return [(e["involvedObject"]["kind"], e["reason"], e["message"]) for e in await self.list(EVENTS, namespace)]


def inside(make: Callable[[], AbstractAsyncContextManager[Any]]) -> Callable[[Any], Any]:
    """Give a test what `make` makes as its first argument, made inside the test: a fixture's time is not virtual."""

    def decorate(test: Any) -> Any:
        signature = inspect.signature(test)

        @functools.wraps(test)
        async def run(**given: Any) -> None:
            async with make() as made:
                await test(made, **given)

        run.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
        return run

    return decorate


async def eventually(check: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> Any:
    """Wait until `check` returns something true, and return it."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        found = await check()
        if found:
            return found
        assert asyncio.get_running_loop().time() < end, "it did not come true in time"
        await asyncio.sleep(0.01)


def ready(pod: JSON) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    alive = "deletionTimestamp" not in pod["metadata"]
    return alive and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def condition(obj: JSON, kind: str) -> JSON:
    return next((c for c in obj.get("status", {}).get("conditions") or [] if c["type"] == kind), {})
