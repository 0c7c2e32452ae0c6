"""Telling users what happened: Event objects, without ever getting in the way of the work.

`record` only puts into a bounded buffer; `run` sends. The same event again does not make another object: its count
and last time are patched. When the server is slower than what happens, the oldest events are dropped and counted.
Events are hints: nothing may depend on them, and a refused one is not sent again.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_time
from podwright.client.backoff import Backoff, Chance
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.transport import TransportError

JSON = dict[str, Any]
EventType = Literal["Normal", "Warning"]

_EVENT: Final = find("events")
BUFFER: Final = 1000  # different events that wait to be sent; the oldest goes first
_REMEMBERED: Final = 4096  # sent events whose repetition is only counted
_TRIES: Final = 6  # per event, while the server cannot be reached
_NAME_ROOM: Final = 253 - 18

# Everything that makes two events the same one.
_Key = tuple[str, str, str, str, str, str, str, str]


@dataclass(slots=True)
class _Waiting:
    reference: JSON
    type: str
    reason: str
    message: str
    first: datetime
    last: datetime
    count: int = 1


@dataclass(slots=True)
class _Sent:
    name: str
    count: int


def reference(obj: Any, field_path: str = "") -> JSON:
    """Return the reference to an object, from its dict or its class; `field_path` as `spec.containers{name}`."""
    if isinstance(obj, Mapping):
        metadata = obj.get("metadata") or {}
        found: JSON = {"kind": obj.get("kind"), "apiVersion": obj.get("apiVersion")}
        found |= {key: metadata.get(key) for key in ("namespace", "name", "uid", "resourceVersion")}
    else:
        metadata = obj.metadata
        found = {
            "kind": obj.kind,
            "apiVersion": obj.api_version,
            "namespace": metadata.namespace,
            "name": metadata.name,
            "uid": metadata.uid,
            "resourceVersion": metadata.resource_version,
        }
    found["fieldPath"] = field_path
    return {key: value for key, value in found.items() if value}


class EventRecorder:
    """Records events on behalf of a component. Start `run()` as a task."""

    def __init__(
        self,
        client: Client,
        component: str,
        clock: Clock,
        *,
        host: str = "",
        buffer: int = BUFFER,
        chance: Chance = random.random,
    ) -> None:
        self._client = client
        self._component = component
        self._host = host
        self._clock = clock
        self._size = buffer
        self._chance = chance
        self._waiting: OrderedDict[_Key, _Waiting] = OrderedDict()
        self._sent: OrderedDict[_Key, _Sent] = OrderedDict()
        self._something = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._stamp = 0
        self.dropped = 0
        """Events that were lost: the buffer was full, or the server did not take them."""

    def record(self, ref: Mapping[str, Any], type: EventType, reason: str, message: str) -> None:  # noqa: A002
        """Note an event about an object (see `reference`). Never blocks, never fails."""
        now = self._clock.now()
        message = message if len(message) <= 1024 else message[:1021] + "..."
        key = _key(ref, type, reason, message)
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.count += 1
            waiting.last = now
            return
        if len(self._waiting) >= self._size:
            _, lost = self._waiting.popitem(last=False)
            self.dropped += lost.count
        self._waiting[key] = _Waiting(dict(ref), type, reason, message, now, now)
        self._empty.clear()
        self._something.set()

    async def flushed(self) -> None:
        """Wait until everything recorded so far has been sent or dropped."""
        await self._empty.wait()

    async def run(self) -> None:
        """Send events until cancelled."""
        while True:
            await self._something.wait()
            while self._waiting:
                key, event = self._waiting.popitem(last=False)
                await self._deliver(key, event)
            self._something.clear()
            self._empty.set()

    async def _deliver(self, key: _Key, event: _Waiting) -> None:
        backoff = Backoff(first=0.5, limit=10.0, chance=self._chance)
        for left in range(_TRIES - 1, -1, -1):
            try:
                await self._send(key, event)
            except TransportError:
                if left:
                    await self._clock.sleep(backoff.next())
            except ApiError as error:
                if not left or error.code not in (429, 503, 504):
                    break
                await self._clock.sleep(max(backoff.next(), error.retry_after or 0))
            else:
                return
        self.dropped += event.count

    async def _send(self, key: _Key, event: _Waiting) -> None:
        sent = self._sent.get(key)
        if sent is not None:
            namespace = event.reference.get("namespace") or "default"
            patch: JSON = {
                "count": sent.count + event.count,
                "lastTimestamp": format_time(event.last),
                "message": event.message,
            }
            try:
                await self._client.patch(_EVENT, sent.name, patch, namespace=namespace)
            except ApiError as error:
                if error.code != 404:
                    raise
                del self._sent[key]  # it has expired meanwhile: begin anew
            else:
                sent.count += event.count
                self._sent.move_to_end(key)
                return
        body = self._body(event)
        await self._client.create(_EVENT, body)
        self._sent[key] = _Sent(body["metadata"]["name"], event.count)
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)

    def _body(self, event: _Waiting) -> JSON:
        ref = event.reference
        # Nanoseconds as upstream's clients use them, kept distinct when two events share an instant.
        self._stamp = max(self._stamp + 1, int(event.first.timestamp() * 1_000_000) * 1000)
        source = {"component": self._component, "host": self._host} if self._host else {"component": self._component}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{str(ref.get('name') or '')[:_NAME_ROOM].rstrip('.-')}.{self._stamp:x}",
                "namespace": ref.get("namespace") or "default",
            },
            "involvedObject": ref,
            "type": event.type,
            "reason": event.reason,
            "message": event.message,
            "source": source,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
            "firstTimestamp": format_time(event.first),
            "lastTimestamp": format_time(event.last),
            "count": event.count,
        }


def _key(ref: Mapping[str, Any], kind: str, reason: str, message: str) -> _Key:
    parts = (ref.get(name) or "" for name in ("kind", "namespace", "name", "uid", "fieldPath"))
    first, second, third, fourth, fifth = map(str, parts)
    return first, second, third, fourth, fifth, kind, reason, message
