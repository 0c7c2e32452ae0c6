"""The Deployment kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.apps.values import DeploymentConditionType, DeploymentStrategyType
from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, Int64, IntOrString, Merge, Time, api_type, merge_by


@api_type("apps.v1")
class RollingUpdateDeployment:
    """How fast a rolling update goes."""

    max_unavailable: IntOrString | None = None
    """How many pods may be missing meanwhile, as a number or percentage; the default is 25%."""
    max_surge: IntOrString | None = None
    """How many pods may be there in excess meanwhile, as a number or percentage; the default is 25%."""


@api_type("apps.v1")
class DeploymentStrategy:
    """How old pods are replaced by new ones."""

    type: DeploymentStrategyType = ""
    """RollingUpdate (the default) or Recreate."""
    rolling_update: RollingUpdateDeployment | None = None
    """How fast, for RollingUpdate."""


@api_type("apps.v1")
class DeploymentSpec:
    """What is wanted of a Deployment."""

    replicas: Int32 | None = None
    """How many pods; the default is 1."""
    selector: Annotated[LabelSelector | None, REQUIRED] = None
    """Which pods are its own. It must match the template's labels and cannot be changed."""
    template: Annotated[PodTemplateSpec, REQUIRED] = field(default_factory=PodTemplateSpec)
    """From what the pods are made."""
    strategy: Annotated[DeploymentStrategy, Merge(strategy=("retainKeys",))] = field(default_factory=DeploymentStrategy)
    """The way of replacing pods, and its pace."""
    min_ready_seconds: Int32 = 0
    """How long a pod must have been ready to count as available, in seconds."""
    revision_history_limit: Int32 | None = None
    """How many old ReplicaSets are kept to roll back to; the default is 10."""
    paused: bool = False
    """Whether changes of the template are held back."""
    progress_deadline_seconds: Int32 | None = None
    """After how many seconds without progress a rollout counts as failed; the default is 600."""


@api_type("apps.v1")
class DeploymentCondition:
    """One observed aspect of a Deployment."""

    type: Annotated[DeploymentConditionType, REQUIRED] = ""
    """The aspect: Available, Progressing or ReplicaFailure."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_update_time: Annotated[Time | None, ALWAYS] = None
    """When it was last written."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("apps.v1")
class DeploymentStatus:
    """What is known of a Deployment."""

    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    replicas: Int32 = 0
    """How many pods there are."""
    updated_replicas: Int32 = 0
    """How many of them have the current template."""
    ready_replicas: Int32 = 0
    """How many of them are ready."""
    available_replicas: Int32 = 0
    """How many of them have been ready for minReadySeconds."""
    unavailable_replicas: Int32 = 0
    """How many are missing to be fully available."""
    terminating_replicas: Int32 | None = None
    """How many are on their way out."""
    conditions: Annotated[tuple[DeploymentCondition, ...], merge_by("type")] = ()
    """The observed aspects."""
    collision_count: Int32 | None = None
    """How often a name for a new ReplicaSet was already taken."""


@api_type("apps.v1")
class Deployment:
    """Keeps a number of like pods running and replaces them step by step when their template changes."""

    kind: str = "Deployment"
    """The kind of this object."""
    api_version: str = "apps/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: DeploymentSpec = field(default_factory=DeploymentSpec)
    """What is wanted."""
    status: DeploymentStatus = field(default_factory=DeploymentStatus)
    """What is observed. Written by the system."""
