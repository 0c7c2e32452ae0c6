"""Events in their two shapes: core/v1, in which they are stored, and events.k8s.io/v1.

The shapes name the same things differently; converting there and back loses nothing. Neither direction changes the
object it is given.
"""

from __future__ import annotations

from typing import Any, Final

JSON = dict[str, Any]

# events.k8s.io/v1 name -> core/v1 name, in the order in which events.k8s.io/v1 writes them
_NAMES: Final = {
    "eventTime": "eventTime",
    "series": "series",
    "reportingController": "reportingComponent",
    "reportingInstance": "reportingInstance",
    "action": "action",
    "reason": "reason",
    "regarding": "involvedObject",
    "related": "related",
    "note": "message",
    "type": "type",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
# In the order in which core/v1 writes them: name, what an absent one is written as (None: left out).
_CORE: Final = (
    ("involvedObject", "object"), ("reason", ""), ("message", ""), ("source", "object"), ("firstTimestamp", "null"),
    ("lastTimestamp", "null"), ("count", ""), ("type", ""), ("eventTime", "null"), ("series", ""), ("action", ""),
    ("related", ""), ("reportingComponent", "text"), ("reportingInstance", "text"),
)  # fmt: skip
_ABSENT_IN_NEW: Final = {
    "eventTime": "null",
    "deprecatedSource": "object",
    "deprecatedFirstTimestamp": "null",
    "deprecatedLastTimestamp": "null",
}
_WRITTEN_AS: Final = {"object": dict, "text": str, "null": lambda: None}


class EventView:
    """How the events.k8s.io resource sees the store it shares with core events."""

    def to_storage(self, obj: JSON) -> JSON:
        """Convert an events.k8s.io/v1 Event to core/v1."""
        named = {_NAMES.get(name, name): value for name, value in obj.items()}
        made: JSON = {"kind": "Event", "apiVersion": "v1", "metadata": obj.get("metadata") or {}}
        for name, absent in _CORE:
            if name in named and named[name] is not None:
                made[name] = named[name]
            elif absent:
                made[name] = _WRITTEN_AS[absent]()
        return made

    def from_storage(self, obj: JSON) -> JSON:
        """Convert a core/v1 Event to events.k8s.io/v1."""
        made: JSON = {"kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": obj.get("metadata") or {}}
        for name, core in _NAMES.items():
            value = obj.get(core)
            absent = _ABSENT_IN_NEW.get(name)
            if value or (absent == "null" and value is not None):
                made[name] = value
            elif absent:
                made[name] = _WRITTEN_AS[absent]()
        return made
