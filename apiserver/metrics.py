"""Counters of the server in Prometheus' text form: plain dicts, no library, next to nothing per request.

Names and labels are those that dashboards for this API know. It must never keep a label that a client can make up.
"""

from __future__ import annotations

import os
import resource
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_VERBS = frozenset(
    ("create", "get", "list", "watch", "update", "patch", "delete", "deletecollection", "post", "put", "head")
)
_MOST_LABELS = 10_000
Labels = tuple[str, str, str, str, str, str]


class Histogram:
    """Counts of durations."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(_BUCKETS, seconds)] += 1
        self.total += seconds


class Metrics:
    """What the server counts."""

    def __init__(self, *others: Callable[[], Iterable[str]]) -> None:
        """`others` are what parts of the server count themselves, as lines."""
        self._others = others
        self._requests: dict[tuple[Labels, int], int] = {}
        self._seconds: dict[Labels, Histogram] = {}
        self.inflight = 0
        self.log_dropped = 0
        self.audit_dropped = 0
        self._started = time.time()

    def observe(self, target: Target, code: int, seconds: float, *, known: bool) -> None:
        """Count one answered request; `known` tells whether the target names a resource that exists."""
        verb = target.verb if target.verb in _VERBS else "other"
        if known:
            scope = "resource" if target.name else "namespace" if target.namespace else "cluster"
            labels = (verb, target.group, target.version, target.plural, target.subresource, scope)
        else:
            labels = (verb, "", "", "", "", "")
        if len(self._seconds) >= _MOST_LABELS and labels not in self._seconds:
            labels = (verb, "", "", "", "", "")  # kinds of definitions come and go: their number has no bound
        key = (labels, code)
        self._requests[key] = self._requests.get(key, 0) + 1
        histogram = self._seconds.get(labels)
        if histogram is None:
            histogram = self._seconds[labels] = Histogram()
        histogram.observe(seconds)

    def render(self, feed: Feed, endpoints: Iterable[Endpoint]) -> bytes:
        """Everything as text."""
        lines: list[str] = []
        lines += _head("apiserver_request_total", "counter", "Answered requests by verb, resource and code.")
        for (labels, code), count in self._requests.items():
            lines.append(f'apiserver_request_total{{{_labels(labels)},code="{code}"}} {count}')
        name = "apiserver_request_duration_seconds"
        lines += _head(name, "histogram", "How long answers took.")
        for labels, histogram in self._seconds.items():
            lines += _histogram(name, _labels(labels), histogram)
        lines += _gauge("apiserver_current_inflight_requests", "Requests being answered.", self.inflight)
        lines += _objects(list(endpoints))
        lines += _gauge("podwright_watch_cache_revision", "Revision the caches have reached.", feed.revision)
        lines += _gauge(
            "podwright_access_log_dropped_lines", "Access log lines lost to a full queue.", self.log_dropped
        )
        lines += _gauge(
            "podwright_audit_dropped_lines", "Audit log lines lost to a full queue or disk.", self.audit_dropped
        )
        for other in self._others:
            lines += other()
        lines += self._process()
        return ("\n".join(lines) + "\n").encode()

    def _process(self) -> Iterator[str]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield from _head("process_cpu_seconds_total", "counter", "CPU time used, in seconds.")
        yield f"process_cpu_seconds_total {usage.ru_utime + usage.ru_stime:.2f}"
        yield from _gauge("process_resident_memory_bytes", "Resident memory.", _resident())
        yield from _gauge("process_start_time_seconds", "Start of the process (Unix time).", round(self._started, 2))


def _resident() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def _objects(endpoints: list[Endpoint]) -> Iterator[str]:
    stored = [e for e in endpoints if e.view is None]
    yield from _head("apiserver_storage_objects", "gauge", "Stored objects by resource.")
    for endpoint in stored:
        yield f'apiserver_storage_objects{{resource="{endpoint.resource.qualified}"}} {len(endpoint.cache)}'
    yield from _head("apiserver_registered_watchers", "gauge", "Open watches by resource.")
    for endpoint in stored:
        yield f'apiserver_registered_watchers{{resource="{endpoint.resource.qualified}"}} {endpoint.cache.watchers}'


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _gauge(name: str, text: str, value: float) -> list[str]:
    return [*_head(name, "gauge", text), f"{name} {value}"]


def _labels(labels: Labels) -> str:
    names = ("verb", "group", "version", "resource", "subresource", "scope")
    return ",".join(f'{n}="{v.upper() if n == "verb" else v}"' for n, v in zip(names, labels, strict=True))


def _histogram(name: str, labels: str, histogram: Histogram) -> Iterator[str]:
    running = 0
    for bound, count in zip((*map(str, _BUCKETS), "+Inf"), histogram.counts, strict=True):
        running += count
        yield f'{name}_bucket{{{labels},le="{bound}"}} {running}'
    yield f"{name}_sum{{{labels}}} {histogram.total:.6f}"
    yield f"{name}_count{{{labels}}} {running}"
