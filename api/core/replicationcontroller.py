"""The ReplicationController kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus, ReplicationControllerConditionType
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC_MAP,
    EMPTY,
    REQUIRED,
    Default,
    Int32,
    Int64,
    Map,
    Time,
    api_type,
    merge_by,
)


@api_type("core.v1")
class ReplicationControllerSpec:
    """What is wanted of a ReplicationController."""

    replicas: Annotated[Int32 | None, Default(1)] = None
    """How many pods; the default is 1."""
    min_ready_seconds: Annotated[Int32, Default(0)] = 0
    """How long a pod must have been ready to count as available, in seconds."""
    selector: Annotated[Map[str, str], ATOMIC_MAP] = EMPTY
    """Labels that all of its pods have; the default is the template's labels."""
    template: PodTemplateSpec | None = None
    """From what the pods are made. Its restart policy can only be Always."""


@api_type("core.v1")
class ReplicationControllerCondition:
    """One observed aspect of a ReplicationController."""

    type: Annotated[ReplicationControllerConditionType, REQUIRED] = ""
    """The aspect: ReplicaFailure."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("core.v1")
class ReplicationControllerStatus:
    """What is known of a ReplicationController."""

    replicas: Annotated[Int32, REQUIRED] = 0
    """How many pods there are."""
    fully_labeled_replicas: Int32 = 0
    """How many of them have all the template's labels."""
    ready_replicas: Int32 = 0
    """How many of them are ready."""
    available_replicas: Int32 = 0
    """How many of them have been ready for minReadySeconds."""
    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    conditions: Annotated[tuple[ReplicationControllerCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("core.v1")
class ReplicationController:
    """Keeps a number of like pods running; ReplicaSets, with richer selectors, have taken its place."""

    kind: str = "ReplicationController"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata. Without labels of its own it gets the template's."""
    spec: ReplicationControllerSpec = field(default_factory=ReplicationControllerSpec)
    """What is wanted."""
    status: ReplicationControllerStatus = field(default_factory=ReplicationControllerStatus)
    """What is observed. Written by the system."""
