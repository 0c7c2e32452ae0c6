"""The Scale kind, which the scale subresources speak."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, Default, Int32, api_type


@api_type("autoscaling.v1")
class ScaleSpec:
    """What is wanted of a scale."""

    replicas: Annotated[Int32, Default(0)] = 0
    """How many pods."""


@api_type("autoscaling.v1")
class ScaleStatus:
    """What is known of a scale."""

    replicas: Annotated[Int32, REQUIRED] = 0
    """How many pods there are."""
    selector: str = ""
    """Which pods are counted, as a label selector in text form."""


@api_type("autoscaling.v1")
class Scale:
    """The number of replicas of an object, for whoever scales it."""

    kind: str = "Scale"
    """The kind of this object."""
    api_version: str = "autoscaling/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ScaleSpec = field(default_factory=ScaleSpec)
    """What is wanted."""
    status: ScaleStatus = field(default_factory=ScaleStatus)
    """What is observed."""
