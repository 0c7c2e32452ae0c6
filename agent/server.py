"""One node at work: pods, the line to the control plane and the node's own status, wired around the ports.

Knows no implementation: the ports are handed in (by `main` the host's, by tests fakes).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc.aio

from podwright.agent import node
from podwright.agent.config import AgentConfig
from podwright.agent.link.desired import Desired
from podwright.agent.link.identity import Identity
from podwright.agent.link.link import Link
from podwright.agent.link.outbox import Outbox
from podwright.agent.link.streams import Streams
from podwright.agent.pods.admission import NodeFacts, PodPort
from podwright.agent.pods.events import Events
from podwright.agent.pods.fields import NodeAmounts
from podwright.agent.pods.files import ClusterDns
from podwright.agent.pods.host import Host, Settings
from podwright.agent.pods.manager import PodManager
from podwright.agent.pods.ports import HostError, Images, Objects, PodRef, Runtime, Sandboxes, Tokens, Volumes
from podwright.client.tasks import TaskGroup
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
JSON = dict[str, Any]
STATUS_SECONDS = 10.0
REPORT_SECONDS = 300.0  # an unchanged status is repeated after this long


class Network(Protocol):
    """The node's part of the cluster network."""

    async def configure(self, config: pb.NodeConfig) -> None:
        """Apply ranges and routes; again with the same ones changes nothing. Raises HostError."""
        ...

    async def set_host_ports(self, ports: Sequence[PodPort]) -> None:
        """Lead exactly these ports of the node to pods. Raises HostError."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The host, as the agent uses it."""

    runtime: Runtime
    sandboxes: Sandboxes
    images: Images
    network: Network
    runtime_version: str


MakeVolumes = Callable[[Objects, Tokens, "DownwardFields"], Volumes]


class DownwardFields:
    """Answers what a pod's volumes ask about the pod itself."""

    def __init__(self, host_ips: tuple[str, ...], amounts: Callable[[], NodeAmounts]) -> None:
        self._host_ips = host_ips
        self._amounts = amounts

    def field(self, pod: Mapping[str, Any], path: str) -> str:
        """The value of a fieldRef. Raises ValueError."""
        from podwright.agent.pods.fields import field_value

        return field_value(pod, path, host_ips=self._host_ips)

    def resource(self, pod: Mapping[str, Any], container: str, resource: str, divisor: str) -> str:
        """The value of a resourceFieldRef. Raises ValueError."""
        from podwright.agent.pods.fields import resource_value

        ref = {"containerName": container, "resource": resource, "divisor": divisor}
        return resource_value(pod, {}, ref, self._amounts())


