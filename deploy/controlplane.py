"""The control plane in one process: store, apiserver, node gateway, scheduler, controllers, the lab's routes.

Started by the supervisor as `python -m podwright.deploy.controlplane --data-dir DIR`. Scheduler and controllers use the
in-process transport: the same requests, without sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from podwright.apiserver.authentication.authenticator import Authenticator
from podwright.apiserver.authentication.token_file import read_token_file
from podwright.apiserver.config import ServerConfig
from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.http import HttpServer
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import MASTERS
from podwright.client.clock import Clock, SystemClock
from podwright.deploy import config as configuration
from podwright.deploy.certificates.keeper import Keeper
from podwright.deploy.config import SERVICE_CIDR, ClusterConfig
from podwright.deploy.pki import ADMIN, FRONT_PROXY, SERVING, Authority, Pair, server_names
from podwright.store.open import open_store
from podwright.store.protocol import StoreError

if TYPE_CHECKING:
    from podwright.apiserver.pod_security.configuration import Configuration


async def serve(config: ClusterConfig, stop: asyncio.Event, clock: Clock, renew: asyncio.Event) -> None:
    """Run everything until `stop` is set; `renew` asks for new certificates. Raises what keeps it from starting."""
    gateway_address = config.subnets.gateway
    authority = Authority(config.data / "pki", clock.now)
    keeper = Keeper(authority, clock)
    names = server_names(gateway_address, "10.96.0.1")
    keeper.keep(SERVING, lambda: authority.server(names))
    keeper.keep(FRONT_PROXY, authority.front_proxy)
    # A new RSA key takes a tenth of a second, on another core than the rest.
    token_key, store, _ = await asyncio.gather(
        asyncio.to_thread(authority.token_key),
        open_store(config.store, config.data),
        asyncio.to_thread(_ensure_encryption, config),
    )
    server = ApiServer(
        ServerConfig(
            host="0.0.0.0",
            port=config.api_port,
            advertise_address=gateway_address,
            tls_cert_file=authority.path("apiserver.crt"),
            tls_key_file=authority.path("apiserver.key"),
            client_ca_file=authority.path("ca.crt"),
            token_auth_file=Path(config.token_auth_file) if config.token_auth_file else None,
            pod_security=_pod_security(config),
            authentication_config_file=Path(config.authentication_file) if config.authentication_file else None,
            service_account_key_file=token_key,
            proxy_client_cert_file=authority.path("front-proxy-client.crt"),
            proxy_client_key_file=authority.path("front-proxy-client.key"),
            requestheader_client_ca_file=authority.path("front-proxy-ca.crt"),
            service_cidr=SERVICE_CIDR,
            encryption_config_file=config.encryption_file,
            audit_policy_file=Path(config.audit.policy) if config.audit.policy else None,
            audit_log_file=config.audit_log_file,
            audit_log_bytes=config.audit.max_megabytes << 20,
            audit_log_files=config.audit.max_files,
            audit_log_days=config.audit.max_days,
            access_log_file=config.data / "logs" / "access.log",
        ),
        store,
        now=clock.now,
    )
    await server.start()
    tokens = read_token_file(Path(config.token_auth_file)) if config.token_auth_file else {}
    http = HttpServer(server, Authenticator(tokens, server.verifier))
    port = await http.start()
    await server.bootstrap(port, authority.ca.decode())
    try:
        admin = await asyncio.to_thread(keeper.keep, ADMIN, lambda: authority.client(ADMIN, "admin", [MASTERS]))
        await asyncio.to_thread(_write_kubeconfig, config, authority.ca, admin)
        keeper.tell(SERVING, lambda _: http.reload_certificate())
        keeper.tell(FRONT_PROXY, lambda _: server.delegates.reload_certificate())
        keeper.tell(ADMIN, lambda pair: _write_kubeconfig(config, authority.ca, pair))
        # Whatever works through the API is imported once that answers: it is half of the start-up time.
        parts = await asyncio.to_thread(import_module, "podwright.deploy.parts")
        await parts.run(parts.Running(config, server, authority, keeper, clock), stop, renew)
    finally:
        await server.stop()
        await http.stop()
        await store.close()


def _ensure_encryption(config: ClusterConfig) -> None:
    """Make the cluster's own keys, unless the user brought some."""
    if not config.encryption_config:
        from podwright.deploy.encryption import ensure_configuration

        ensure_configuration(config.encryption_file)


def _pod_security(config: ClusterConfig) -> Configuration | None:
    """What the administrator said of Pod Security. Raises ConfigFileError."""
    if not config.pod_security_file:
        return None
    from podwright.apiserver.pod_security.configuration import read_configuration

    return read_configuration(Path(config.pod_security_file))


def _write_kubeconfig(config: ClusterConfig, ca: bytes, admin: Pair) -> None:
    """The administrator's kubeconfig, with everything inside."""
    from podwright.client import kubeconfig

    content = kubeconfig.single(
        name="podwright",
        server=f"https://127.0.0.1:{config.api_port}",
        ca=ca,
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
        stop, renew, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
        for number, event in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, renew)):
            loop.add_signal_handler(number, event.set)
        await serve(config, stop, SystemClock(), renew)

    os.umask(0o077)
    try:
        uvloop.run(run())
    except (ConfigFileError, StoreError) as error:
        sys.exit(f"cannot start the control plane: {error}")


if __name__ == "__main__":
    main()
