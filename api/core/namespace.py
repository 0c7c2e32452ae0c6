"""The Namespace kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import ConditionStatus, FinalizerName, NamespaceConditionType, NamespacePhase
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Time, api_type, merge_by


@api_type("core.v1")
class NamespaceSpec:
    """What is wanted of a namespace."""

    finalizers: Annotated[tuple[FinalizerName, ...], ATOMIC] = ()
    """Who must act before the namespace is removed for good."""


@api_type("core.v1")
class NamespaceCondition:
    """One observed aspect of a namespace's removal."""

    type: Annotated[NamespaceConditionType, REQUIRED] = ""
    """The aspect."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class NamespaceStatus:
    """What is known of a namespace."""

    phase: NamespacePhase = ""
    """Active, or Terminating while its content is removed."""
    conditions: Annotated[tuple[NamespaceCondition, ...], merge_by("type")] = ()
    """What stands in the way of its removal."""


@api_type("core.v1")
class Namespace:
    """A scope for names: most objects live in exactly one."""

    kind: str = "Namespace"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: NamespaceSpec = field(default_factory=NamespaceSpec)
    """What is wanted."""
    status: NamespaceStatus = field(default_factory=NamespaceStatus)
    """What is observed. Written by the system."""
