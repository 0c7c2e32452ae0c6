"""The node gateway: gRPC servers for nodes to join and to live on, and the apiserver's way to a node's containers.

    bootstrap port   server TLS; Join: a token and a signing request for a certificate
    node port        mutual TLS; Sync, Session, and Join again to renew; the certificate's CN names the node

It signs nothing itself: `sign` is handed in. It reads and writes objects like any client, as the node it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import grpc
import grpc.aio

from podwright.api.errors import service_unavailable
from podwright.apiserver.gateway.connection import NodeConnection, SlowNodeError
from podwright.apiserver.gateway.copies import Copies
from podwright.apiserver.gateway.node_writer import NodeWriter
from podwright.apiserver.gateway.pod_writer import PodWriter
from podwright.apiserver.gateway.routes import ClusterNetwork
from podwright.apiserver.gateway.serving_certificate import Shown
from podwright.apiserver.gateway.sessions import Session, Sessions
from podwright.apiserver.streams import ByteStream, LogOptions
from podwright.apiserver.user import AUTHENTICATED, GATEWAY, LOOPBACK, NODE_PREFIX, NODES, User
from podwright.client.client import Client
from podwright.client.tasks import TaskGroup
from podwright.client.transport import Transport
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc

log = logging.getLogger(__name__)
JSON = dict[str, Any]

MAX_MESSAGE = 64 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.so_reuseport", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """Everything the gateway can be told. Certificates and keys are PEM."""

    host: str = "0.0.0.0"
    bootstrap_port: int = 0  # 0: the system chooses
    node_port: int = 0
    certificate: bytes
    key: bytes
    client_ca: bytes
    token: str
    network: ClusterNetwork = field(default_factory=ClusterNetwork)
    lease_seconds: int = 40


class NodeGateway:
    """Serves nodes; implements `streams.NodeStreams`. `transport_for` gives the API as seen by a user."""

    def __init__(
        self,
        config: GatewayConfig,
        transport_for: Callable[[User], Transport],
        sign: Callable[[str, bytes], bytes],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        admits: Callable[[str], bool] = lambda _token: False,
    ) -> None:
        """`admits` tells of a token that is not the configured one whether a node may join with it."""
        self._config = config
        self._transport_for = transport_for
        self._sign = sign
        self._now = now
        self._admits = admits
        self.copies = Copies(Client(transport_for(LOOPBACK), user_agent="node-gateway"))
        self.copies.on_routes = self._wake_all
        self._connections: dict[str, NodeConnection] = {}
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._sessions = Sessions()
        self._servers: list[grpc.aio.Server] = []
        self._shown = Shown(config.certificate, config.key, config.client_ca)
        self.bootstrap_port = config.bootstrap_port
        self.node_port = config.node_port

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Serve until cancelled; `ready` is set when both ports are open."""
        async with TaskGroup() as group:
            group.create_task(self.copies.run(), name="gateway copies")
            await self.copies.synced()
            try:
                await self._open()
                if ready is not None:
                    ready.set()
                await asyncio.Event().wait()
            finally:
                await asyncio.shield(self._close())

    async def _open(self) -> None:
        config = self._config
        plain, mutual = self._shown.credentials(mutual=False), self._shown.credentials(mutual=True)
        bootstrap = grpc.aio.server(options=_OPTIONS)
        rpc.add_BootstrapServicer_to_server(_Bootstrap(self, by_token=True), bootstrap)
        self.bootstrap_port = bootstrap.add_secure_port(f"{config.host}:{config.bootstrap_port}", plain)
        nodes = grpc.aio.server(options=_OPTIONS)
        rpc.add_BootstrapServicer_to_server(_Bootstrap(self, by_token=False), nodes)
        rpc.add_NodeServicer_to_server(_Node(self), nodes)
        self.node_port = nodes.add_secure_port(f"{config.host}:{config.node_port}", mutual)
        self._servers = [bootstrap, nodes]
        for server in self._servers:
            await server.start()

    def show(self, certificate: bytes, key: bytes) -> None:
        """Show new connections another certificate (PEM); open ones go on."""
        self._shown.change(certificate, key)

    async def _close(self) -> None:
        for server in self._servers:
            await server.stop(0.2)
        self._servers.clear()

    def _wake_all(self) -> None:
        for connection in self._connections.values():
            connection.wake()

    # ---- nodes -------------------------------------------------------------------------------------------------

    def check_token(self, token: str) -> bool:
        """Tell whether a node may join with a token; the configured one is compared in constant time."""
        own = self._config.token
        return (bool(own) and hmac.compare_digest(token.encode(), own.encode())) or self._admits(token)

    async def join(self, node: str, csr: bytes) -> pb.JoinReply:
        """Sign a node's request. Raises ValueError."""
        try:
            certificate = await asyncio.to_thread(self._sign, node, csr)
        except Exception as e:
            msg = str(e)
            raise ValueError(msg) from e
        log.info("Node %s was given a certificate", node)
        return pb.JoinReply(certificate_pem=certificate, ca_pem=self._config.client_ca)

    async def sync(
        self,
        node: str,
        read: Callable[[], Awaitable[pb.AgentMessage | None]],
        write: Callable[[pb.GatewayMessage], Awaitable[None]],
    ) -> None:
        """Serve one node's stream; a newer stream of the same node ends it."""
        client = self._client(node)
        connection = NodeConnection(
            node, self.copies, PodWriter(client, self.copies, node),
            NodeWriter(client, node, self._now, self._config.lease_seconds), lambda: self._config.network,
        )  # fmt: skip
        before = self._calls.get(node)
        if before is not None:
            before.cancel()
        task = asyncio.ensure_future(connection.serve(read, write))
        self._calls[node] = task
        self._connections[node] = self.copies.listeners[node] = connection  # type: ignore[assignment]
        try:
            await task
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._calls.get(node) is task:
                raise
        finally:
            if self._calls.get(node) is task:
                del self._calls[node], self._connections[node], self.copies.listeners[node]
                self._sessions.lost(node)

    def _client(self, node: str) -> Client:
        name = NODE_PREFIX + node
        user = User(name, groups=(NODES, GATEWAY, AUTHENTICATED))
        return Client(self._transport_for(user), user_agent="node-gateway")

    async def session(self, node: str, session_id: str, session: Session) -> None:
        """Take a stream that a node dialled."""
        await self._sessions.accept(node, session_id, session)

    # ---- streams.NodeStreams -----------------------------------------------------------------------------------

    async def open_session(self, pod: JSON, **kind: Any) -> Session:
        """Open a byte stream to a pod's node. Raises ApiError."""
        meta, node = pod["metadata"], pod["spec"].get("nodeName") or ""
        connection = self._connections.get(node)
        if connection is None:
            raise service_unavailable(f"node {node} is not connected", 1)
        request = pb.SessionRequest(namespace=meta["namespace"], pod=meta["name"], pod_uid=meta["uid"], **kind)
        return await self._sessions.open(node, lambda r: connection.send(pb.GatewayMessage(session=r)), request)

    async def logs(self, pod: JSON, options: LogOptions) -> AsyncIterator[bytes]:
        """Open a container's log. Raises ApiError."""
        from podwright.apiserver.gateway.pod_logs import open_logs

        return await open_logs(self, pod, options, self._now())

    async def dial(self, pod: JSON, port: int) -> ByteStream:
        """Connect to a port of a pod. Raises ApiError."""
        from podwright.apiserver.gateway.dialled import Dialled
        from podwright.apiserver.gateway.streaming import request_of

        return Dialled(await self.open_session(pod, **request_of("portforward", port)))

    async def handle_upgrade(self, request: Any, pod: JSON, subresource: str, query: Sequence[tuple[str, str]]) -> Any:
        """Take over an HTTP connection for exec, attach or portforward; returns the response."""
        from podwright.apiserver.gateway.upgrade import handle

        return await handle(self, request, pod, subresource, query)


