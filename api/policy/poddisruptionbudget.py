"""The PodDisruptionBudget kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import Condition, LabelSelector, ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    EMPTY,
    REPLACE,
    Int32,
    Int64,
    IntOrString,
    Map,
    Time,
    api_type,
    merge_by,
    named,
)

UnhealthyPodEvictionPolicyType = Annotated[
    str, named("v1.UnhealthyPodEvictionPolicyType", "AlwaysAllow", "IfHealthyBudget")
]


@api_type("policy.v1")
class PodDisruptionBudgetSpec:
    """How many of some pods may be missing on purpose."""

    min_available: IntOrString | None = None
    """How many selected pods must stay healthy when one is evicted, as a number or percentage."""
    selector: Annotated[LabelSelector | None, REPLACE] = None
    """Which pods of the namespace are protected. An empty selector takes all of them, none at all takes none."""
    max_unavailable: IntOrString | None = None
    """How many selected pods may be missing after an eviction, as a number or percentage. Excludes minAvailable."""
    unhealthy_pod_eviction_policy: UnhealthyPodEvictionPolicyType | None = None
    """When running pods that are not ready may be evicted: IfHealthyBudget (the default) or AlwaysAllow."""


@api_type("policy.v1")
class PodDisruptionBudgetStatus:
    """What is known of a budget."""

    observed_generation: Int64 = 0
    """The generation of the spec this is based on; the numbers mean nothing for a newer one."""
    disrupted_pods: Map[str, Time | None] = EMPTY
    """Pods whose eviction was granted and that have not been seen to end yet, with the time of granting."""
    disruptions_allowed: Annotated[Int32, ALWAYS] = 0
    """How many pods may be evicted now."""
    current_healthy: Annotated[Int32, ALWAYS] = 0
    """How many selected pods are healthy."""
    desired_healthy: Annotated[Int32, ALWAYS] = 0
    """How many selected pods must be healthy."""
    expected_pods: Annotated[Int32, ALWAYS] = 0
    """How many pods the budget counts on, from the scale of their controllers."""
    conditions: Annotated[tuple[Condition, ...], merge_by("type")] = ()
    """The observed aspects. DisruptionAllowed tells whether a pod may be evicted."""


@api_type("policy.v1")
class PodDisruptionBudget:
    """Limits how many of some pods may be evicted at the same time."""

    kind: str = "PodDisruptionBudget"
    """The kind of this object."""
    api_version: str = "policy/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: PodDisruptionBudgetSpec = field(default_factory=PodDisruptionBudgetSpec)
    """What is wanted."""
    status: PodDisruptionBudgetStatus = field(default_factory=PodDisruptionBudgetStatus)
    """What is observed. Written by the system."""
