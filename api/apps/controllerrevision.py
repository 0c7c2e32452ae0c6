"""The ControllerRevision kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int64, RawObject, api_type


@api_type("apps.v1")
class ControllerRevision:
    """A state that a StatefulSet or DaemonSet once had, kept so that it can be gone back to. It never changes."""

    kind: str = "ControllerRevision"
    """The kind of this object."""
    api_version: str = "apps/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    data: Annotated[RawObject | None, ALWAYS] = None
    """The state, in a form that its owner knows."""
    revision: Annotated[Int64, REQUIRED] = 0
    """Which state in a row this is."""
