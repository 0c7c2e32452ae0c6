"""Events about scheduling: said when there is time for it, because a pod that waits for a node comes first.

The buffer is bounded and drops its oldest; a refusal that repeats only counts up. Events are hints: one that cannot
be sent is counted and forgotten, and nothing may depend on them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_micro_time
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError
from podwright.scheduler.config import SchedulerConfig
from podwright.scheduler.explain import ANNOTATION, Explanation
from podwright.scheduler.pod_info import DEFAULT_SCHEDULER, PodInfo

JSON = dict[str, Any]

_EVENTS: Final = find("events")
_REMEMBERED: Final = 2048
_SHORTEST: Final = 0.001  # seconds; what is left may be less than a clock can tell
_NAME_ROOM: Final = 253 - 17


@dataclass(slots=True)
class _Waiting:
    pod: PodInfo
    type: str
    reason: str
    action: str
    message: str
    explanation: Explanation | None
    at: datetime
    since: float


@dataclass(slots=True)
class _Series:
    name: str
    count: int


class SchedulingEvents:
    """Records events about pods. Start `run()` as a task."""

    def __init__(self, client: Client, clock: Clock, config: SchedulerConfig) -> None:
        self._client = client
        self._clock = clock
        self._config = config
        self._waiting: deque[_Waiting] = deque()
        self._something = asyncio.Event()
        self._series: OrderedDict[tuple[str, str], _Series] = OrderedDict()
        self._busy_at = float("-inf")
        self._stamp = 0
        self.dropped = 0
        """Events that were lost: the buffer was full, or the server did not take them."""

    def busy(self) -> None:
        """Note that a pod is being placed now."""
        self._busy_at = self._clock.monotonic()

    def scheduled(self, pod: PodInfo, node: str) -> None:
        """Say where a pod went."""
        self._record(pod, "Normal", "Scheduled", "Binding", f"Successfully assigned {pod.key} to {node}", None)

    def refused(self, pod: PodInfo, message: str, explanation: Explanation | None = None) -> None:
        """Say why a pod goes nowhere."""
        self._record(pod, "Warning", "FailedScheduling", "Scheduling", message, explanation)

    def preempted(self, victim: PodInfo, preemptor: PodInfo, node: str) -> None:
        """Say for whom a pod had to go."""
        message = f"Preempted by pod {preemptor.uid} on node {node}"
        self._record(victim, "Normal", "Preempted", "Preempting", message, None)

    async def run(self) -> None:
        """Send events until cancelled."""
        while True:
            await self._something.wait()
            while self._waiting:
                await self._give_way(self._waiting[0])
                event = self._waiting.popleft()
                try:
                    await self._send(event)
                except (ApiError, TransportError):
                    self.dropped += 1
            self._something.clear()

    def _record(
        self, pod: PodInfo, kind: str, reason: str, action: str, message: str, explanation: Explanation | None
    ) -> None:
        if len(self._waiting) >= self._config.events_buffer:
            self._waiting.popleft()
            self.dropped += 1
        now, since = self._clock.now(), self._clock.monotonic()
        self._waiting.append(_Waiting(pod, kind, reason, action, message, explanation, now, since))
        self._something.set()

    async def _give_way(self, event: _Waiting) -> None:
        while True:
            now = self._clock.monotonic()
            quiet = self._busy_at + self._config.events_quiet - now
            patience = event.since + self._config.events_patience - now
            if quiet <= 0 or patience <= 0:
                return
            await self._clock.sleep(max(_SHORTEST, min(quiet, patience)))

    async def _send(self, event: _Waiting) -> None:
        key = (event.pod.uid, event.message)
        series = self._series.get(key)
        if series is not None:
            series.count += 1
            body = {"series": {"count": series.count, "lastObservedTime": format_micro_time(event.at)}}
            try:
                await self._client.patch(_EVENTS, series.name, body, namespace=event.pod.namespace)
            except ApiError as error:
                if error.code != 404:
                    raise
                del self._series[key]  # it has expired meanwhile: begin anew
            else:
                return
        sent = self._body(event)
        await self._client.create(_EVENTS, sent)
        if event.type == "Warning":
            self._series[key] = _Series(sent["metadata"]["name"], 1)
            if len(self._series) > _REMEMBERED:
                self._series.popitem(last=False)

    def _body(self, event: _Waiting) -> JSON:
        pod = event.pod
        # Nanoseconds as names carry them, kept distinct when two events share an instant.
        self._stamp = max(self._stamp + 1, int(event.at.timestamp() * 1_000_000) * 1000)
        name = f"{pod.name[:_NAME_ROOM].rstrip('.-')}.{self._stamp:x}"
        meta: JSON = {"name": name, "namespace": pod.namespace}
        annotation = event.explanation.annotation() if event.explanation is not None else ""
        if annotation:
            meta["annotations"] = {ANNOTATION: annotation}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": meta,
            "involvedObject": {
                "kind": "Pod", "apiVersion": "v1", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid,
            },
            "type": event.type,
            "reason": event.reason,
            "action": event.action,
            "message": event.message[:1024],
            "eventTime": format_micro_time(event.at),
            "reportingComponent": DEFAULT_SCHEDULER,
            "reportingInstance": self._config.instance,
        }  # fmt: skip
