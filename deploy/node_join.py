"""Makes this machine a node of a cluster elsewhere: trust its CA by digest, trade a token for a certificate.

    connect without trust > the CA in the chain has the digest that one was told > from here on, trust only that CA
      > Join with a key made here > files that the agent runs with

The key never leaves the machine. It must never send the token to anyone before the CA is known to be the right one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podwright.agent import config as configuration
from podwright.agent.config import AgentConfig
from podwright.agent.link.identity import Identity, JoinError
from podwright.deploy.certificates.files import write_file

DEFAULT_STATE_DIR: Final = "/var/lib/podwright-node"
SERVER_NAME: Final = "kubernetes"
"""A name that every API server's certificate has, whatever address it is reached by."""
_TOKEN: Final = re.compile(r"[a-z0-9]{6}\.[a-z0-9]{16}")
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_SECONDS: Final = 10.0


class NodeJoinError(Exception):
    """The machine cannot join. The message says why."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining takes. `port` is the API server's; nodes join at the next one and live on the one after it."""

    host: str
    port: int
    token: str
    ca_hashes: tuple[str, ...]
    node: str
    state_dir: Path
    node_ip: str = ""


def digest(ca: bytes) -> str:
    """The digest of a CA's public key (DER certificate in, `sha256:...` out), as join commands carry it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(ca).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def parse_server(text: str) -> tuple[str, int]:
    """Host and port of `host`, `host:port` or an URL. Raises NodeJoinError."""
    host, colon, port = text.removeprefix("https://").rstrip("/").rpartition(":")
    if not colon:
        host, port = port, "6443"
    if not host or not port.isdecimal():
        msg = f"cannot use the server {text!r}: it must be host or host:port"
        raise NodeJoinError(msg)
    return host, int(port)


def check(joining: Joining) -> None:
    """Refuse what cannot work before anything is asked. Raises NodeJoinError."""
    if not _TOKEN.fullmatch(joining.token):
        raise NodeJoinError("cannot use the token: it must be ID.SECRET, six and sixteen letters and digits")
    if not joining.ca_hashes or not all(_HASH.fullmatch(each) for each in joining.ca_hashes):
        raise NodeJoinError("cannot use the CA's digest: it must be sha256: and 64 hexadecimal digits")


async def join(joining: Joining) -> Path:
    """Join; returns the agent's configuration file. Raises NodeJoinError."""
    check(joining)
    import asyncio

    ca = await asyncio.to_thread(fetch_ca, joining)
    try:
        joining.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(joining.state_dir / "ca.crt", ca, 0o644)
        config = agent_config(joining)
        file = joining.state_dir / "agent.json"
        write_file(file, configuration.dump(config).encode(), 0o600)
        await Identity(config, time.time).join(None)
    except JoinError as e:
        raise NodeJoinError(str(e)) from e
    except OSError as e:
        msg = f"cannot join: {e}"
        raise NodeJoinError(msg) from e
    return file


def fetch_ca(joining: Joining) -> bytes:
    """The CA that the server shows, if it is the one that was told of (PEM). Blocks. Raises NodeJoinError."""
    where = f"{joining.host}:{joining.port + 1}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent before the digest fits
    try:
        with (
            socket.create_connection((joining.host, joining.port + 1), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=SERVER_NAME) as tls,
        ):
            chain = _chain(tls)
    except OSError as e:
        msg = f"cannot reach the control plane at {where}: {e}"
        raise NodeJoinError(msg) from e
    for der in chain[1:]:
        found = digest(der)
        if any(hmac.compare_digest(found, wanted) for wanted in joining.ca_hashes):
            return ssl.DER_cert_to_PEM_cert(der).encode()
    msg = f"cannot trust the control plane at {where}: its CA has another digest"
    raise NodeJoinError(msg)


def _chain(tls: Any) -> list[bytes]:
    """What the server shows, as DER: the library's own way to ask comes with Python 3.13."""
    return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in tls._sslobj.get_unverified_chain()]  # noqa: SLF001


def agent_config(joining: Joining) -> AgentConfig:
    """What the agent of this machine runs with."""
    folder = joining.state_dir
    cluster = joining.ca_hashes[0].removeprefix("sha256:")[:6]
    return configuration.parse(
        {
            "cluster_id": cluster,
            "node_name": joining.node,
            "node_ip": joining.node_ip or _own_address(joining),
            "state_dir": str(folder),
            "images_dir": str(folder / "images"),
            "cgroup_root": f"podwright-{cluster}/{joining.node}",
            "gateway": f"{joining.host}:{joining.port + 2}",
            "bootstrap": f"{joining.host}:{joining.port + 1}",
            "ca_file": str(folder / "ca.crt"),
            "token": joining.token,
            "server_name": SERVER_NAME,
        }
    )


def agent_command(file: Path) -> list[str]:
    """What runs the node."""
    return [sys.executable, "-m", "podwright.agent.main", "--config", str(file)]


def _own_address(joining: Joining) -> str:
    """The address of this machine on the way to the control plane; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((joining.host, joining.port))
        return str(probe.getsockname()[0])
