"""The named strings of the batch group, with the values they may take."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

CompletionMode = Annotated[str, named("v1.CompletionMode", "NonIndexed", "Indexed")]
ConcurrencyPolicy = Annotated[str, named("v1.ConcurrencyPolicy", "Allow", "Forbid", "Replace")]
JobConditionType = Annotated[str, named("v1.JobConditionType")]
PodFailurePolicyAction = Annotated[str, named("v1.PodFailurePolicyAction", "FailJob", "FailIndex", "Ignore", "Count")]
PodFailurePolicyOnExitCodesOperator = Annotated[str, named("v1.PodFailurePolicyOnExitCodesOperator", "In", "NotIn")]
PodReplacementPolicy = Annotated[str, named("v1.PodReplacementPolicy", "TerminatingOrFailed", "Failed")]
