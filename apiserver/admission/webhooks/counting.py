"""How often webhooks were asked, what came of it and how long it took, in Prometheus' text form.

Labels are names from configurations, of which there are few; it must never grow with what clients ask.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Final

_BUCKETS: Final = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0, 25.0)
_PREFIX: Final = "apiserver_admission_"
_MOST: Final = 10_000
_TOP_CODE: Final = 600


class HookCounts:
    """What is counted of all webhooks of one server."""

    def __init__(self) -> None:
        self._counters: dict[str, Counter[str]] = {name: Counter() for name in _HELP}
        self._seconds: dict[str, tuple[list[int], list[float]]] = {}

    def asked(self, name: str, step: str, operation: str, code: int, seconds: float, *, rejected: bool) -> None:
        """Count one question and its answer."""
        labels = _labels(name=name, type=step, operation=operation)
        said = str(rejected).lower()
        self._count("webhook_request_total", f'{labels},code="{min(code, _TOP_CODE)}",rejected="{said}"')
        key = f'{labels},rejected="{said}"'
        found = self._seconds.get(key)
        if found is None:
            if len(self._seconds) >= _MOST:
                return
            found = self._seconds[key] = ([0] * (len(_BUCKETS) + 1), [0.0])
        found[0][bisect_left(_BUCKETS, seconds)] += 1
        found[1][0] += seconds

    def refused(self, name: str, step: str, operation: str, kind: str, code: int) -> None:
        """Count a refusal; `kind` is no_error, calling_webhook_error or apiserver_internal_error."""
        labels = _labels(name=name, type=step, operation=operation, error_type=kind)
        self._count("webhook_rejection_count", f'{labels},rejection_code="{min(code, _TOP_CODE)}"')

    def went_on(self, name: str, step: str) -> None:
        """Count a failure that was ignored."""
        self._count("webhook_fail_open_count", _labels(name=name, type=step))

    def left_out(self, name: str, step: str, operation: str) -> None:
        """Count a write that a webhook's conditions left out."""
        labels = _labels(name=name, kind="webhook", type=step, operation=operation)
        self._count("match_condition_exclusions_total", labels)

    def unclear(self, name: str, step: str, operation: str) -> None:
        """Count conditions that could not be evaluated."""
        labels = _labels(name=name, kind="webhook", type=step, operation=operation)
        self._count("match_condition_evaluation_errors_total", labels)

    def _count(self, metric: str, labels: str) -> None:
        counter = self._counters[metric]
        if labels in counter or len(counter) < _MOST:
            counter[labels] += 1

    def lines(self) -> Iterator[str]:
        """Everything as text."""
        for metric, text in _HELP.items():
            if self._counters[metric]:
                yield f"# HELP {_PREFIX}{metric} {text}"
                yield f"# TYPE {_PREFIX}{metric} counter"
                yield from (f"{_PREFIX}{metric}{{{labels}}} {n}" for labels, n in self._counters[metric].items())
        name = f"{_PREFIX}webhook_admission_duration_seconds"
        if self._seconds:
            yield f"# HELP {name} How long webhooks took to answer."
            yield f"# TYPE {name} histogram"
        for labels, (counts, total) in self._seconds.items():
            running = 0
            for bound, count in zip((*map(str, _BUCKETS), "+Inf"), counts, strict=True):
                running += count
                yield f'{name}_bucket{{{labels},le="{bound}"}} {running}'
            yield f"{name}_sum{{{labels}}} {total[0]:.6f}"
            yield f"{name}_count{{{labels}}} {running}"


_HELP: Final = {
    "webhook_request_total": "Questions to webhooks by what came back.",
    "webhook_rejection_count": "Writes refused because of a webhook's answer, or for want of one.",
    "webhook_fail_open_count": "Failed webhooks that a write went on without.",
    "match_condition_exclusions_total": "Writes that the conditions of a webhook left out.",
    "match_condition_evaluation_errors_total": "Conditions of webhooks that could not be evaluated.",
}


def _labels(**labels: str) -> str:
    return ",".join(f'{name}="{value}"' for name, value in labels.items())
