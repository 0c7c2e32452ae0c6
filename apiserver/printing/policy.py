"""The tables of the kinds that bound what others may do: budgets, quotas, runtime classes, levels of requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from podwright.apiserver.printing.printer import AGE, JSON, NAME, NONE, Cells, Column, Printer, age, name, section

_UNSET = "N/A"


def _budget(obj: JSON, now: datetime) -> Cells:
    spec, status = section(obj, "spec"), section(obj, "status")
    bounds = [_UNSET if spec.get(key) is None else str(spec[key]) for key in ("minAvailable", "maxUnavailable")]
    return [name(obj), *bounds, status.get("disruptionsAllowed") or 0, age(obj, now)]


def _quota(obj: JSON, now: datetime) -> Cells:
    status = section(obj, "status")
    hard, used = status.get("hard") or {}, status.get("used") or {}
    limits = {key: hard[key] for key in sorted(hard) if key.startswith("limits.")}
    requests = {key: hard[key] for key in sorted(hard) if key not in limits}
    return [name(obj), _uses(requests, used), _uses(limits, used), age(obj, now)]


def _uses(hard: Mapping[str, str], used: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {used.get(key, '0')}/{amount}" for key, amount in hard.items())


def _schema(obj: JSON, now: datetime) -> Cells:
    spec = section(obj, "spec")
    conditions = section(obj, "status").get("conditions") or ()
    dangling = next((c.get("status") for c in conditions if c.get("type") == "Dangling"), None)
    return [
        name(obj),
        (spec.get("priorityLevelConfiguration") or {}).get("name") or "",
        spec.get("matchingPrecedence") or 0,
        (spec.get("distinguisherMethod") or {}).get("type") or NONE,
        age(obj, now),
        dangling or "?",
    ]


def _level(obj: JSON, now: datetime) -> Cells:
    spec = section(obj, "spec")
    limited: JSON | None = spec.get("limited")
    queuing: JSON = ((limited or {}).get("limitResponse") or {}).get("queuing") or {}
    shares = NONE if limited is None else limited.get("nominalConcurrencyShares") or 0
    queues = [queuing.get(key) or NONE for key in ("queues", "handSize", "queueLengthLimit")]
    return [name(obj), spec.get("type") or "", shares, *queues, age(obj, now)]


BUDGET = Printer(
    (
        NAME,
        Column("Min Available", "How many pods must stay healthy."),
        Column("Max Unavailable", "How many pods may be missing."),
        Column("Allowed Disruptions", "How many pods may be evicted now.", "integer"),
        AGE,
    ),
    _budget,
)
QUOTA = Printer(
    (
        NAME,
        Column("Request", "How much is requested of what may be, and how many objects there are."),
        Column("Limit", "The sum of limits, and how much it may be."),
        AGE,
    ),
    _quota,
)
RUNTIME_CLASS = Printer(
    (NAME, Column("Handler", "The name by which nodes know the runtime."), AGE),
    lambda obj, now: [name(obj), obj.get("handler") or "", age(obj, now)],
)
FLOW_SCHEMA = Printer(
    (
        NAME,
        Column("PriorityLevel", "The priority level of its requests."),
        Column("MatchingPrecedence", "Which schema wins when several match: the lowest."),
        Column("DistinguisherMethod", "What tells its flows apart."),
        AGE,
        Column("MissingPL", "Whether its priority level does not exist."),
    ),
    _schema,
    order=lambda obj: (section(obj, "spec").get("matchingPrecedence") or 0, name(obj)),
)
PRIORITY_LEVEL = Printer(
    (
        NAME,
        Column("Type", "Limited, or Exempt."),
        Column("NominalConcurrencyShares", "Its part of the server's capacity."),
        Column("Queues", "How many queues it has."),
        Column("HandSize", "Among how many queues a flow is spread."),
        Column("QueueLengthLimit", "How many requests a queue holds."),
        AGE,
    ),
    _level,
)
