"""The ConfigMap kind."""

from __future__ import annotations

from dataclasses import field

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import EMPTY, Bytes, Map, api_type


@api_type("core.v1")
class ConfigMap:
    """Configuration for pods to use."""

    kind: str = "ConfigMap"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    immutable: bool | None = None
    """Whether the content can never be changed again."""
    data: Map[str, str] = EMPTY
    """The content as text."""
    binary_data: Map[str, Bytes] = EMPTY
    """The content that is not text, in base64."""
