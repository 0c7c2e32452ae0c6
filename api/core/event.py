"""The Event kind of the core group; events.k8s.io shows the same objects in a newer shape."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import ObjectReference
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, MicroTime, Time, api_type


@api_type("core.v1")
class EventSource:
    """Who reported an event."""

    component: str = ""
    """The component's name."""
    host: str = ""
    """The node it runs on."""


@api_type("core.v1")
class EventSeries:
    """A row of events of one kind."""

    count: Int32 = 0
    """How many there were."""
    last_observed_time: Annotated[MicroTime | None, ALWAYS] = None
    """When the last one was seen."""


@api_type("core.v1")
class Event:
    """Something that happened to an object. Events are kept for a limited time only."""

    kind: str = "Event"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: Annotated[ObjectMeta, REQUIRED] = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    involved_object: Annotated[ObjectReference, REQUIRED] = field(default_factory=ObjectReference)
    """The object it happened to."""
    reason: str = ""
    """A word that says what happened."""
    message: str = ""
    """A sentence that says what happened."""
    source: EventSource = field(default_factory=EventSource)
    """Who reported it."""
    first_timestamp: Annotated[Time | None, ALWAYS] = None
    """When it happened first."""
    last_timestamp: Annotated[Time | None, ALWAYS] = None
    """When it happened last."""
    count: Int32 = 0
    """How often it happened."""
    type: str = ""
    """Normal or Warning."""
    event_time: Annotated[MicroTime | None, ALWAYS] = None
    """When it happened first, to the microsecond."""
    series: EventSeries | None = None
    """The row of events it stands for."""
    action: str = ""
    """What was done or tried."""
    related: ObjectReference | None = None
    """A second object that has to do with it."""
    reporting_component: Annotated[str, ALWAYS] = ""
    """The controller that reported it."""
    reporting_instance: Annotated[str, ALWAYS] = ""
    """The instance of the controller."""
