"""The rules of Events in both API groups: old ones are taken nearly as they come, new ones must be complete."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.registry.event_view import EventView
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_LIMITS = (("reportingInstance", 128), ("action", 128), ("reason", 128))
_MESSAGE_LIMIT = 1024
_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_MISMATCH = "does not match event.namespace"
_UNSET = (("firstTimestamp", None), ("lastTimestamp", None), ("count", None))
# In the order in which they are reported; core/v1 names (reporting component and instance are named alike elsewhere).
_FIXED = ("involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type",
          "eventTime", "action", "related", "reportingComponent", "reportingInstance")  # fmt: skip


class CoreEventStrategy(Strategy):
    """Events of the core group."""

    allow_create_on_update: ClassVar[bool] = True
    default_propagation: ClassVar[str] = ""
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = {
        **path_getters(*(f"involvedObject.{name}" for name in _REFERENCE), "reason", "reportingComponent", "type"),
        "source": lambda event: (event.get("source") or {}).get("component") or event.get("reportingComponent") or "",
    }

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new event."""
        return _basics(obj, "reportingComponent")

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed event; anything may change."""
        return _basics(obj, "reportingComponent")


class EventStrategy(Strategy):
    """Events of events.k8s.io: complete, and fixed but for their series."""

    allow_create_on_update: ClassVar[bool] = True
    default_propagation: ClassVar[str] = ""
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = path_getters(
        *(f"regarding.{name}" for name in _REFERENCE), "reason", "reportingController", "type"
    )

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new event."""
        event = EventView().to_storage(obj)
        errors = [*_basics(event, "reportingController"), *_series(event)]
        if event.get("eventTime") is None:
            errors.append(field_errors.required("eventTime"))
        kind = event.get("type") or ""
        if kind not in {"Normal", "Warning"}:
            errors.append(field_errors.invalid("type", "", f"has invalid value: {kind}"))
        errors.extend(field_errors.invalid(name, "", "needs to be unset") for name, _ in _UNSET if event.get(name))
        source: JSON = event.get("source") or {}
        if source.get("component") or source.get("host"):
            errors.append(field_errors.invalid("source", "", "needs to be unset"))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed event."""
        view = EventView()
        event, before = view.to_storage(obj), view.to_storage(old)
        errors = _basics(event, "reportingController")
        errors += meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        if event.get("series") != before.get("series"):
            errors += _series(event)
        for name in _FIXED:
            value = event.get(name)
            if value != before.get(name):
                shown = "reportingController" if name == "reportingComponent" else name
                errors.append(field_errors.invalid(shown, value, "field is immutable"))
        return errors


def _basics(event: JSON, controller_field: str) -> Errors:
    """Check what any event must have; `event` is in the core shape."""
    errors: Errors = []
    namespace = event["metadata"].get("namespace") or ""
    about = (event.get("involvedObject") or {}).get("namespace") or ""
    where = "involvedObject.namespace"
    if event.get("eventTime") is None:
        wanted = (namespace,) if about else ("", "default")
        if (about and about != namespace) or (not about and namespace not in wanted):
            errors.append(field_errors.invalid(where, about, _MISMATCH))
    else:
        if not about and namespace not in {"default", "kube-system"}:
            errors.append(field_errors.invalid(where, about, _MISMATCH))
        controller = event.get("reportingComponent") or ""
        if not controller:
            errors.append(field_errors.required(controller_field))
        formats.qualified_name(errors, controller_field, controller)
        for name, limit in _LIMITS:
            value = event.get(name) or ""
            if not value:
                errors.append(field_errors.required(name))
            if len(value.encode()) > limit:
                errors.append(field_errors.invalid(name, "", f"can have at most {limit} characters"))
        if len((event.get("message") or "").encode()) > _MESSAGE_LIMIT:
            errors.append(field_errors.invalid("message", "", f"can have at most {_MESSAGE_LIMIT} characters"))
    formats.complain(errors, "namespace", namespace, names.dns1123_subdomain(namespace))
    return errors


def _series(event: JSON) -> Errors:
    errors: Errors = []
    series = event.get("series")
    if series is not None:
        if (series.get("count") or 0) < 2:
            errors.append(field_errors.invalid("series.count", "", "should be at least 2"))
        if series.get("lastObservedTime") is None:
            errors.append(field_errors.required("series.lastObservedTime"))
    return errors
