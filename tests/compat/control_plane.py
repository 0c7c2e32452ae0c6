"""A control plane for the tests of real clients: API server over TLS, scheduler, controllers, and nodes that pretend.

A process of its own, as the clients are: `python control_plane.py DIR` serves on a free port of the loopback address,
writes DIR/admin.kubeconfig and prints one line of JSON when it is ready. It ends when its standard input closes, so
that none outlives the tests.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from pretended_nodes import run_nodes

from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.token_file import read_token_file
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import COMPONENT, MASTERS, User
from podwright.client import kubeconfig
from podwright.client.client import Client
from podwright.client.clock import SystemClock
from podwright.controllers import manager
from podwright.controllers.config import ControllersConfig
from podwright.deploy.pki import Authority, server_names
from podwright.scheduler import loop as scheduler
from podwright.scheduler.config import SchedulerConfig
from podwright.store.sqlite import SqliteStore

TOKENS = """admin-token,admin,1,"system:masters"
guest-token,guest,2,"visitors"
"""
NEVER = 1e9  # seconds: pretended nodes renew no Lease


async def serve(folder: Path) -> None:
    """Run everything until standard input closes."""
    authority = Authority(folder / "pki", lambda: datetime.now(UTC))
    authority.server(server_names())
    tokens = folder / "tokens.csv"
    tokens.write_text(TOKENS)
    store = await SqliteStore.open(folder / "state.db")
    server = ApiServer(
        ServerConfig(
            host="127.0.0.1",
            port=0,
            tls_cert_file=authority.path("apiserver.crt"),
            tls_key_file=authority.path("apiserver.key"),
            client_ca_file=authority.path("ca.crt"),
            token_auth_file=tokens,
            service_account_key_file=authority.token_key(),
        ),
        store,
    )
    await server.start()
    http = HttpServer(server, Authenticator(read_token_file(tokens), server.verifier))
    port = await http.start()
    await server.bootstrap(port, authority.ca.decode())

    def client(name: str, *groups: str) -> Client:
        return Client(server.transport(User(name, groups=(*groups, "system:authenticated"))), user_agent=name)

    clock = SystemClock()
    controllers = ControllersConfig(
        root_ca=authority.ca.decode(), node_grace=NEVER, node_startup_grace=NEVER, max_default_toleration=None
    )
    async with asyncio.TaskGroup() as group:
        ready = asyncio.Event()
        parts = (
            scheduler.run(client("system:kube-scheduler"), clock, SchedulerConfig()),
            manager.run(client("system:kube-controller-manager", COMPONENT), clock, controllers),
            run_nodes(client("pretended-nodes", MASTERS), ready),
        )
        tasks = [group.create_task(part) for part in parts]
        await ready.wait()
        _write_kubeconfig(folder / "admin.kubeconfig", f"https://127.0.0.1:{port}", authority)
        sys.stdout.write(json.dumps({"port": port}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
    await server.stop()
    await http.stop()
    await store.close()


def _write_kubeconfig(path: Path, url: str, authority: Authority) -> None:
    """Three contexts: a certificate's (current), a token's, and one of a user without rights."""
    admin = authority.client("admin", "admin", [MASTERS])
    config = kubeconfig.single("compat", url, ca=authority.ca, certificate=admin.certificate, key=admin.key)
    users = {"token": {"token": "admin-token"}, "guest": {"token": "guest-token"}, "stranger": {"token": "wrong"}}
    kubeconfig.write(
        path,
        kubeconfig.Kubeconfig(
            clusters=config.clusters,
            users={**config.users, **users},
            contexts={**config.contexts, **{name: {"cluster": "compat", "user": name} for name in users}},
            current_context=config.current_context,
        ),
    )


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.umask(0o077)
    uvloop.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
