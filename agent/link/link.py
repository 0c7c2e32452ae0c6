"""The agent's line to the control plane: one stream, redialled for as long as the agent lives.

Every stream begins with Hello and a full set, so that nothing that was missed matters. While there is none, the node
goes on with what it last knew. Pauses between dials grow from 0.2 s to 5 s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, cast

import grpc
import grpc.aio
import orjson

from podwright.agent.config import AgentConfig
from podwright.agent.link.desired import Desired
from podwright.agent.link.identity import Certificate, Identity, JoinError, named
from podwright.agent.link.outbox import Outbox
from podwright.agent.pods.ports import PodRef
from podwright.agent.pods.spec import unix
from podwright.client.backoff import Backoff
from podwright.client.tasks import TaskGroup
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc

log = logging.getLogger(__name__)
JSON = dict[str, Any]
VERSION = "0.1.0"
TOKEN_SECONDS = 10.0
RENEW_RETRY_SECONDS = 60.0
STEADY_SECONDS = 10.0  # a stream that lived this long starts the pauses over
_EOF: Any = cast("Any", grpc.aio).EOF
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.max_send_message_length", 64 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)


class Handler(Protocol):
    """Takes in what the control plane decided. Never blocks."""

    def network(self, config: pb.NodeConfig) -> None:
        """The node's ranges and routes."""
        ...

    def assigned(self, *, complete: bool, changed_in: set[str], removed: Sequence[str], pods: Sequence[JSON]) -> None:
        """The desired set changed. `complete`: `pods` are all of them; `removed`: uids; `changed_in`: namespaces."""
        ...

    def session(self, request: pb.SessionRequest, channel: grpc.aio.Channel) -> None:
        """Dial back and serve a byte stream."""
        ...

    def node(self) -> JSON:
        """The Node object to register."""
        ...


class TokenError(Exception):
    """No token came; trying again may help."""


