"""The named strings of the autoscaling group, with the values they may take."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

HorizontalPodAutoscalerConditionType = Annotated[str, named("v2.HorizontalPodAutoscalerConditionType")]
HPAScalingPolicyType = Annotated[str, named("v2.HPAScalingPolicyType")]
MetricSourceType = Annotated[str, named("v2.MetricSourceType")]
MetricTargetType = Annotated[str, named("v2.MetricTargetType")]
ScalingPolicySelect = Annotated[str, named("v2.ScalingPolicySelect")]
