"""What the gate shows of itself: counters for /metrics, and tables for who looks into why a request waits.

Names, labels and columns are those that dashboards and people know. It only reads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from podwright.apiserver.fairness.gate import Gate, Passage
from podwright.apiserver.fairness.queues import Level, Queue
from podwright.apiserver.fairness.seats import REFUSED_LATE
from podwright.apiserver.fairness.tally import BOUNDS, Durations

_PREFIX: Final = "apiserver_flowcontrol_"
_LEVELS: Final = (
    "PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests",
    "DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests",
)  # fmt: skip
_QUEUES: Final = (
    "PriorityLevelName", "Index", "PendingRequests", "ExecutingRequests", "SeatsInUse", "NextDispatchR",
    "InitialSeatsSum", "MaxSeatsSum", "TotalWorkSum",
)  # fmt: skip
_REQUESTS: Final = (
    "PriorityLevelName", "FlowSchemaName", "QueueIndex", "RequestIndexInQueue", "FlowDistingsher", "ArriveTime",
    "InitialSeats", "FinalSeats", "AdditionalLatency", "StartTime",
)  # fmt: skip
_DETAILS: Final = ("UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource")
_GAUGES: Final = (
    ("nominal_limit_seats", "Seats of a level's own.", lambda level: level.limits.nominal),
    ("lower_limit_seats", "Seats that a level never lends.", lambda level: level.limits.least),
    ("upper_limit_seats", "Seats that a level may use with those it borrows.", lambda level: level.limits.most),
)
_NAMES: Final = {
    "dump_priority_levels": lambda gate, _: _table(_LEVELS, _level_rows(gate)),
    "dump_queues": lambda gate, _: _table(_QUEUES, _queue_rows(gate)),
    "dump_requests": lambda gate, details: _table(
        (*_REQUESTS, *_DETAILS) if details else _REQUESTS, _request_rows(gate, details=details)
    ),
}


def dump(gate: Gate, name: str, *, details: bool = False) -> str | None:
    """One of the tables as text; None for a name that is none."""
    make = _NAMES.get(name)
    return None if make is None else make(gate, details)


def metrics(gate: Gate) -> Iterator[str]:
    """The lines for /metrics."""
    tallies = gate.flows.tallies
    flows = {key: f'flow_schema="{key[1]}",priority_level="{key[0]}"' for key in tallies}
    yield from _head("dispatched_requests_total", "counter", "Requests that began.")
    for key, labels in flows.items():
        yield f"{_PREFIX}dispatched_requests_total{{{labels}}} {tallies[key].begun}"
    yield from _head("rejected_requests_total", "counter", "Requests that were refused, by reason.")
    for key, labels in flows.items():
        for reason, number in tallies[key].refused.items():
            yield f'{_PREFIX}rejected_requests_total{{{labels},reason="{reason}"}} {number}'
    running, waiting = _by_flow(gate.running()), _by_flow(gate.waiting())
    for name, text, found, seats in (
        ("current_executing_requests", "Requests under way.", running, False),
        ("current_executing_seats", "Seats of requests under way.", running, True),
        ("request_concurrency_in_use", "Seats of requests under way.", running, True),
        ("current_inqueue_requests", "Requests that wait.", waiting, False),
        ("current_inqueue_seats", "Seats of requests that wait.", waiting, True),
    ):
        yield from _head(name, "gauge", text)
        for key, labels in flows.items():
            passages = found.get(key, ())
            yield f"{_PREFIX}{name}{{{labels}}} {sum(p.width for p in passages) if seats else len(passages)}"
    for name, text, value in _GAUGES:
        yield from _head(name, "gauge", text)
        for level in gate.seats.levels.values():
            yield f'{_PREFIX}{name}{{priority_level="{level.name}"}} {value(level)}'
    yield from _head("request_wait_duration_seconds", "histogram", "How long requests waited.")
    for key, labels in flows.items():
        tally = tallies[key]
        yield from _histogram(f'execute="true",{labels}', tally.waited, tally.at_once)
        yield from _histogram(f'execute="false",{labels}', tally.waited_in_vain, 0)


def _by_flow(passages: Iterator[Passage]) -> dict[tuple[str, str], list[Passage]]:
    found: dict[tuple[str, str], list[Passage]] = {}
    for passage in passages:
        found.setdefault((passage.level.name, passage.flow.schema), []).append(passage)
    return found


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {text}"
    yield f"# TYPE {_PREFIX}{name} {kind}"


def _histogram(labels: str, durations: Durations, at_once: int) -> Iterator[str]:
    name, running = f"{_PREFIX}request_wait_duration_seconds", at_once
    for bound, number in zip((*BOUNDS, None), durations.counts, strict=True):
        running += number
        yield f'{name}_bucket{{{labels},le="{"+Inf" if bound is None else f"{bound:g}"}"}} {running}'
    yield f"{name}_sum{{{labels}}} {durations.total:.6f}"
    yield f"{name}_count{{{labels}}} {running}"


# -- tables


def _table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    """Columns that begin below each other, each cell but the last with a comma."""
    cells = [head, *(tuple(_cell(value) for value in row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) + 2 for i in range(len(head))]
    lines = ["".join(f"{c},".ljust(w) for c, w in zip(row[:-1], widths, strict=False)) + row[-1] for row in cells]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\n", " ")


def _level_rows(gate: Gate) -> Iterator[tuple[object, ...]]:
    for name in sorted(gate.seats.levels):
        level = gate.seats.levels[name]
        tallies = [tally for key, tally in gate.flows.tallies.items() if key[0] == name]
        refused = sum(sum(tally.refused.values()) for tally in tallies)
        late = sum(tally.refused.get(REFUSED_LATE, 0) for tally in tallies)
        yield (
            name,
            sum(1 for queue in level.queues if queue.tickets),
            not level.running and not level.queues.waiting,
            level.ending,
            level.queues.waiting,
            len(level.running),
            sum(tally.begun for tally in tallies),
            refused - late,
            late,
            sum(tally.cancelled for tally in tallies),
        )


def _queue_rows(gate: Gate) -> Iterator[tuple[object, ...]]:
    for name in sorted(gate.seats.levels):
        level = gate.seats.levels[name]
        for queue in sorted(level.queues, key=lambda q: q.index):
            yield _queue_row(level, queue)


def _queue_row(level: Level, queue: Queue) -> tuple[object, ...]:
    running = [ticket for ticket in level.running if ticket.queue is queue]
    waiting = sum(ticket.width for ticket in queue.tickets)
    used = sum(ticket.width for ticket in running)
    work = f"{queue.work:.8f}ss"
    return (
        level.name,
        queue.index,
        len(queue.tickets),
        len(running),
        used,
        f"{queue.worked:.8f}ss",
        waiting,
        waiting,
        work,
    )


def _request_rows(gate: Gate, *, details: bool) -> Iterator[tuple[object, ...]]:
    for passage in sorted(gate.running(), key=lambda p: p.number):
        yield _request_row(passage, -1, passage.began, details=details)
    for level in gate.seats.levels.values():
        for queue in level.queues:
            for index, ticket in enumerate(queue.tickets):
                if isinstance(ticket, Passage):
                    yield _request_row(ticket, index, None, details=details)


def _request_row(passage: Passage, index: int, began: float | None, *, details: bool) -> tuple[object, ...]:
    flow, target = passage.flow, passage.target
    queue = -1 if passage.queue is None else passage.queue.index
    row: tuple[object, ...] = (
        flow.level.name,
        flow.schema,
        queue,
        index,
        flow.name,
        _stamp(passage.arrived),
        passage.width,
        0,
        "0s",
        "" if began is None else _stamp(began),
    )
    if not details:
        return row
    version = f"{target.group}/{target.version}" if target.group else target.version
    names = (target.namespace, target.name, version, target.plural, target.subresource)
    return (*row, passage.user.name, target.verb, target.path, *names)


def _stamp(monotonic: float) -> str:
    moment = datetime.fromtimestamp(time.time() - time.monotonic() + monotonic, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
