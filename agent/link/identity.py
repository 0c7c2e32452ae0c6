"""The node's certificate: asked for once with the join token, kept 0600, renewed before it ends.

    <state_dir>/identity/node.key node.crt ca.crt

A renewal goes over the node port with the certificate itself; the join token is needed only while there is none.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from podwright.agent.config import AgentConfig
from podwright.agent.linux import spawn
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc

log = logging.getLogger(__name__)
RENEW_AT = 2 / 3  # of the certificate's life
_JOIN_SECONDS = 10.0


class JoinError(Exception):
    """The control plane gave no certificate. `final`: trying again cannot help (the token is refused)."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files' contents, and the certificate's life in Unix seconds."""

    key: bytes
    certificate: bytes
    ca: bytes
    begins: float
    ends: float

    @property
    def renew_at(self) -> float:
        """When to ask for the next one."""
        return self.begins + (self.ends - self.begins) * RENEW_AT

    def credentials(self) -> grpc.ChannelCredentials:
        """For a mutual TLS channel."""
        return grpc.ssl_channel_credentials(self.ca, self.key, self.certificate)


class Identity:
    """The node's certificate on disk and how it is got."""

    def __init__(self, config: AgentConfig, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        self._folder = config.state_dir / "identity"

    def load(self) -> Certificate | None:
        """Read the certificate; None when there is none, or it has ended or belongs to another node or CA. Blocks."""
        try:
            key, certificate = (self._folder / "node.key").read_bytes(), (self._folder / "node.crt").read_bytes()
            ca = self._config.ca_file.read_bytes()
            subject, begins, ends = describe(self._folder / "node.crt")
        except (OSError, ValueError, KeyError):
            return None
        if subject != f"system:node:{self._config.node_name}" or ends <= self._now():
            return None
        if (self._folder / "ca.crt").read_bytes() != ca:
            return None
        return Certificate(key, certificate, ca, begins, ends)

    async def get(self) -> Certificate:
        """Return the certificate on disk, or join. Raises JoinError."""
        found = await asyncio.to_thread(self.load)
        return found or await self.join(None)

    async def join(self, present: Certificate | None) -> Certificate:
        """Get a new certificate: with the present one, else with the token. Raises JoinError."""
        config = self._config
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            new_key = Path(folder) / "node.key"
            csr = await _make_request(config.node_name, new_key)
            request = pb.JoinRequest(token=config.token, node_name=config.node_name, csr_pem=csr)
            reply = await self._ask(request, present)
            await asyncio.to_thread(self._keep, new_key, reply.certificate_pem)
        made = await asyncio.to_thread(self.load)
        if made is None:
            msg = f"cannot use the certificate that {config.bootstrap} gave to node {config.node_name}"
            raise JoinError(msg, final=True)
        log.info("Joined as node %s", config.node_name)
        return made

    async def _ask(self, request: pb.JoinRequest, present: Certificate | None) -> pb.JoinReply:
        config = self._config
        if present is not None:
            address, credentials = config.gateway, present.credentials()
        else:
            try:
                ca = await asyncio.to_thread(config.ca_file.read_bytes)
            except OSError as e:
                msg = f"cannot join the cluster: cannot read its certificate authority {config.ca_file}: {e.strerror}"
                raise JoinError(msg) from e
            address, credentials = config.bootstrap, grpc.ssl_channel_credentials(ca)
        options = (("grpc.enable_http_proxy", 0), *named(config))
        async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
            stub: Any = rpc.BootstrapStub(channel)
            try:
                return await stub.Join(request, timeout=_JOIN_SECONDS)
            except grpc.aio.AioRpcError as e:
                final = e.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT)
                msg = f"cannot join the cluster at {address}: {e.details()}"
                raise JoinError(msg, final=final) from e

    def _keep(self, new_key: Path, certificate: bytes) -> None:
        """Write the key first: a certificate whose key is missing is worth nothing."""
        for name, content in (("ca.crt", self._config.ca_file.read_bytes()), ("node.crt.new", certificate)):
            path = self._folder / name
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(content)
        new_key.replace(self._folder / "node.key")
        (self._folder / "node.crt.new").replace(self._folder / "node.crt")


def named(config: AgentConfig) -> tuple[tuple[str, str], ...]:
    """The channel option for the name that the control plane's certificate must have."""
    return (("grpc.ssl_target_name_override", config.server_name),) if config.server_name else ()


async def _make_request(node: str, key_file: Path) -> bytes:
    command = [sys.executable, "-m", "podwright.agent.link.make_key", node, str(key_file)]
    try:
        done = await spawn.run(command)
    except (OSError, TimeoutError) as e:
        msg = f"cannot make a key: {str(e) or 'it takes too long'}"
        raise JoinError(msg) from e
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        msg = f"cannot make a key: {' '.join(last)}"
        raise JoinError(msg)
    return done.stdout


def describe(path: Path) -> tuple[str, float, float]:
    """Read a certificate file's CN and life (Unix seconds) with what the TLS library itself can parse. Blocks."""
    decode: Any = ssl._ssl._test_decode_cert  # type: ignore[attr-defined]  # noqa: SLF001 - the only parser loaded anyway
    found: dict[str, Any] = decode(str(path))
    subject = {key: value for part in found["subject"] for key, value in part}
    return subject.get("commonName", ""), _seconds(found["notBefore"]), _seconds(found["notAfter"])


def _seconds(text: str) -> float:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC).timestamp()
