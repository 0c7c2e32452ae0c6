"""The Pod kind, and the template from which controllers make pods."""

from __future__ import annotations

from dataclasses import field

from podwright.api.core.podspec import PodSpec
from podwright.api.core.podstatus import PodStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import api_type


@api_type("core.v1")
class Pod:
    """A group of containers that run together on one node, with a network of their own."""

    kind: str = "Pod"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: PodSpec = field(default_factory=PodSpec)
    """What is wanted."""
    status: PodStatus = field(default_factory=PodStatus)
    """What is observed. Written by the system."""


@api_type("core.v1")
class PodTemplateSpec:
    """From what controllers make pods."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Labels and annotations of the pods."""
    spec: PodSpec = field(default_factory=PodSpec)
    """What is wanted of the pods."""
