"""Events about pods: what happened, in the words people know, counted instead of repeated.

The same event of the same object is one record whose count grows. An object that floods is throttled: a burst of 25,
then one in 300 s. Sending is the sink's business; nothing here blocks or fails.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from podwright.agent.pods.spec import JSON, Container, Pod, rfc3339

COMPONENT = "kubelet"  # clients select a node's events by this source
_REMEMBERED = 2048
_BURST = 25.0
_REFILL_PER_SECOND = 1 / 300


@dataclass(slots=True)
class _Seen:
    name: str
    count: int
    first: float
    last: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Events:
    """Records events of one node. `send` gets each Event object; those with a count above 1 replace the earlier."""

    def __init__(self, node_name: str, now: Callable[[], float], send: Callable[[JSON], None]) -> None:
        self._node = node_name
        self._now = now
        self._send = send
        self._seen: OrderedDict[tuple[str, ...], _Seen] = OrderedDict()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._serial = 0

    def normal(self, pod: Pod, reason: str, message: str, container: Container | None = None) -> None:
        """Record what went as it should."""
        self._record(pod, "Normal", reason, message, container)

    def warning(self, pod: Pod, reason: str, message: str, container: Container | None = None) -> None:
        """Record what did not."""
        self._record(pod, "Warning", reason, message, container)

    def _record(self, pod: Pod, kind: str, reason: str, message: str, container: Container | None) -> None:
        meta = pod["metadata"]
        now = self._now()
        field_path = container.field_path if container else ""
        if not self._admit(meta["uid"], now):
            return
        key = (meta["uid"], kind, reason, message, field_path)
        seen = self._seen.get(key)
        if seen is None:
            self._serial += 1
            name = f"{meta['name']}.{int(now * 1e9) + self._serial:x}"
            seen = self._seen[key] = _Seen(name, 0, now, now)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        self._seen.move_to_end(key)
        seen.count += 1
        seen.last = now
        self._send(self._event(pod, seen, kind, reason, message, field_path))

    def _admit(self, uid: str, now: float) -> bool:
        bucket = self._buckets.get(uid)
        if bucket is None:
            bucket = self._buckets[uid] = _Bucket(_BURST, now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        bucket.tokens = min(_BURST, bucket.tokens + (now - bucket.at) * _REFILL_PER_SECOND)
        bucket.at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _event(self, pod: Pod, seen: _Seen, kind: str, reason: str, message: str, field_path: str) -> JSON:
        meta = pod["metadata"]
        about: JSON = {
            "kind": "Pod",
            "namespace": meta.get("namespace", ""),
            "name": meta["name"],
            "uid": meta["uid"],
            "apiVersion": "v1",
            "resourceVersion": meta.get("resourceVersion", ""),
        }
        if field_path:
            about["fieldPath"] = field_path
        return {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {"name": seen.name, "namespace": meta.get("namespace", "")},
            "involvedObject": about,
            "reason": reason,
            "message": message[:1024],
            "source": {"component": COMPONENT, "host": self._node},
            "firstTimestamp": rfc3339(seen.first),
            "lastTimestamp": rfc3339(seen.last),
            "count": seen.count,
            "type": kind,
            "eventTime": None,
            "reportingComponent": COMPONENT,
            "reportingInstance": self._node,
        }
