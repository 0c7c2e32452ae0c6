"""The ReplicaSet kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.apps.values import ReplicaSetConditionType
from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, Int64, Time, api_type, merge_by


@api_type("apps.v1")
class ReplicaSetSpec:
    """What is wanted of a ReplicaSet."""

    replicas: Int32 | None = None
    """How many pods; the default is 1."""
    min_ready_seconds: Int32 = 0
    """How long a pod must have been ready to count as available, in seconds."""
    selector: Annotated[LabelSelector | None, REQUIRED] = None
    """Which pods are its own. It must match the template's labels and cannot be changed."""
    template: PodTemplateSpec = field(default_factory=PodTemplateSpec)
    """From what the pods are made."""


@api_type("apps.v1")
class ReplicaSetCondition:
    """One observed aspect of a ReplicaSet."""

    type: Annotated[ReplicaSetConditionType, REQUIRED] = ""
    """The aspect: ReplicaFailure."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("apps.v1")
class ReplicaSetStatus:
    """What is known of a ReplicaSet."""

    replicas: Annotated[Int32, REQUIRED] = 0
    """How many pods there are."""
    fully_labeled_replicas: Int32 = 0
    """How many of them have all the template's labels."""
    ready_replicas: Int32 = 0
    """How many of them are ready."""
    available_replicas: Int32 = 0
    """How many of them have been ready for minReadySeconds."""
    terminating_replicas: Int32 | None = None
    """How many are on their way out."""
    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    conditions: Annotated[tuple[ReplicaSetCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("apps.v1")
class ReplicaSet:
    """Keeps a number of like pods running."""

    kind: str = "ReplicaSet"
    """The kind of this object."""
    api_version: str = "apps/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ReplicaSetSpec = field(default_factory=ReplicaSetSpec)
    """What is wanted."""
    status: ReplicaSetStatus = field(default_factory=ReplicaSetStatus)
    """What is observed. Written by the system."""
