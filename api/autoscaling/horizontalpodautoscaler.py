"""The HorizontalPodAutoscaler kind, version 2: any metrics, and how fast to follow them."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.autoscaling.metrics import CrossVersionObjectReference, MetricSpec, MetricStatus
from podwright.api.autoscaling.values import (
    HorizontalPodAutoscalerConditionType,
    HPAScalingPolicyType,
    ScalingPolicySelect,
)
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    REQUIRED,
    Int32,
    Int64,
    Quantity,
    Time,
    api_type,
    merge_by,
)


@api_type("autoscaling.v2")
class HPAScalingPolicy:
    """The most that may change within a time."""

    type: Annotated[HPAScalingPolicyType, REQUIRED] = ""
    """Whether the value counts Pods or Percent of them."""
    value: Annotated[Int32, REQUIRED] = 0
    """The most that may change; more than zero."""
    period_seconds: Annotated[Int32, REQUIRED] = 0
    """The time it is counted over, in seconds; at most 1800."""


@api_type("autoscaling.v2")
class HPAScalingRules:
    """How metrics are followed in one direction."""

    stabilization_window_seconds: Int32 | None = None
    """How far to look back for steadier advice, in seconds, at most 3600; the default is 0 upwards, 300 downwards."""
    select_policy: ScalingPolicySelect | None = None
    """Which policy holds where they differ: Max (the default), Min, or Disabled for none at all."""
    policies: Annotated[tuple[HPAScalingPolicy, ...], ATOMIC] = ()
    """How much may change in what time; the default is 4 pods or all of them in 15 seconds."""
    tolerance: Quantity | None = None
    """How far a metric may be off before anything changes, as a part of it; the default is a tenth."""


@api_type("autoscaling.v2")
class HorizontalPodAutoscalerBehavior:
    """How metrics are followed, up and down."""

    scale_up: HPAScalingRules | None = None
    """How replicas are added."""
    scale_down: HPAScalingRules | None = None
    """How replicas are taken away."""


@api_type("autoscaling.v2")
class HorizontalPodAutoscalerSpec:
    """What is wanted of an autoscaler."""

    scale_target_ref: Annotated[CrossVersionObjectReference, REQUIRED] = field(
        default_factory=CrossVersionObjectReference
    )
    """What is scaled, through its scale subresource."""
    min_replicas: Int32 | None = None
    """The fewest replicas there may be; the default is 1."""
    max_replicas: Annotated[Int32, REQUIRED] = 0
    """The most replicas there may be; not less than minReplicas."""
    metrics: Annotated[tuple[MetricSpec, ...], ATOMIC] = ()
    """What to go by; the metric that asks for the most replicas wins. The default is 80% of the CPU requested."""
    behavior: HorizontalPodAutoscalerBehavior | None = None
    """How fast to follow the metrics."""


@api_type("autoscaling.v2")
class HorizontalPodAutoscalerCondition:
    """One observed aspect of an autoscaler."""

    type: Annotated[HorizontalPodAutoscalerConditionType, REQUIRED] = ""
    """The aspect: AbleToScale, ScalingActive or ScalingLimited."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""
    observed_generation: Int64 | None = None
    """The generation of the spec this is based on."""


@api_type("autoscaling.v2")
class HorizontalPodAutoscalerStatus:
    """What is known of an autoscaler."""

    observed_generation: Int64 | None = None
    """The generation of the spec this is based on."""
    last_scale_time: Time | None = None
    """When the number of replicas was last changed."""
    current_replicas: Int32 = 0
    """How many replicas were last seen."""
    desired_replicas: Annotated[Int32, REQUIRED] = 0
    """How many replicas were last found right."""
    current_metrics: Annotated[tuple[MetricStatus, ...] | None, ATOMIC, ALWAYS] = None
    """What the metrics were last seen to be."""
    conditions: Annotated[tuple[HorizontalPodAutoscalerCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("autoscaling.v2")
class HorizontalPodAutoscaler:
    """Changes the number of an object's replicas so that its metrics are what they should be."""

    kind: str = "HorizontalPodAutoscaler"
    """The kind of this object."""
    api_version: str = "autoscaling/v2"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    """What is wanted."""
    status: HorizontalPodAutoscalerStatus = field(default_factory=HorizontalPodAutoscalerStatus)
    """What is observed. Written by the system."""
