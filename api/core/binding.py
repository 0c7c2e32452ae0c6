"""The Binding kind, which the scheduler posts to bind a pod to a node."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.references import ObjectReference
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, api_type


@api_type("core.v1")
class Binding:
    """Binds a pod to a node."""

    kind: str = "Binding"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    target: Annotated[ObjectReference, REQUIRED] = field(default_factory=ObjectReference)
    """The node."""