class _Bootstrap(rpc.BootstrapServicer):
    """Join: with a token, or (`by_token` False) with the certificate a node already has."""

    def __init__(self, gateway: NodeGateway, *, by_token: bool) -> None:
        self._gateway = gateway
        self._by_token = by_token

    async def Join(self, request: pb.JoinRequest, context: grpc.aio.ServicerContext[Any, Any]) -> pb.JoinReply:  # noqa: N802
        """Sign a node's request."""
        by_token = self._by_token
        known = self._gateway.check_token(request.token) if by_token else identity(context) == request.node_name
        if not known:
            await asyncio.sleep(0.5)
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the join token or certificate is not valid")
        try:
            return await self._gateway.join(request.node_name, request.csr_pem)
        except ValueError as e:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(e))
            raise


class _Node(rpc.NodeServicer):
    """Sync and Session for nodes with a certificate."""

    def __init__(self, gateway: NodeGateway) -> None:
        self._gateway = gateway

    async def Sync(self, request_iterator: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:  # noqa: ARG002, N802
        """Serve a node's stream."""
        node = await _require(context)
        try:
            await self._gateway.sync(node, _reader(context), context.write)
        except* SlowNodeError as e:
            log.warning("Dropping node %s: %s", node, e.exceptions[0])
        except* (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError):
            log.info("Node %s went away", node)

    async def Session(self, request_iterator: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:  # noqa: ARG002, N802
        """Serve one exec, attach, log or port-forward."""
        node = await _require(context)
        read = _reader(context)
        hello = await read()
        if hello is None or hello.channel != pb.Frame.HELLO:
            return
        session = Session(read, context.write)
        with contextlib.suppress(grpc.aio.AioRpcError):
            await self._gateway.session(node, hello.data.decode(), session)
        session.closed.set()


_EOF: Any = cast("Any", grpc.aio).EOF


def _reader(context: grpc.aio.ServicerContext[Any, Any]) -> Callable[[], Awaitable[Any]]:
    async def read() -> Any:
        message = await context.read()
        return None if message is _EOF else message

    return read


def identity(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Return the node that the peer's certificate names, "" for none: a name alone, without the group, is none."""
    from cryptography.x509 import load_pem_x509_certificate
    from cryptography.x509.oid import NameOID

    found = list(context.auth_context().get("x509_pem_cert") or ())
    if not found:
        return ""
    subject = load_pem_x509_certificate(found[0]).subject
    groups = [part.value for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    names = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if NODES not in groups or len(names) != 1 or not names[0].startswith(NODE_PREFIX):
        return ""
    return names[0].removeprefix(NODE_PREFIX)


async def _require(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    node = identity(context)
    if not node:
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "the certificate does not name a node")
    return node
