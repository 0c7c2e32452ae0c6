"""Metrics that autoscalers go by: what to measure, what it should be, what it is."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.autoscaling.values import MetricSourceType, MetricTargetType
from podwright.api.core.values import ResourceName
from podwright.api.meta import LabelSelector
from podwright.api.modeling.fields import REQUIRED, Int32, Quantity, api_type


@api_type("autoscaling.v2")
class CrossVersionObjectReference:
    """An object that is scaled or measured, in whatever version it is read."""

    kind: Annotated[str, REQUIRED] = ""
    """The object's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The object's name."""
    api_version: str = ""
    """The group and version of the kind."""


@api_type("autoscaling.v2")
class MetricIdentifier:
    """The name of a metric, and which of its series."""

    name: Annotated[str, REQUIRED] = ""
    """The metric's name."""
    selector: LabelSelector | None = None
    """Labels of the series that count; none means all."""


@api_type("autoscaling.v2")
class MetricTarget:
    """What a metric should be."""

    type: Annotated[MetricTargetType, REQUIRED] = ""
    """Which of the others is given: Utilization, Value or AverageValue."""
    value: Quantity | None = None
    """The value as a whole."""
    average_value: Quantity | None = None
    """The value for each pod on average."""
    average_utilization: Int32 | None = None
    """The average over the pods in percent of what they request; for resources only."""


@api_type("autoscaling.v2")
class MetricValueStatus:
    """What a metric is."""

    value: Quantity | None = None
    """The value as a whole."""
    average_value: Quantity | None = None
    """The value for each pod on average."""
    average_utilization: Int32 | None = None
    """The average over the pods in percent of what they request."""


@api_type("autoscaling.v2")
class ObjectMetricSource:
    """A metric of one object, such as the requests an ingress sees."""

    described_object: Annotated[CrossVersionObjectReference, REQUIRED] = field(
        default_factory=CrossVersionObjectReference
    )
    """The object that is measured."""
    target: Annotated[MetricTarget, REQUIRED] = field(default_factory=MetricTarget)
    """What it should be."""
    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""


@api_type("autoscaling.v2")
class PodsMetricSource:
    """A metric that each pod has; pods are compared by their average."""

    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""
    target: Annotated[MetricTarget, REQUIRED] = field(default_factory=MetricTarget)
    """What it should be on average."""


@api_type("autoscaling.v2")
class ResourceMetricSource:
    """A resource that pods request, such as CPU."""

    name: Annotated[ResourceName, REQUIRED] = ""
    """The resource."""
    target: Annotated[MetricTarget, REQUIRED] = field(default_factory=MetricTarget)
    """What its use should be."""


@api_type("autoscaling.v2")
class ContainerResourceMetricSource:
    """A resource that one container of each pod requests."""

    name: Annotated[ResourceName, REQUIRED] = ""
    """The resource."""
    target: Annotated[MetricTarget, REQUIRED] = field(default_factory=MetricTarget)
    """What its use should be."""
    container: Annotated[str, REQUIRED] = ""
    """The container's name."""


@api_type("autoscaling.v2")
class ExternalMetricSource:
    """A metric of something outside of the cluster, such as the length of a queue."""

    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""
    target: Annotated[MetricTarget, REQUIRED] = field(default_factory=MetricTarget)
    """What it should be."""


@api_type("autoscaling.v2")
class MetricSpec:
    """One metric to go by. Just the field that its type names is given."""

    type: Annotated[MetricSourceType, REQUIRED] = ""
    """Which one: Object, Pods, Resource, ContainerResource or External."""
    object: ObjectMetricSource | None = None
    """A metric of one object."""
    pods: PodsMetricSource | None = None
    """A metric of each pod."""
    resource: ResourceMetricSource | None = None
    """A resource that the pods request."""
    container_resource: ContainerResourceMetricSource | None = None
    """A resource that one of their containers requests."""
    external: ExternalMetricSource | None = None
    """A metric from outside."""


@api_type("autoscaling.v2")
class ObjectMetricStatus:
    """The present value of a metric of one object."""

    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""
    current: Annotated[MetricValueStatus, REQUIRED] = field(default_factory=MetricValueStatus)
    """What it is."""
    described_object: Annotated[CrossVersionObjectReference, REQUIRED] = field(
        default_factory=CrossVersionObjectReference
    )
    """The object that is measured."""


@api_type("autoscaling.v2")
class PodsMetricStatus:
    """The present value of a metric that each pod has."""

    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""
    current: Annotated[MetricValueStatus, REQUIRED] = field(default_factory=MetricValueStatus)
    """What it is."""


@api_type("autoscaling.v2")
class ResourceMetricStatus:
    """The present use of a resource."""

    name: Annotated[ResourceName, REQUIRED] = ""
    """The resource."""
    current: Annotated[MetricValueStatus, REQUIRED] = field(default_factory=MetricValueStatus)
    """What its use is."""


@api_type("autoscaling.v2")
class ContainerResourceMetricStatus:
    """The present use of a resource by one container of each pod."""

    name: Annotated[ResourceName, REQUIRED] = ""
    """The resource."""
    current: Annotated[MetricValueStatus, REQUIRED] = field(default_factory=MetricValueStatus)
    """What its use is."""
    container: Annotated[str, REQUIRED] = ""
    """The container's name."""


@api_type("autoscaling.v2")
class ExternalMetricStatus:
    """The present value of a metric from outside."""

    metric: Annotated[MetricIdentifier, REQUIRED] = field(default_factory=MetricIdentifier)
    """What is measured."""
    current: Annotated[MetricValueStatus, REQUIRED] = field(default_factory=MetricValueStatus)
    """What it is."""


@api_type("autoscaling.v2")
class MetricStatus:
    """The present value of one metric. Just the field that its type names is given."""

    type: Annotated[MetricSourceType, REQUIRED] = ""
    """Which one: Object, Pods, Resource, ContainerResource or External."""
    object: ObjectMetricStatus | None = None
    """A metric of one object."""
    pods: PodsMetricStatus | None = None
    """A metric of each pod."""
    resource: ResourceMetricStatus | None = None
    """A resource that the pods request."""
    container_resource: ContainerResourceMetricStatus | None = None
    """A resource that one of their containers requests."""
    external: ExternalMetricStatus | None = None
    """A metric from outside."""
