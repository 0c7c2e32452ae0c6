"""The PriorityClass kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import PreemptionPolicy
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, Int32, api_type


@api_type("scheduling.v1")
class PriorityClass:
    """A name for a priority of pods."""

    kind: str = "PriorityClass"
    """The kind of this object."""
    api_version: str = "scheduling.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    value: Annotated[Int32, ALWAYS] = 0
    """The priority; the higher goes first. It cannot be changed."""
    global_default: bool = False
    """Whether pods that name no class get this one."""
    description: str = ""
    """What it is meant for."""
    preemption_policy: PreemptionPolicy | None = None
    """Whether its pods may push out others: PreemptLowerPriority (the default) or Never."""
