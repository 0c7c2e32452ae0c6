"""The PodTemplate kind."""

from __future__ import annotations

from dataclasses import field

from podwright.api.core.pod import PodTemplateSpec
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import api_type


@api_type("core.v1")
class PodTemplate:
    """A template of pods that is kept for others to use; nothing runs because of it."""

    kind: str = "PodTemplate"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    template: PodTemplateSpec = field(default_factory=PodTemplateSpec)
    """The template itself."""
