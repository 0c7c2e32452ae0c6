"""The LimitRange kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import ResourceList
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, api_type, named

LimitType = Annotated[str, named("v1.LimitType")]


@api_type("core.v1")
class LimitRangeItem:
    """What one object of a type may ask for."""

    type: Annotated[LimitType, REQUIRED] = ""
    """What is limited: Pod, Container or PersistentVolumeClaim."""
    max: ResourceList = EMPTY
    """The most that may be asked for, per resource."""
    min: ResourceList = EMPTY
    """The least that may be asked for, per resource."""
    default: ResourceList = EMPTY
    """The limit of a container that gives none, per resource."""
    default_request: ResourceList = EMPTY
    """The request of a container that gives none, per resource."""
    max_limit_request_ratio: ResourceList = EMPTY
    """How many times the request a limit may be, per resource."""


@api_type("core.v1")
class LimitRangeSpec:
    """What objects of a namespace may ask for."""

    limits: Annotated[tuple[LimitRangeItem, ...], REQUIRED, ATOMIC] = ()
    """The limits, one entry for a type of object."""


@api_type("core.v1")
class LimitRange:
    """Bounds and defaults of what single pods, containers and volume claims of a namespace ask for."""

    kind: str = "LimitRange"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: LimitRangeSpec = field(default_factory=LimitRangeSpec)
    """The bounds and defaults."""
