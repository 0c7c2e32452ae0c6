"""The Eviction kind, which the eviction subresource of pods takes."""

from __future__ import annotations

from dataclasses import field

from podwright.api.meta import DeleteOptions, ObjectMeta
from podwright.api.modeling.fields import api_type


@api_type("policy.v1")
class Eviction:
    """Asks for a pod to be removed, as far as its disruption budgets allow."""

    kind: str = "Eviction"
    """The kind of this object."""
    api_version: str = "policy/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    delete_options: DeleteOptions | None = None
    """How to delete it."""
