"""What a node reported and is not written yet: the newest status of each pod, one writer per pod at a time.

Bounded by what a node runs: a newer status replaces one that waits. Failed writes are tried again with growing pauses;
only a newer report or the end of the connection stops them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.gateway.pod_writer import PodWriter
from podwright.client.backoff import Backoff
from podwright.client.tasks import TaskGroup
from podwright.client.transport import TransportError
from podwright.proto.node.v1 import node_pb2 as pb

log = logging.getLogger(__name__)
_PARALLEL = 32
_LASTING = frozenset((400, 403, 404, 409, 413, 422))  # the API will not change its mind about these


@dataclass(slots=True)
class _Waiting:
    status: pb.PodStatus | None = None
    gone: pb.PodGone | None = None


class Inbox:
    """Writes pods' statuses and ends for one connected node; `ack` is called with each sequence that is settled."""

    def __init__(self, writer: PodWriter, group: TaskGroup, ack: Callable[[int], None]) -> None:
        self._writer = writer
        self._group = group
        self._ack = ack
        self._waiting: dict[str, _Waiting] = {}
        self._busy: set[str] = set()
        self._slots = asyncio.Semaphore(_PARALLEL)

    def status(self, message: pb.PodStatus) -> None:
        """Take in a pod's status."""
        waiting = self._waiting.setdefault(message.uid, _Waiting())
        waiting.status = message
        self._work(message.uid)

    def gone(self, message: pb.PodGone) -> None:
        """Take in that nothing of a pod is left."""
        waiting = self._waiting.setdefault(message.uid, _Waiting())
        waiting.gone = message
        self._work(message.uid)

    def _work(self, uid: str) -> None:
        if uid not in self._busy:
            self._busy.add(uid)
            self._group.create_task(self._drain(uid), name=f"write pod {uid}")

    async def _drain(self, uid: str) -> None:
        backoff = Backoff(first=0.1, limit=5.0)
        try:
            while waiting := self._waiting.pop(uid, None):
                if not await self._write(waiting):
                    newer = self._waiting.setdefault(uid, _Waiting())
                    newer.status = newer.status or waiting.status
                    newer.gone = newer.gone or waiting.gone
                    await asyncio.sleep(backoff.next())
        finally:
            self._busy.discard(uid)

    async def _write(self, waiting: _Waiting) -> bool:
        """Write both; False when it must be tried again."""
        status, gone = waiting.status, waiting.gone
        try:
            async with self._slots:
                if status is not None:
                    await self._writer.status(
                        status.namespace, status.name, status.uid, orjson.loads(status.status_json)
                    )
                    self._ack(status.sequence)
                    waiting.status = None
                if gone is not None:
                    await self._writer.gone(gone.namespace, gone.name, gone.uid)
                    self._ack(gone.sequence)
        except ApiError as e:
            about = status or gone
            log.warning("Cannot write pod %s/%s: %s", about and about.namespace, about and about.name, e)
            if e.code not in _LASTING:
                return False
            for settled in (status, gone):
                if settled is not None:
                    self._ack(settled.sequence)
        except TransportError as e:
            log.info("Cannot write pods: %s", e)
            return False
        except ValueError as e:
            log.warning("Cannot read a pod's status: %s", e)
        return True
