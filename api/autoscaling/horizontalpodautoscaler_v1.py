"""The HorizontalPodAutoscaler kind as version 1 shows it: CPU alone. The rest is kept in annotations."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, Int32, Int64, Time, Wire, api_type


@api_type("autoscaling.v1", atomic=True)
class CrossVersionObjectReference:
    """An object that is scaled, in whatever version it is read."""

    kind: Annotated[str, REQUIRED] = ""
    """The object's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The object's name."""
    api_version: str = ""
    """The group and version of the kind."""


@api_type("autoscaling.v1")
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
    target_cpu_utilization_percentage: Annotated[Int32 | None, Wire("targetCPUUtilizationPercentage")] = None
    """How busy the pods should be on average, in percent of the CPU they request."""


@api_type("autoscaling.v1")
class HorizontalPodAutoscalerStatus:
    """What is known of an autoscaler."""

    observed_generation: Int64 | None = None
    """The generation of the spec this is based on."""
    last_scale_time: Time | None = None
    """When the number of replicas was last changed."""
    current_replicas: Annotated[Int32, REQUIRED] = 0
    """How many replicas were last seen."""
    desired_replicas: Annotated[Int32, REQUIRED] = 0
    """How many replicas were last found right."""
    current_cpu_utilization_percentage: Annotated[Int32 | None, Wire("currentCPUUtilizationPercentage")] = None
    """How busy the pods are on average, in percent of the CPU they request."""


@api_type("autoscaling.v1")
class HorizontalPodAutoscaler:
    """Changes the number of an object's replicas so that its pods are as busy as they should be."""

    kind: str = "HorizontalPodAutoscaler"
    """The kind of this object."""
    api_version: str = "autoscaling/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    """What is wanted."""
    status: HorizontalPodAutoscalerStatus = field(default_factory=HorizontalPodAutoscalerStatus)
    """What is observed. Written by the system."""
