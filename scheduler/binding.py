"""Bindings on their way: many at once, each until it is known what became of it.

The room stays taken until then. It must never decide where a pod goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError
from podwright.scheduler.events import SchedulingEvents
from podwright.scheduler.pod_info import PodInfo

JSON = dict[str, Any]
_PODS: Final = find("pods")
_TRIES: Final = 3


class Bindings:
    """At most `waiting` wait to be sent. Start `run()` as tasks: as many as may be on their way."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        events: SchedulingEvents,
        waiting: int,
        on_bound: Callable[[PodInfo], None],
        on_failure: Callable[[PodInfo, ApiError | TransportError], None],
    ) -> None:
        self._client = client
        self._clock = clock
        self._events = events
        self._on_bound = on_bound
        self._on_failure = on_failure
        self._jobs: asyncio.Queue[tuple[PodInfo, str]] = asyncio.Queue(waiting)

    async def start(self, pod: PodInfo, node: str) -> None:
        """Bind a pod; waits while too many are waiting."""
        await self._jobs.put((pod, node))

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            pod, node = await self._jobs.get()
            self._events.busy()
            try:
                bound = await self._bind(pod, node)
            except (ApiError, TransportError) as error:
                self._on_failure(pod, error)
            else:
                if bound:
                    self._on_bound(pod)
                    self._events.scheduled(pod, node)

    async def _bind(self, pod: PodInfo, node: str) -> bool:
        """Bind; returns False where the pod turned out to be bound already. Raises ApiError, TransportError."""
        body: JSON = {
            "apiVersion": "v1", "kind": "Binding", "target": {"apiVersion": "v1", "kind": "Node", "name": node},
            "metadata": {"name": pod.name, "namespace": pod.namespace, "uid": pod.uid},
        }  # fmt: skip
        for left in range(_TRIES - 1, -1, -1):
            try:
                await self._client.create(_PODS, body, namespace=pod.namespace, name=pod.name, subresource="binding")
            except TransportError:
                # It may have happened. As long as we do not know, the room stays taken.
                if not left:
                    raise
                await self._clock.sleep(0.2)
            except ApiError as error:
                if error.code == 409 and await self._is_bound(pod):
                    return False
                raise
            else:
                return True
        return False

    async def _is_bound(self, pod: PodInfo) -> bool:
        found = await self._client.get(_PODS, pod.name, namespace=pod.namespace)
        return found["metadata"].get("uid") == pod.uid and bool(found["spec"].get("nodeName"))
