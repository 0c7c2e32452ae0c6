"""One connected node: sends it its assignments and whatever else it must know, takes in what it reports.

The stream begins with the node's Hello, answered by NodeConfig and the full set; after that only differences go out,
computed anew from the copies at each wake-up. The queue to the node is bounded; a node that does not read is dropped
and begins again with a full set.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.gateway.assignments import Item, Key, difference, wanted
from podwright.apiserver.gateway.copies import Copies
from podwright.apiserver.gateway.inbox import Inbox
from podwright.apiserver.gateway.node_writer import NodeWriter
from podwright.apiserver.gateway.pod_writer import NotYoursError, PodWriter
from podwright.apiserver.gateway.routes import ClusterNetwork, node_config
from podwright.client.tasks import TaskGroup
from podwright.client.transport import TransportError
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)

OUT_QUEUE = 4096  # messages to a node; beyond that it is dropped
EVENT_QUEUE = 1024  # events from a node that wait to be written; beyond that the newest are dropped
Read = Callable[[], Awaitable[pb.AgentMessage | None]]
Write = Callable[[pb.GatewayMessage], Awaitable[None]]


class SlowNodeError(Exception):
    """The node does not read what is sent to it."""


class NodeConnection:
    """Serves one Sync stream; implements `copies.Listener`."""

    def __init__(
        self, name: str, copies: Copies, pods: PodWriter, node: NodeWriter, network: Callable[[], ClusterNetwork]
    ) -> None:
        self.name = name
        self._copies = copies
        self._pods = pods
        self._node = node
        self._network = network
        self._out: asyncio.Queue[pb.GatewayMessage] = asyncio.Queue(OUT_QUEUE)
        self._events: asyncio.Queue[bytes] = asyncio.Queue(EVENT_QUEUE)
        self._wake = asyncio.Event()
        self._sent: dict[Key, tuple[str, bytes]] = {}
        self._config: pb.NodeConfig | None = None
        self._namespaces: set[str] = set()
        self._references: set[Key] = set()
        self._beat = asyncio.Event()
        self._status: bytes = b""
        self._status_waits = asyncio.Event()
        self._slow = asyncio.get_running_loop().create_future()

    # ---- copies.Listener ---------------------------------------------------------------------------------------

    def refers_to(self, key: Key) -> bool:
        """Whether a change of this object concerns the node."""
        if key[0] == "Service":
            return key[1] in self._namespaces or key in self._sent or key[2] == "kubernetes"
        return key in self._references

    def wake(self) -> None:
        """Something that concerns the node changed."""
        self._wake.set()

    # ---- sending -----------------------------------------------------------------------------------------------

    def send(self, message: pb.GatewayMessage) -> None:
        """Queue a message to the node."""
        try:
            self._out.put_nowait(message)
        except asyncio.QueueFull:
            if not self._slow.done():
                self._slow.set_exception(SlowNodeError(f"node {self.name} does not read its stream"))

    async def serve(self, read: Read, write: Write) -> None:
        """Run the stream until the node ends it. Raises SlowNodeError and what reading or writing raises."""
        first = await read()
        if first is None or not first.HasField("hello"):
            log.warning("Cannot serve node %s: its stream does not begin with Hello", self.name)
            return
        try:
            async with TaskGroup() as group:
                inbox = Inbox(self._pods, group, lambda seq: self.send(pb.GatewayMessage(ack=pb.Ack(sequence=seq))))
                await self._register(first.hello)
                tasks: list[Coroutine[Any, Any, None]] = [
                    self._write(write), self._assign(), self._beats(), self._statuses(), self._record(),
                    self._until_slow(),
                ]  # fmt: skip
                running = [group.create_task(task, name=f"node {self.name}") for task in tasks]
                while (message := await read()) is not None:
                    self._take(message, inbox, group)
                for task in running:
                    task.cancel()
                _end()
        except* _EndedError:
            log.info("Node %s ended its stream", self.name)

    async def _until_slow(self) -> None:
        await self._slow

    async def _write(self, write: Write) -> None:
        while True:
            await write(await self._out.get())

    async def _assign(self) -> None:
        """Send what the node should have, now and at every change."""
        first = True
        while True:
            self._wake.clear()
            config = node_config(self.name, self._copies.nodes.list(), self._network())
            if config != self._config:
                self._config = config
                self.send(pb.GatewayMessage(config=config))
            want = self._want()
            if first:
                objects = [_object(key, item) for key, item in want.items()]
                self.send(pb.GatewayMessage(full=pb.Assignments(objects=objects)))
                self._sent = {key: (item.uid, item.mark) for key, item in want.items()}
                first = False
            else:
                self._send_difference(want)
            await self._wake.wait()

    def _want(self) -> dict[Key, Item]:
        pods = self._copies.pods.by_index("node", self.name)
        self._namespaces = {pod.namespace for pod in pods}
        self._references = set[Key]().union(*(pod.references for pod in pods))
        return wanted(pods, self._copies.find, self._copies.services, self._copies.nodes.get(self.name))

    def _send_difference(self, want: dict[Key, Item]) -> None:
        delta = difference(self._sent, want)
        if not delta:
            return
        message = pb.Delta(
            changed=[_object(key, item) for key, item in delta.changed],
            removed=[pb.Ref(kind=k, namespace=ns, name=name, uid=uid) for (k, ns, name), uid in delta.removed],
        )
        for key, _ in delta.removed:
            self._sent.pop(key, None)
        self._sent |= {key: (item.uid, item.mark) for key, item in delta.changed}
        self.send(pb.GatewayMessage(delta=message))

    # ---- taking in ---------------------------------------------------------------------------------------------

    async def _register(self, hello: pb.Hello) -> None:
        while True:
            try:
                await self._node.register(orjson.loads(hello.node_json))
                await self._node.renew()
            except (ApiError, TransportError, ValueError) as e:
                log.warning("Cannot register node %s: %s", self.name, e)
                await asyncio.sleep(1.0)
            else:
                log.info("Node %s registered (agent %s)", self.name, hello.agent_version)
                return

    def _take(self, message: pb.AgentMessage, inbox: Inbox, group: TaskGroup) -> None:
        match message.WhichOneof("body"):
            case "pod_status":
                inbox.status(message.pod_status)
            case "pod_gone":
                inbox.gone(message.pod_gone)
            case "heartbeat":
                self._beat.set()
            case "node_status":
                self._status = message.node_status.status_json
                self._status_waits.set()
            case "event":
                if not self._events.full():
                    self._events.put_nowait(message.event.event_json)
            case "token_request":
                group.create_task(self._token(message.token_request), name=f"token for {self.name}")
            case _:
                log.warning("Cannot understand a message of node %s", self.name)

    async def _beats(self) -> None:
        while True:
            await self._beat.wait()
            self._beat.clear()
            await self._try("renew the lease", self._node.renew)

    async def _statuses(self) -> None:
        while True:
            await self._status_waits.wait()
            self._status_waits.clear()
            status = self._status
            if not await self._try("write the status", lambda: self._node.status(orjson.loads(status))):  # noqa: B023
                await asyncio.sleep(1.0)
                self._status_waits.set()

    async def _record(self) -> None:
        while True:
            event = await self._events.get()
            await self._try("record an event", lambda: self._node.event(orjson.loads(event)))  # noqa: B023

    async def _try(self, what: str, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            await work()
        except (ApiError, TransportError, ValueError, KeyError) as e:
            log.warning("Cannot %s of node %s: %s", what, self.name, e)
            return False
        return True

    async def _token(self, request: pb.TokenRequest) -> None:
        answer = pb.Token(id=request.id)
        try:
            answer.token, answer.expiration = await self._pods.token(
                request.namespace, request.service_account, request.pod_name, request.pod_uid,
                request.audiences, request.expiration_seconds,
            )  # fmt: skip
        except (ApiError, TransportError, NotYoursError) as e:
            answer.error = str(e)
        self.send(pb.GatewayMessage(token=answer))


class _EndedError(Exception):
    """The node closed its side."""


def _end() -> NoReturn:
    """Leave the stream's task group, cancelling what is left in it."""
    raise _EndedError


def _object(key: Key, item: Item) -> pb.Object:
    kind, namespace, name = key
    return pb.Object(ref=pb.Ref(kind=kind, namespace=namespace, name=name, uid=item.uid), json=item.raw)
