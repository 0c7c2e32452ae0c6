"""When the end of a pod ends its Job: policies for failed pods and for enough successes."""

from __future__ import annotations

from typing import Annotated

from podwright.api.batch.values import PodFailurePolicyAction, PodFailurePolicyOnExitCodesOperator
from podwright.api.core.values import ConditionStatus, PodConditionType
from podwright.api.modeling.fields import ATOMIC, REQUIRED, REQUIRED_IF_KNOWN, SET, Int32, api_type


@api_type("batch.v1")
class PodFailurePolicyOnExitCodesRequirement:
    """Exit codes of containers that a rule looks for. A container that ended well never counts."""

    container_name: str | None = None
    """Only the container (or init container) of this name; none means any."""
    operator: Annotated[PodFailurePolicyOnExitCodesOperator, REQUIRED] = ""
    """In or NotIn: whether the code must be one of the values, or none of them."""
    values: Annotated[tuple[Int32, ...], SET, REQUIRED] = ()
    """The codes, in ascending order, each once, at most 255. With In, 0 cannot be among them."""


@api_type("batch.v1")
class PodFailurePolicyOnPodConditionsPattern:
    """A condition of the pod that a rule looks for."""

    type: Annotated[PodConditionType, REQUIRED] = ""
    """The condition's type."""
    status: Annotated[ConditionStatus, REQUIRED_IF_KNOWN] = ""
    """The status it must have; the default is True."""


@api_type("batch.v1")
class PodFailurePolicyRule:
    """What to do about a failed pod that fits. Either exit codes or conditions are looked at, not both."""

    action: Annotated[PodFailurePolicyAction, REQUIRED] = ""
    """FailJob ends the Job as failed, FailIndex gives up the pod's index, Ignore replaces the pod without counting
    it, and Count does as if there were no policy."""
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = None
    """Fits pods whose containers ended with certain codes."""
    on_pod_conditions: Annotated[tuple[PodFailurePolicyOnPodConditionsPattern, ...], ATOMIC] = ()
    """Fits pods with at least one of these conditions; at most 20."""


@api_type("batch.v1")
class PodFailurePolicy:
    """What failed pods mean for their Job."""

    rules: Annotated[tuple[PodFailurePolicyRule, ...], ATOMIC, REQUIRED] = ()
    """The rules, at most 20. The first that fits decides; where none does, the failure counts towards backoffLimit."""


@api_type("batch.v1")
class SuccessPolicyRule:
    """One way in which a Job has done enough."""

    succeeded_indexes: str | None = None
    """The indexes that must have succeeded, as in "1,3-5,7"; none means any."""
    succeeded_count: Int32 | None = None
    """How many of those indexes are enough; none means all."""


@api_type("batch.v1")
class SuccessPolicy:
    """When an indexed Job is done before all of its indexes have succeeded."""

    rules: Annotated[tuple[SuccessPolicyRule, ...], ATOMIC, REQUIRED] = ()
    """The rules, at most 20. The first that is met completes the Job; pods still running are then stopped."""
