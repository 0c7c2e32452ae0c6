"""This host's part of the cluster network, as the agent drives it: pod range, routes, host ports."""

from __future__ import annotations

from collections.abc import Sequence

from podwright.agent.config import AgentConfig
from podwright.agent.network.firewall import HostPort
from podwright.agent.network.node_network import NodeNetwork
from podwright.agent.network.sandboxes import HostSandboxes
from podwright.agent.pods.admission import PodPort
from podwright.proto.node.v1 import node_pb2 as pb


class HostNetwork:
    """Implements `server.Network` on this host."""

    def __init__(self, config: AgentConfig, sandboxes: HostSandboxes) -> None:
        self._config = config
        self._sandboxes = sandboxes
        self._network: NodeNetwork | None = None
        self._ranges: tuple[str, ...] = ()
        self._cidr = ""

    async def configure(self, config: pb.NodeConfig) -> None:
        """Apply ranges and routes; again with the same ones changes nothing. Raises HostError."""
        ranges = (config.cluster_cidr,) if config.cluster_cidr else _all_ranges(config)
        if self._network is None or ranges != self._ranges:
            await self.close()
            network = NodeNetwork(self._config.cluster_id, ranges)
            await network.open()
            self._network, self._ranges = network, ranges
        if config.pod_cidr != self._cidr:
            self._sandboxes.set_pod_cidr(config.pod_cidr)
            self._cidr = config.pod_cidr
        await self._network.set_routes([(route.pod_cidr, route.via) for route in config.routes])

    async def set_host_ports(self, ports: Sequence[PodPort]) -> None:
        """Lead exactly these ports of the node to pods. Raises HostError."""
        if self._network is not None:
            wanted = [HostPort(p.protocol, p.port, p.host_ip, p.pod_ip, p.pod_port) for p in ports]
            await self._network.set_host_ports(wanted)

    async def close(self) -> None:
        """Let go of descriptors; the network stays as it is."""
        if self._network is not None:
            await self._network.close()
            self._network = None


def _all_ranges(config: pb.NodeConfig) -> tuple[str, ...]:
    return (config.pod_cidr, *(route.pod_cidr for route in config.routes))
