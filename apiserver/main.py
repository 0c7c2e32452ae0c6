"""Run an apiserver alone: `python -m podwright.apiserver.main --port 6443 --memory --token-auth-file tokens.csv`.

For development and component tests; `podwright up` wires the same parts into a whole cluster.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from podwright.apiserver.config import ServerConfig


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="podwright-apiserver", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6443)
    parser.add_argument("--advertise-address", default="", help="IPv4 address that pods can reach")
    parser.add_argument("--memory", action="store_true", help="keep nothing")
    parser.add_argument("--store", default="sqlite", help="sqlite or etcd://host:port[,host:port]")
    parser.add_argument("--data-dir", type=Path, default=Path("podwright-data"), help="state and certificates")
    parser.add_argument("--token-auth-file", type=Path)
    parser.add_argument("--encryption-config", type=Path, help="EncryptionConfiguration: what is sealed in the store")
    parser.add_argument("--pod-security-config", type=Path)
    parser.add_argument("--audit-policy", type=Path, help="Policy: what is recorded in the audit log")
    parser.add_argument("--audit-log", type=Path, help="[DATA_DIR/audit.log]")
    parser.add_argument("--access-log", type=Path)
    parser.add_argument("--http", action="store_true", help="plain HTTP, no TLS")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    from podwright.apiserver.authentication.authenticator import Authenticator
    from podwright.apiserver.authentication.token_file import read_token_file
    from podwright.apiserver.dev_certificates import ensure_certificates
    from podwright.apiserver.http import HttpServer
    from podwright.apiserver.pod_security.configuration import read_configuration
    from podwright.apiserver.server import ApiServer
    from podwright.apiserver.tuning import tune_collector
    from podwright.store.open import open_store

    arguments.data_dir.mkdir(parents=True, exist_ok=True)
    pki = None if arguments.http else ensure_certificates(arguments.data_dir / "pki", arguments.host)
    config = ServerConfig(
        host=arguments.host,
        port=arguments.port,
        advertise_address=arguments.advertise_address,
        tls_cert_file=pki.cert if pki else None,
        tls_key_file=pki.key if pki else None,
        client_ca_file=pki.ca if pki else None,
        token_auth_file=arguments.token_auth_file,
        pod_security=read_configuration(rules) if (rules := arguments.pod_security_config) else None,
        service_account_key_file=pki.sa_key if pki else None,
        proxy_client_cert_file=pki.proxy_cert if pki else None,
        proxy_client_key_file=pki.proxy_key if pki else None,
        requestheader_client_ca_file=pki.proxy_ca if pki else None,
        encryption_config_file=arguments.encryption_config,
        audit_policy_file=arguments.audit_policy,
        audit_log_file=arguments.audit_log or arguments.data_dir / "audit.log",
        access_log_file=arguments.access_log,
    )
    tokens = read_token_file(config.token_auth_file) if config.token_auth_file else {}
    store = await open_store("memory" if arguments.memory else arguments.store, arguments.data_dir)
    server = ApiServer(config, store)
    await server.start()
    http = HttpServer(server, Authenticator(tokens, server.verifier))
    port = await http.start()
    await server.bootstrap(port, pki.ca.read_text() if pki else "")
    tune_collector()
    scheme = "http" if arguments.http else "https"
    sys.stdout.write(f"{scheme}://{arguments.host}:{port}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.stop()
    await http.stop()
    await store.close()


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    import uvloop

    from podwright.apiserver.config_file import ConfigFileError
    from podwright.store.protocol import StoreError

    try:
        uvloop.run(_run(_arguments()))
    except (ConfigFileError, StoreError) as error:
        sys.exit(f"cannot start: {error}")


if __name__ == "__main__":
    main()
