"""The control plane in one process: store, apiserver, node gateway, scheduler, controllers, the lab's routes.

Started by the supervisor as `python -m podwright.deploy.controlplane --data-dir DIR`. Scheduler and controllers use the
in-process transport: the same requests, without sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path

from podwright.api.resources import find
from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.token_file import read_token_file
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.gateway.gateway import GatewayConfig, NodeGateway
from podwright.apiserver.gateway.routes import ClusterNetwork
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.apiserver.tuning import tune_collector
from podwright.apiserver.user import User
from podwright.client import kubeconfig
from podwright.client.client import Client
from podwright.client.clock import SystemClock
from podwright.controllers import manager
from podwright.controllers.config import ControllersConfig
from podwright.deploy import config as configuration
from podwright.deploy.config import SERVICE_CIDR, ClusterConfig
from podwright.deploy.lab.routes import follow_routes
from podwright.deploy.pki import Authority, server_names
from podwright.scheduler import loop as scheduler
from podwright.scheduler.config import SchedulerConfig
from podwright.store.open import open_store

log = logging.getLogger(__name__)

SCHEDULER = User("system:kube-scheduler", groups=("system:authenticated",))
CONTROLLERS = User("system:kube-controller-manager", groups=("system:authenticated",))


async def serve(config: ClusterConfig, stop: asyncio.Event) -> None:
    """Run everything until `stop` is set. Raises what keeps it from starting."""
    gateway_address = config.subnets.gateway
    authority = Authority(config.data / "pki", datetime.now(UTC))
    authority.server(server_names(gateway_address, "10.96.0.1"))
    _write_kubeconfig(config, authority)
    store = await open_store(config.store, config.data)
    server = ApiServer(
        ServerConfig(
            host="0.0.0.0",
            port=config.api_port,
            advertise_address=gateway_address,
            tls_cert_file=authority.path("apiserver.crt"),
            tls_key_file=authority.path("apiserver.key"),
            client_ca_file=authority.path("ca.crt"),
            token_auth_file=Path(config.token_auth_file) if config.token_auth_file else None,
            service_account_key_file=authority.token_key(),
            service_cidr=SERVICE_CIDR,
            access_log_file=config.data / "logs" / "access.log",
        ),
        store,
    )
    await server.start()
    tokens = read_token_file(Path(config.token_auth_file)) if config.token_auth_file else {}
    http = HttpServer(server, Authenticator(tokens, server.tokens))
    port = await http.start()
    await server.bootstrap(port, authority.ca.decode())
    gateway = _gateway(config, server, authority)
    server.node_streams = gateway
    try:
        await _run_parts(config, server, gateway, authority, stop)
    finally:
        await server.stop()
        await http.stop()
        await store.close()


def _gateway(config: ClusterConfig, server: ApiServer, authority: Authority) -> NodeGateway:
    return NodeGateway(
        GatewayConfig(
            bootstrap_port=config.bootstrap_port,
            node_port=config.node_port,
            certificate=authority.path("apiserver.crt").read_bytes(),
            key=authority.path("apiserver.key").read_bytes(),
            client_ca=authority.ca,
            token=config.join_token,
            network=ClusterNetwork(service_cidr=SERVICE_CIDR, ca_pem=authority.ca),
        ),
        server.transport,
        authority.sign_node,
    )


async def _run_parts(
    config: ClusterConfig, server: ApiServer, gateway: NodeGateway, authority: Authority, stop: asyncio.Event
) -> None:
    """Whatever works through the API, each restarted by itself when it fails."""
    clock = SystemClock()
    controllers = ControllersConfig(root_ca=authority.ca.decode(), cluster_cidr=config.subnets.pods)
    async with contextlib.AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        await _forget_foreign_nodes(_client(server, CONTROLLERS), config)
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "gateway": gateway.run,
            "scheduler": lambda: scheduler.run(_client(server, SCHEDULER), clock, SchedulerConfig()),
            "controllers": lambda: manager.run(_client(server, CONTROLLERS), clock, controllers),
            "routes": lambda: follow_routes(config.lab, _client(server, CONTROLLERS), clock),
        }
        running = [tasks.create_task(_keep(name, part), name=name) for name, part in parts.items()]
        tune_collector()
        log.info("Control plane ready on port %d", config.api_port)
        await stop.wait()
        for task in running:
            task.cancel()


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


async def _keep(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """A part that fails is begun anew: it is level-triggered, so nothing is lost but time."""
    wait = 0.1
    while True:
        try:
            await part()
        except Exception:
            log.exception("Cannot go on with %s, starting it anew in %.1f s", name, wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, 5.0)


def _write_kubeconfig(config: ClusterConfig, authority: Authority) -> None:
    """The administrator's kubeconfig, with everything inside."""
    admin = authority.client("admin", "admin", ["system:masters"])
    content = kubeconfig.single(
        name="podwright",
        server=f"https://127.0.0.1:{config.api_port}",
        ca=authority.ca,
        certificate=admin.certificate,
        key=admin.key,
    )
    kubeconfig.write(config.kubeconfig, content)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="podwright-controlplane", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = configuration.load(arguments.data_dir)
    if config is None:
        sys.exit(f"cannot start the control plane: {arguments.data_dir} has no config.json; `podwright up` makes one")
    import uvloop

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(config, stop)

    os.umask(0o077)
    uvloop.run(run())


if __name__ == "__main__":
    main()
