"""Events of events.k8s.io are the core group's events under newer names; both groups share one store.

A field table and two loops. It must never drop a field it does not know.
"""

from __future__ import annotations

from typing import Any

from podwright.api.resources import find
from podwright.apiserver.registry.class_codec import ClassCodec

JSON = dict[str, Any]

# events.k8s.io/v1 -> v1
_FIELDS = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_BACK = {core: new for new, core in _FIELDS.items()}


class EventView:
    """Converts between the two forms."""

    storage = ClassCodec(find("events"))

    def to_storage(self, obj: JSON) -> JSON:
        """Convert to the core group's form."""
        return {_FIELDS.get(k, k): v for k, v in obj.items()} | {"apiVersion": "v1"}

    def from_storage(self, obj: JSON) -> JSON:
        """Convert to the newer form."""
        return {_BACK.get(k, k): v for k, v in obj.items()} | {"apiVersion": "events.k8s.io/v1"}

    def stored_field(self, field: str) -> str:
        """Translate the first name of the path; the older names are no fields here."""
        first, dot, rest = field.partition(".")
        return "" if first in _BACK else _FIELDS.get(first, first) + dot + rest
