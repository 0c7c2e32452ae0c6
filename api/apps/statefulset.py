"""The StatefulSet kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.apps.values import (
    PersistentVolumeClaimRetentionPolicyType,
    PodManagementPolicyType,
    StatefulSetConditionType,
    StatefulSetUpdateStrategyType,
)
from podwright.api.core.persistentvolumeclaim import PersistentVolumeClaim
from podwright.api.core.pod import PodTemplateSpec
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Int32, Int64, IntOrString, Time, api_type, merge_by


@api_type("apps.v1")
class RollingUpdateStatefulSetStrategy:
    """How far a rolling update goes, and how fast."""

    partition: Int32 | None = None
    """Pods with a lower ordinal keep the old template; the default is 0."""
    max_unavailable: IntOrString | None = None
    """How many pods may be missing meanwhile, as a number or percentage; not 0. The default is 1."""


@api_type("apps.v1")
class StatefulSetUpdateStrategy:
    """How old pods are replaced by new ones."""

    type: StatefulSetUpdateStrategyType = ""
    """RollingUpdate (the default) or OnDelete."""
    rolling_update: RollingUpdateStatefulSetStrategy | None = None
    """How, for RollingUpdate."""


@api_type("apps.v1")
class StatefulSetPersistentVolumeClaimRetentionPolicy:
    """What becomes of the claims that were made from templates."""

    when_deleted: PersistentVolumeClaimRetentionPolicyType = ""
    """When the set is deleted: Retain (the default) keeps them, Delete lets them go with the set."""
    when_scaled: PersistentVolumeClaimRetentionPolicyType = ""
    """When their pod is scaled away: Retain (the default) keeps them, Delete lets them go with the pod."""


@api_type("apps.v1")
class StatefulSetOrdinals:
    """The numbers in the pods' names."""

    start: Annotated[Int32, REQUIRED] = 0
    """The first number."""


@api_type("apps.v1")
class StatefulSetSpec:
    """What is wanted of a StatefulSet."""

    replicas: Int32 | None = None
    """How many pods; the default is 1."""
    selector: Annotated[LabelSelector | None, REQUIRED] = None
    """Which pods are its own. It must match the template's labels and cannot be changed."""
    template: Annotated[PodTemplateSpec, REQUIRED] = field(default_factory=PodTemplateSpec)
    """From what the pods are made; each is named after the set and its number. They are always restarted."""
    volume_claim_templates: Annotated[tuple[PersistentVolumeClaim, ...], ATOMIC] = ()
    """Claims made for each pod. Each replaces the template's volume of its name."""
    service_name: Annotated[str, ALWAYS] = ""
    """The Service that gives the pods their host names. It cannot be changed."""
    pod_management_policy: PodManagementPolicyType = ""
    """OrderedReady (the default) makes and removes one pod after the other, Parallel all at the same time."""
    update_strategy: StatefulSetUpdateStrategy = field(default_factory=StatefulSetUpdateStrategy)
    """The way of replacing pods when the template changes."""
    revision_history_limit: Int32 | None = None
    """How many old revisions are kept to roll back to; the default is 10."""
    min_ready_seconds: Int32 = 0
    """How long a pod must have been ready to count as available, in seconds."""
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = None
    """What becomes of the claims when pods or the set go."""
    ordinals: StatefulSetOrdinals | None = None
    """The numbers in the pods' names; they begin at 0 without it."""


@api_type("apps.v1")
class StatefulSetCondition:
    """One observed aspect of a StatefulSet."""

    type: Annotated[StatefulSetConditionType, REQUIRED] = ""
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
class StatefulSetStatus:
    """What is known of a StatefulSet."""

    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    replicas: Annotated[Int32, REQUIRED] = 0
    """How many pods there are."""
    ready_replicas: Int32 = 0
    """How many of them are ready."""
    current_replicas: Int32 = 0
    """How many of them have the template of currentRevision."""
    updated_replicas: Int32 = 0
    """How many of them have the template of updateRevision."""
    current_revision: str = ""
    """The revision that pods had before the update; those with the lowest numbers have it the longest."""
    update_revision: str = ""
    """The revision that pods are updated to."""
    collision_count: Int32 | None = None
    """How often a name for a new revision was already taken."""
    conditions: Annotated[tuple[StatefulSetCondition, ...], merge_by("type")] = ()
    """The observed aspects."""
    available_replicas: Annotated[Int32, ALWAYS] = 0
    """How many of them have been ready for minReadySeconds."""


@api_type("apps.v1")
class StatefulSet:
    """Keeps pods running that each have a lasting name and lasting storage."""

    kind: str = "StatefulSet"
    """The kind of this object."""
    api_version: str = "apps/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: StatefulSetSpec = field(default_factory=StatefulSetSpec)
    """What is wanted."""
    status: StatefulSetStatus = field(default_factory=StatefulSetStatus)
    """What is observed. Written by the system."""