class Agent:
    """Runs a node until cancelled."""

    def __init__(self, config: AgentConfig, ports: Ports, make_volumes: MakeVolumes, now: Callable[[], float]) -> None:
        self._config = config
        self._ports = ports
        self._now = now
        self._machine = node.read_machine()
        self._outbox = Outbox()
        self.desired = Desired(config.state_dir / "desired")
        self.link = Link(config, Identity(config, now), self.desired, self._outbox, self, now)
        amounts = NodeAmounts(node.capacity(config, self._machine))
        settings = Settings(
            config.node_name, (config.node_ip,), config.state_dir / "pods", self._machine.memory, config.resolv_conf
        )
        volumes = make_volumes(self.desired, self.link, DownwardFields((config.node_ip,), lambda: amounts))
        self.host = Host(
            ports.runtime, ports.sandboxes, ports.images, volumes, self.desired, settings, now,
            Events(config.node_name, now, self._outbox.event), self, self.desired.services,
            lambda: self._dns, lambda: amounts,
        )  # fmt: skip
        self._ports_changed = asyncio.Event()
        self.host.sandboxes_changed = self._ports_changed.set
        self.pods = PodManager(self.host, self._facts)
        self.streams = Streams(self.host, self.pods)
        self._amounts = amounts
        self._dns = ClusterDns()
        self._status: JSON = {}
        self._reported = 0.0
        self._network: pb.NodeConfig | None = None
        self._network_changed = asyncio.Event()
        self._health = node.Health(network="the control plane has not given this node a pod range yet")

    async def run(self) -> None:
        """Adopt what runs, go on with what was last wanted, and follow the control plane."""
        await asyncio.to_thread(self.desired.load)
        self._status = await self._look()
        ready = asyncio.Event()
        try:
            async with TaskGroup() as group:
                group.create_task(self.pods.run(ready), name="pods")
                await ready.wait()
                self.pods.set_all(self.desired.pods(), complete=False)
                group.create_task(self.desired.run(), name="desired state on disk")
                group.create_task(self._configure_network(), name="network")
                group.create_task(self._lead_ports(), name="host ports")
                group.create_task(self._watch_node(), name="node status")
                group.create_task(self.link.run(), name="link")
        finally:
            await self.streams.close()

    # ---- Reports -----------------------------------------------------------------------------------------------

    def status(self, pod: PodRef, status: JSON) -> None:
        """Report a pod's status, and remember it."""
        self.desired.note_status(pod.namespace, pod.name, pod.uid, status)
        self._outbox.status(pod, status)

    def gone(self, pod: PodRef) -> None:
        """Report that nothing of a deleted pod is left here."""
        self._outbox.gone(pod)

    # ---- link.Handler ------------------------------------------------------------------------------------------

    def node(self) -> JSON:
        """The Node object to register."""
        return node.node_object(self._config, self._machine, self._status)

    def network(self, config: pb.NodeConfig) -> None:
        """The node's ranges and routes."""
        self._network = config
        self._dns = ClusterDns(config.cluster_dns, config.cluster_domain or "cluster.local")
        self._network_changed.set()

    def assigned(self, *, complete: bool, changed_in: set[str], removed: Sequence[str], pods: Sequence[JSON]) -> None:
        """The desired set changed."""
        if complete:
            self.pods.set_all(pods, complete=True)
        for uid in removed:
            self.pods.remove(uid)
        if not complete:
            for pod in pods:
                self.pods.put(pod)
        for namespace in changed_in:
            self.pods.objects_changed(namespace)

    def session(self, request: pb.SessionRequest, channel: grpc.aio.Channel) -> None:
        """Dial back and serve a byte stream."""
        self.streams.start(request, channel)

    # ---- the node itself ---------------------------------------------------------------------------------------

    def _facts(self) -> NodeFacts:
        own = self.desired.get("Node", "", self._config.node_name)
        labels = (own["metadata"].get("labels") or {}) if own else None
        return NodeFacts(self._config.node_name, self._amounts.allocatable, labels, self._machine.apparmor)

    async def _configure_network(self) -> None:
        while True:
            await self._network_changed.wait()
            self._network_changed.clear()
            config = self._network
            if config is None or not config.pod_cidr:
                continue
            try:
                await self._ports.network.configure(config)
            except HostError as e:
                log.warning("Cannot set up the network: %s", e)
                self._health = node.Health(network=e.message)
                await asyncio.sleep(2.0)
                self._network_changed.set()
            else:
                self._health = node.Health()
                self._ports_changed.set()
            await self._report()

    async def _lead_ports(self) -> None:
        while True:
            await self._ports_changed.wait()
            self._ports_changed.clear()
            try:
                await self._ports.network.set_host_ports(self.pods.host_ports())
            except HostError as e:
                log.warning("Cannot lead host ports to pods: %s", e)
                await asyncio.sleep(2.0)
                self._ports_changed.set()

    async def _watch_node(self) -> None:
        while True:
            await asyncio.sleep(STATUS_SECONDS)
            await self._report()

    async def _report(self) -> None:
        status = await self._look()
        changed = node.without_heartbeat(status) != node.without_heartbeat(self._status)
        self._status = status
        if changed or self._now() - self._reported > REPORT_SECONDS:
            self._reported = self._now()
            self._outbox.node_status(status)

    async def _look(self) -> JSON:
        pressure = await asyncio.to_thread(node.read_pressure, self._config.state_dir)
        return node.node_status(
            self._config, self._machine, pressure, self._health, runtime_version=self._ports.runtime_version,
            images=await self._ports.images.list(), old=self._status, now=self._now(),
        )  # fmt: skip
