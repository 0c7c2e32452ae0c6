"""The DaemonSet kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.apps.values import DaemonSetConditionType, DaemonSetUpdateStrategyType
from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, Int64, IntOrString, Time, api_type, merge_by


@api_type("apps.v1")
class RollingUpdateDaemonSet:
    """How fast a rolling update goes."""

    max_unavailable: IntOrString | None = None
    """On how many nodes the pod may be missing meanwhile, as a number or percentage; the default is 1."""
    max_surge: IntOrString | None = None
    """On how many nodes a new pod may run beside the old one, as a number or percentage; the default is 0."""


@api_type("apps.v1")
class DaemonSetUpdateStrategy:
    """How old pods are replaced by new ones."""

    type: DaemonSetUpdateStrategyType = ""
    """RollingUpdate (the default) or OnDelete."""
    rolling_update: RollingUpdateDaemonSet | None = None
    """How fast, for RollingUpdate."""


@api_type("apps.v1")
class DaemonSetSpec:
    """What is wanted of a DaemonSet."""

    selector: Annotated[LabelSelector | None, REQUIRED] = None
    """Which pods are its own. It must match the template's labels and cannot be changed."""
    template: Annotated[PodTemplateSpec, REQUIRED] = field(default_factory=PodTemplateSpec)
    """From what the pods are made. One runs on every node that the template's placement allows."""
    update_strategy: DaemonSetUpdateStrategy = field(default_factory=DaemonSetUpdateStrategy)
    """The way of replacing pods, and its pace."""
    min_ready_seconds: Int32 = 0
    """How long a pod must have been ready to count as available, in seconds."""
    revision_history_limit: Int32 | None = None
    """How many old revisions are kept to roll back to; the default is 10."""


@api_type("apps.v1")
class DaemonSetCondition:
    """One observed aspect of a DaemonSet."""

    type: Annotated[DaemonSetConditionType, REQUIRED] = ""
    """The aspect."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("apps.v1")
class DaemonSetStatus:
    """What is known of a DaemonSet."""

    current_number_scheduled: Annotated[Int32, REQUIRED] = 0
    """How many of the nodes that should run the pod do."""
    number_misscheduled: Annotated[Int32, REQUIRED] = 0
    """How many nodes run the pod though they should not."""
    desired_number_scheduled: Annotated[Int32, REQUIRED] = 0
    """How many nodes should run the pod."""
    number_ready: Annotated[Int32, REQUIRED] = 0
    """On how many of them the pod is ready."""
    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    updated_number_scheduled: Int32 = 0
    """On how many of them the pod has the current template."""
    number_available: Int32 = 0
    """On how many of them the pod has been ready for minReadySeconds."""
    number_unavailable: Int32 = 0
    """On how many of them it has not."""
    collision_count: Int32 | None = None
    """How often a name for a new revision was already taken."""
    conditions: Annotated[tuple[DaemonSetCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("apps.v1")
class DaemonSet:
    """Keeps one pod running on every node, or on every node of some kind."""

    kind: str = "DaemonSet"
    """The kind of this object."""
    api_version: str = "apps/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: DaemonSetSpec = field(default_factory=DaemonSetSpec)
    """What is wanted."""
    status: DaemonSetStatus = field(default_factory=DaemonSetStatus)
    """What is observed. Written by the system."""
