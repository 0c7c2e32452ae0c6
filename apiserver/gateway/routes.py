"""What a node must know of the network: its own pod range, the way to the pods of other nodes, cluster services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from podwright.apiserver.gateway.assignments import NodeEntry
from podwright.proto.node.v1 import node_pb2 as pb


@dataclass(frozen=True, slots=True)
class ClusterNetwork:
    """What is the same for all nodes."""

    cluster_dns: str = ""
    cluster_domain: str = "cluster.local"
    service_cidr: str = ""
    cluster_cidr: str = ""
    ca_pem: bytes = b""


def node_config(name: str, nodes: Iterable[NodeEntry], cluster: ClusterNetwork) -> pb.NodeConfig:
    """Build one node's NodeConfig from all nodes; those without range or address are not reachable yet."""
    config = pb.NodeConfig(
        cluster_dns=cluster.cluster_dns,
        cluster_domain=cluster.cluster_domain,
        cluster_ca_pem=cluster.ca_pem,
        service_cidr=cluster.service_cidr,
        cluster_cidr=cluster.cluster_cidr,
    )
    for node in sorted(nodes, key=lambda n: n.name):
        if node.name == name:
            config.pod_cidr = node.pod_cidr
        elif node.pod_cidr and node.address:
            config.routes.append(pb.Route(node=node.name, pod_cidr=node.pod_cidr, via=node.address))
    return config
