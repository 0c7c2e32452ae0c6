"""What this node has to say: statuses are kept until acknowledged, events are not; implements the workers' `Reports`.

Bounded: one status a pod (the newest), 1024 events (the oldest are dropped), one node status. After a reconnect
everything that was not acknowledged goes out again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Any

import orjson

from podwright.agent.pods.ports import PodRef
from podwright.proto.node.v1 import node_pb2 as pb

JSON = dict[str, Any]
MAX_EVENTS = 1024


class Outbox:
    """Reports on their way to the control plane."""

    def __init__(self) -> None:
        self._statuses: dict[str, pb.AgentMessage] = {}  # uid -> not acknowledged yet
        self._gone: dict[str, pb.AgentMessage] = {}
        self._dirty: OrderedDict[str, None] = OrderedDict()  # uids to send, oldest first
        self._events: deque[pb.AgentMessage] = deque(maxlen=MAX_EVENTS)
        self._node: pb.AgentMessage | None = None
        self._urgent: deque[pb.AgentMessage] = deque()
        self._some = asyncio.Event()
        self._sequence = 0

    # ---- Reports -----------------------------------------------------------------------------------------------

    def status(self, pod: PodRef, status: JSON) -> None:
        """Report a pod's whole status."""
        self._sequence += 1
        message = pb.PodStatus(
            namespace=pod.namespace, name=pod.name, uid=pod.uid, status_json=orjson.dumps(status),
            sequence=self._sequence,
        )  # fmt: skip
        self._statuses[pod.uid] = pb.AgentMessage(pod_status=message)
        self._mark(pod.uid)

    def gone(self, pod: PodRef) -> None:
        """Report that nothing of a deleted pod is left here."""
        self._sequence += 1
        message = pb.PodGone(namespace=pod.namespace, name=pod.name, uid=pod.uid, sequence=self._sequence)
        self._gone[pod.uid] = pb.AgentMessage(pod_gone=message)
        self._mark(pod.uid)

    def event(self, event: JSON) -> None:
        """Record an event."""
        self._events.append(pb.AgentMessage(event=pb.EventRecord(event_json=orjson.dumps(event))))
        self._some.set()

    def node_status(self, status: JSON) -> None:
        """Report the node's own status."""
        self._node = pb.AgentMessage(node_status=pb.NodeStatus(status_json=orjson.dumps(status)))
        self._some.set()

    def send(self, message: pb.AgentMessage) -> None:
        """Send before everything else, on this connection only (heartbeats, token requests)."""
        self._urgent.append(message)
        self._some.set()

    def forget(self, uid: str) -> None:
        """A pod's object is gone: nobody waits for its status."""
        self._statuses.pop(uid, None)
        self._gone.pop(uid, None)

    def _mark(self, uid: str) -> None:
        self._dirty[uid] = None
        self._some.set()

    # ---- the link's side ---------------------------------------------------------------------------------------

    def reconnected(self) -> None:
        """A new stream begins: all that was not acknowledged goes out again, what belonged to the old one does not."""
        self._urgent.clear()
        for uid in [*self._statuses, *self._gone]:
            self._dirty[uid] = None
        self._some.set()

    def acknowledge(self, sequence: int) -> None:
        """The control plane has settled a report."""
        for waiting, field in ((self._statuses, "pod_status"), (self._gone, "pod_gone")):
            for uid, message in list(waiting.items()):
                if getattr(message, field).sequence == sequence:
                    del waiting[uid]
                    return

    def take(self) -> list[pb.AgentMessage]:
        """Take what is to be sent now, most pressing first."""
        found = list(self._urgent)
        self._urgent.clear()
        for uid in self._dirty:
            found.extend(waiting[uid] for waiting in (self._statuses, self._gone) if uid in waiting)
        self._dirty.clear()
        if self._node is not None:
            found.append(self._node)
            self._node = None
        found.extend(self._events)
        self._events.clear()
        return found

    async def next(self) -> list[pb.AgentMessage]:
        """Wait until there is something to send, and take it."""
        while True:
            await self._some.wait()
            self._some.clear()
            found = self.take()
            if found:
                return found
