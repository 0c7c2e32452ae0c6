"""Tells users why a pod waits: its PodScheduled condition, the node that is held for it, and an event.

Of several reports about a pod only the newest is sent. It must never decide what is said.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_time
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError
from podwright.scheduler.events import SchedulingEvents
from podwright.scheduler.explain import Explanation
from podwright.scheduler.pod_info import PodInfo

JSON = dict[str, Any]
_log = logging.getLogger(__name__)
_PODS: Final = find("pods")


class Reports:
    """Reports about pods that are still `waiting` (by key) when their turn comes. Start `run()` as tasks."""

    def __init__(self, client: Client, clock: Clock, events: SchedulingEvents, waiting: Container[str]) -> None:
        self._client = client
        self._clock = clock
        self._events = events
        self._waiting = waiting
        self._newest: dict[str, tuple[PodInfo, Explanation, str]] = {}
        self._keys: asyncio.Queue[str] = asyncio.Queue()

    def add(self, pod: PodInfo, story: Explanation, held: str) -> None:
        """Report on a pod; `held` is the node that is held for it, "" for none."""
        if pod.key not in self._newest:
            self._keys.put_nowait(pod.key)
        self._newest[pod.key] = (pod, story, held)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            key = await self._keys.get()
            pod, story, held = self._newest.pop(key)
            if key not in self._waiting:
                continue
            self._events.refused(pod, story.message, story)
            if pod.refusal == story.message and pod.nominated == held:
                continue
            try:
                await self._send(pod, story, held)
            except (ApiError, TransportError) as error:
                if not (isinstance(error, ApiError) and error.code in {404, 409}):
                    _log.warning("Cannot report on %s: %s", key, error)

    async def _send(self, pod: PodInfo, story: Explanation, held: str) -> None:
        condition: JSON = {
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": story.message,
            "observedGeneration": pod.generation,
        }  # fmt: skip
        if not pod.refusal:
            condition["lastTransitionTime"] = format_time(self._clock.now())
        status: JSON = {"conditions": [condition]}
        if held != pod.nominated:
            status["nominatedNodeName"] = held or None
        body: JSON = {"metadata": {"uid": pod.uid}, "status": status}
        await self._client.patch(
            _PODS, pod.name, body, type="strategic", namespace=pod.namespace, subresource="status"
        )  # fmt: skip
