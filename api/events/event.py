"""The Event kind of events.k8s.io: the core group's Event under newer names."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.event import EventSource
from podwright.api.core.references import ObjectReference
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, MicroTime, Time, api_type


@api_type("events.v1")
class EventSeries:
    """A row of events of one kind."""

    count: Annotated[Int32, REQUIRED] = 0
    """How many there were."""
    last_observed_time: Annotated[MicroTime | None, REQUIRED] = None
    """When the last one was seen."""


@api_type("events.v1")
class Event:
    """Something that happened to an object. Events are kept for a limited time only."""

    kind: str = "Event"
    """The kind of this object."""
    api_version: str = "events.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    event_time: Annotated[MicroTime | None, REQUIRED] = None
    """When it happened first, to the microsecond."""
    series: EventSeries | None = None
    """The row of events it stands for."""
    reporting_controller: str = ""
    """The controller that reported it."""
    reporting_instance: str = ""
    """The instance of the controller."""
    action: str = ""
    """What was done or tried."""
    reason: str = ""
    """A word that says why it was done."""
    regarding: ObjectReference = field(default_factory=ObjectReference)
    """The object it is about."""
    related: ObjectReference | None = None
    """A second object that has to do with it."""
    note: str = ""
    """A sentence that says what happened."""
    type: str = ""
    """Normal or Warning."""
    deprecated_source: EventSource = field(default_factory=EventSource)
    """Who reported it, in the old form."""
    deprecated_first_timestamp: Annotated[Time | None, ALWAYS] = None
    """When it happened first, in the old form."""
    deprecated_last_timestamp: Annotated[Time | None, ALWAYS] = None
    """When it happened last, in the old form."""
    deprecated_count: Int32 = 0
    """How often it happened, in the old form."""
