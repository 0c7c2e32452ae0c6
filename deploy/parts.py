"""The parts of the control plane that work through the API: node gateway, scheduler, controllers, the lab's routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network

from podwright.api.resources import find
from podwright.apiserver.gateway.gateway import GatewayConfig, NodeGateway
from podwright.apiserver.gateway.joining import admitting
from podwright.apiserver.gateway.routes import ClusterNetwork
from podwright.apiserver.server import ApiServer
from podwright.apiserver.tuning import tune_collector
from podwright.apiserver.user import AUTHENTICATED, COMPONENT, User
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.tasks import TaskGroup
from podwright.controllers import manager
from podwright.controllers.config import ControllersConfig
from podwright.deploy.certificates.keeper import Keeper
from podwright.deploy.certificates.signing import sign_request
from podwright.deploy.config import SERVICE_CIDR, ClusterConfig
from podwright.deploy.joining import allow_joining
from podwright.deploy.keeping import keep
from podwright.deploy.lab.routes import follow_routes
from podwright.deploy.pki import SERVING, Authority
from podwright.scheduler import loop as scheduler
from podwright.scheduler.config import SchedulerConfig

log = logging.getLogger(__name__)

SCHEDULER = User("system:kube-scheduler", groups=(AUTHENTICATED,))
CONTROLLERS = User("system:kube-controller-manager", groups=(COMPONENT, AUTHENTICATED))


def _gateway(config: ClusterConfig, server: ApiServer, authority: Authority, clock: Clock) -> NodeGateway:
    return NodeGateway(
        GatewayConfig(
            bootstrap_port=config.bootstrap_port,
            node_port=config.node_port,
            certificate=authority.path(f"{SERVING}.crt").read_bytes(),
            key=authority.path(f"{SERVING}.key").read_bytes(),
            client_ca=authority.ca,
            token=config.join_token,
            network=ClusterNetwork(service_cidr=SERVICE_CIDR, cluster_cidr=config.subnets.pods, ca_pem=authority.ca),
        ),
        server.transport,
        authority.sign_node,
        clock.now,
        admitting(lambda: server.verifier, server.registry.authorizer),
    )


@dataclass(frozen=True, slots=True)
class Running:
    """What the parts work with."""

    config: ClusterConfig
    server: ApiServer
    authority: Authority
    keeper: Keeper
    clock: Clock


async def run(running: Running, stop: asyncio.Event, renew: asyncio.Event) -> None:
    """Run every part until `stop` is set, each begun anew by itself when it fails."""
    config, server, authority, clock = running.config, running.server, running.authority, running.clock
    gateway = _gateway(config, server, authority, clock)
    server.node_streams = gateway
    running.keeper.tell(SERVING, lambda pair: gateway.show(pair.certificate, pair.key))
    controllers = ControllersConfig(
        root_ca=authority.ca.decode(), cluster_cidr=config.subnets.pods, sign=partial(sign_request, authority)
    )
    async with TaskGroup() as tasks:
        url = f"https://{config.subnets.gateway}:{config.api_port}"
        await allow_joining(_client(server, CONTROLLERS), url, authority.ca)
        await _forget_foreign_nodes(_client(server, CONTROLLERS), config)
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "gateway": gateway.run,
            "scheduler": lambda: scheduler.run(_client(server, SCHEDULER), clock, SchedulerConfig()),
            "controllers": lambda: manager.run(_client(server, CONTROLLERS), clock, controllers),
            "certificates": running.keeper.run,
            "renewals": lambda: _renew(running.keeper, renew),
            "routes": lambda: follow_routes(config.lab, _client(server, CONTROLLERS), clock),
        }
        kept = [tasks.create_task(keep(name, part, clock), name=name) for name, part in parts.items()]
        tune_collector()
        log.info("Control plane ready on port %d", config.api_port)
        await stop.wait()
        for task in kept:
            task.cancel()


async def _renew(keeper: Keeper, renew: asyncio.Event) -> None:
    """Have all certificates made anew whenever somebody asks for it."""
    while True:
        await renew.wait()
        renew.clear()
        log.info("Renewing all certificates")
        keeper.renew()


def _client(server: ApiServer, user: User) -> Client:
    return Client(server.transport(user), user_agent=user.name.removeprefix("system:"))


async def _forget_foreign_nodes(client: Client, config: ClusterConfig) -> None:
    """Delete Node objects whose pod range is not of this lab's: its ranges moved while it was down, as another cluster
    took them. Their agents register again; a node's range never changes otherwise.
    """
    pods = IPv4Network(config.subnets.pods)
    for node in (await client.list(find("nodes")))["items"]:
        cidr = (node.get("spec") or {}).get("podCIDR")
        if cidr and not IPv4Network(cidr).subnet_of(pods):
            await client.delete(find("nodes"), node["metadata"]["name"])
