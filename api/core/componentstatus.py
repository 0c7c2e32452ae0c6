"""The ComponentStatus kind: how the parts of the control plane are."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import ConditionStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, api_type, merge_by, named

ComponentConditionType = Annotated[str, named("v1.ComponentConditionType")]


@api_type("core.v1")
class ComponentCondition:
    """One aspect of a part."""

    type: Annotated[ComponentConditionType, REQUIRED] = ""
    """The aspect: Healthy."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    message: str = ""
    """What is known."""
    error: str = ""
    """What went wrong when it was looked at."""


@api_type("core.v1")
class ComponentStatus:
    """How a part of the control plane is, as this server knows it. Deprecated: ask the part itself."""

    kind: str = "ComponentStatus"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    conditions: Annotated[tuple[ComponentCondition, ...], merge_by("type")] = ()
    """The observed aspects."""
