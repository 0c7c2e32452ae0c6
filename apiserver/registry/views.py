"""Which view converts which row that shares another row's store.

Views are imported on first use. A row without one of its own differs from the stored row in its apiVersion alone. It
must never know a kind's fields itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from podwright.api.resources import Resource
from podwright.apiserver.registry.decoding import Codec
from podwright.apiserver.registry.endpoint import View

JSON = dict[str, Any]

_VIEWS: dict[str, str] = {
    "events.v1.events.k8s.io": "event_view:EventView",
    "horizontalpodautoscalers.v1.autoscaling": "autoscaler_view:AutoscalerView",
}
"""`Resource.versioned` -> "module:Class" below this package."""


@dataclass(frozen=True, slots=True)
class SameForm:
    """Two versions whose objects differ in nothing but the version."""

    storage: Codec
    shown: Resource

    def to_storage(self, obj: JSON) -> JSON:
        """Convert to the stored version."""
        return {**obj, "apiVersion": self.storage.resource.api_version}

    def from_storage(self, obj: JSON) -> JSON:
        """Convert to the version shown."""
        return {**obj, "apiVersion": self.shown.api_version}

    def stored_field(self, field: str) -> str:
        """Fields are called the same."""
        return field


def view_for(row: Resource, stored: Codec) -> View:
    """The view through which `row` sees the objects of `stored`."""
    where = _VIEWS.get(row.versioned)
    if where is None:
        return SameForm(stored, row)
    module, _, name = where.partition(":")
    return getattr(import_module(f"podwright.apiserver.registry.{module}"), name)()
