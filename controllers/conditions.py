"""Setting a condition in a list of conditions, as every kind of status keeps them: one of each type.

`lastTransitionTime` moves only when the status value changes. Lists are never changed in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from podwright.api.times import format_time

JSON = dict[str, Any]


def find(conditions: Sequence[JSON], kind: str) -> JSON | None:
    """Return the condition of this type."""
    for condition in conditions:
        if condition.get("type") == kind:
            return condition
    return None


def without(conditions: Sequence[JSON], kind: str) -> list[JSON]:
    """Return all conditions but that of this type."""
    return [c for c in conditions if c.get("type") != kind]


def put(conditions: Sequence[JSON], condition: JSON, now: datetime) -> list[JSON]:
    """Return the list with the condition in place; unchanged where status, reason and message are the same."""
    current = find(conditions, condition["type"])
    if current is None:
        return [*conditions, {**condition, "lastTransitionTime": format_time(now)}]
    if all(current.get(key, "") == condition.get(key, "") for key in ("status", "reason", "message")):
        return list(conditions)
    moved = current.get("status") != condition["status"]
    stamp = format_time(now) if moved else current.get("lastTransitionTime", format_time(now))
    return [{**condition, "lastTransitionTime": stamp} if c is current else c for c in conditions]