class Link:
    """Keeps the line; also gives out service-account tokens (the `Tokens` port)."""

    def __init__(
        self, config: AgentConfig, identity: Identity, desired: Desired, outbox: Outbox, handler: Handler,
        now: Callable[[], float],
    ) -> None:  # fmt: skip
        self._config = config
        self._identity = identity
        self._desired = desired
        self._outbox = outbox
        self._handler = handler
        self._now = now
        self._tokens: dict[int, asyncio.Future[tuple[str, float]]] = {}
        self._token_id = 0
        self._renew_now = False
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Dial, serve, dial again, until cancelled."""
        backoff = Backoff(first=0.2, limit=5.0)
        while True:
            began = self._now()
            try:
                await self._once()
            except JoinError as e:
                log.log(logging.ERROR if e.final else logging.WARNING, "%s", e)
            if self._now() - began > STEADY_SECONDS:
                backoff.reset()
            await asyncio.sleep(backoff.next())

    async def _once(self) -> None:
        """One life of the line. Raises JoinError."""
        certificate = await self._identity.get()
        try:
            await self._channel(certificate)
        except* (grpc.aio.AioRpcError, OSError, asyncio.InvalidStateError, grpc.aio.UsageError) as e:
            log.warning("Lost the control plane at %s: %s", self._config.gateway, _words(e))

    async def _channel(self, certificate: Certificate) -> None:
        """Live on one channel until it breaks or the certificate was renewed."""
        config = self._config
        options = (*_OPTIONS, *named(config))
        async with grpc.aio.secure_channel(config.gateway, certificate.credentials(), options=options) as channel:
            stub: Any = rpc.NodeStub(channel)
            call = stub.Sync()
            await call.write(pb.AgentMessage(hello=pb.Hello(agent_version=VERSION, node_json=self._node_json())))
            self._outbox.reconnected()
            try:
                async with TaskGroup() as group:
                    side: list[Coroutine[Any, Any, None]] = [self._write(call), self._beat(), self._renew(certificate)]
                    tasks = [group.create_task(work, name="link") for work in side]
                    while (message := await call.read()) is not _EOF:
                        self._take(message, channel)
                    for task in tasks:
                        task.cancel()
                await call.code()
            finally:
                self.connected.clear()
                call.cancel()
                for future in self._tokens.values():
                    if not future.done():
                        future.set_exception(TokenError("the control plane went away"))
                self._tokens.clear()

    def _node_json(self) -> bytes:
        return orjson.dumps(self._handler.node())

    async def _write(self, call: Any) -> None:
        while True:
            for message in await self._outbox.next():
                await call.write(message)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._config.heartbeat_seconds)
            self._outbox.send(pb.AgentMessage(heartbeat=pb.Heartbeat()))

    def renew(self) -> None:
        """Ask for the next certificate soon, whether it is time or not."""
        self._renew_now = True

    async def _renew(self, certificate: Certificate) -> None:
        """Ask for the next certificate in time: the next dial shows it, what is open goes on.

        The time is looked at with every heartbeat: clocks jump, and machines sleep.
        """
        retry_at = 0.0
        while True:
            await asyncio.sleep(self._config.heartbeat_seconds)
            now = self._now()
            if not self._renew_now and (now < certificate.renew_at or now < retry_at):
                continue
            self._renew_now, retry_at = False, now + RENEW_RETRY_SECONDS
            try:
                certificate = await self._identity.join(certificate)
            except JoinError as e:
                log.warning("Cannot renew the certificate: %s", e)

    def _take(self, message: pb.GatewayMessage, channel: grpc.aio.Channel) -> None:
        match message.WhichOneof("body"):
            case "full":
                changed = self._desired.replace(message.full.objects)
                self.connected.set()
                self._handler.assigned(complete=True, changed_in=changed, removed=(), pods=self._desired.pods())
            case "delta":
                self._delta(message.delta)
            case "config":
                self._handler.network(message.config)
            case "session":
                self._handler.session(message.session, channel)
            case "ack":
                self._outbox.acknowledge(message.ack.sequence)
            case "token":
                self._token(message.token)
            case _:
                log.warning("Cannot understand a message of the control plane")

    def _delta(self, delta: pb.Delta) -> None:
        changed_in = self._desired.apply(delta)
        removed = [ref.uid for ref in delta.removed if ref.kind == "Pod"]
        for uid in removed:
            self._outbox.forget(uid)
        pods = [
            pod
            for obj in delta.changed
            if obj.ref.kind == "Pod" and (pod := self._desired.get("Pod", obj.ref.namespace, obj.ref.name))
        ]
        self._handler.assigned(complete=False, changed_in=changed_in, removed=removed, pods=pods)

    # ---- Tokens ------------------------------------------------------------------------------------------------

    async def token(
        self, pod: PodRef, service_account: str, audiences: Sequence[str], seconds: int
    ) -> tuple[str, float]:
        """Ask for a token bound to a pod; returns it and its expiry (Unix seconds). Raises TokenError."""
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                await self.connected.wait()
                return await self._ask_token(pod, service_account, audiences, seconds)
        except TimeoutError as e:
            msg = "the control plane does not answer"
            raise TokenError(msg) from e

    async def _ask_token(
        self, pod: PodRef, service_account: str, audiences: Sequence[str], seconds: int
    ) -> tuple[str, float]:
        self._token_id += 1
        token_id = self._token_id
        future: asyncio.Future[tuple[str, float]] = asyncio.get_running_loop().create_future()
        self._tokens[token_id] = future
        request = pb.TokenRequest(
            id=token_id, namespace=pod.namespace, service_account=service_account, pod_name=pod.name,
            pod_uid=pod.uid, audiences=list(audiences), expiration_seconds=seconds,
        )  # fmt: skip
        self._outbox.send(pb.AgentMessage(token_request=request))
        try:
            return await future
        finally:
            self._tokens.pop(token_id, None)

    def _token(self, answer: pb.Token) -> None:
        future = self._tokens.get(answer.id)
        if future is None or future.done():
            return
        if answer.error:
            future.set_exception(TokenError(answer.error))
        else:
            future.set_result((answer.token, unix(answer.expiration)))


def _words(error: BaseExceptionGroup[Any]) -> str:
    words: list[str] = []
    for each in error.exceptions:
        if isinstance(each, BaseExceptionGroup):
            words.append(_words(each))
        elif isinstance(each, grpc.aio.AioRpcError):
            words.append(each.details() or str(each.code()))
        else:
            words.append(str(each) or type(each).__name__)
    return "; ".join(dict.fromkeys(words))
