"""Sends the pods away that others displace: a note in the pod, then a graceful deletion. Owns those requests.

It must never choose a victim, and never delete another pod of the same name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_time
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError
from podwright.scheduler.events import SchedulingEvents
from podwright.scheduler.pod_info import PodInfo

JSON = dict[str, Any]
_log = logging.getLogger(__name__)
_PODS: Final = find("pods")


class Evictions:
    """Evictions on their way. Start `run()` as tasks; `on_failure` is told for whom a victim stays."""

    def __init__(
        self, client: Client, clock: Clock, events: SchedulingEvents, on_failure: Callable[[PodInfo], None]
    ) -> None:
        self._client = client
        self._clock = clock
        self._events = events
        self._on_failure = on_failure
        self._jobs: asyncio.Queue[tuple[PodInfo, PodInfo | None, str]] = asyncio.Queue()
        self._going: set[str] = set()  # uids of victims that are not known to be leaving yet

    def start(self, victims: Sequence[PodInfo], preemptor: PodInfo, node: str) -> None:
        """Send pods away for another's sake."""
        for victim in victims:
            self._going.add(victim.uid)
            self._jobs.put_nowait((victim, preemptor, node))

    def withdraw(self, pods: Sequence[PodInfo]) -> None:
        """Take back the word that a node is held for these pods."""
        for pod in pods:
            self._jobs.put_nowait((pod, None, ""))

    def is_going(self, pod: PodInfo) -> bool:
        """Tell whether a pod is on its way out."""
        return pod.deleting or pod.uid in self._going

    def seen(self, uid: str) -> None:
        """Note that a pod is known to be leaving, or gone."""
        self._going.discard(uid)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            pod, preemptor, node = await self._jobs.get()
            try:
                if preemptor is None:
                    await self._patch(pod, {"nominatedNodeName": None})
                else:
                    await self._evict(pod, preemptor, node)
            except (ApiError, TransportError) as error:
                if isinstance(error, ApiError) and error.code == 404:
                    continue
                _log.warning("Cannot displace %s: %s", pod.key, error)
                self._going.discard(pod.uid)
                if preemptor is not None:
                    self._on_failure(preemptor)

    async def _evict(self, victim: PodInfo, preemptor: PodInfo, node: str) -> None:
        condition = {
            "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
            "message": f"{preemptor.scheduler}: preempting to accommodate a higher priority pod",
            "observedGeneration": victim.generation, "lastTransitionTime": format_time(self._clock.now()),
        }  # fmt: skip
        await self._patch(victim, {"conditions": [condition]})
        await self._client.delete(_PODS, victim.name, namespace=victim.namespace, uid=victim.uid)
        self._events.preempted(victim, preemptor, node)

    async def _patch(self, pod: PodInfo, status: JSON) -> None:
        body = {"metadata": {"uid": pod.uid}, "status": status}
        await self._client.patch(
            _PODS, pod.name, body, type="strategic", namespace=pod.namespace, subresource="status"
        )  # fmt: skip
