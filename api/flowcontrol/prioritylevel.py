"""The PriorityLevelConfiguration kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.flowcontrol.flowschema import ConditionStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, Int32, Time, api_type, merge_by, named

LimitResponseType = Annotated[str, named("v1.LimitResponseType")]
PriorityLevelEnablement = Annotated[str, named("v1.PriorityLevelEnablement")]
PriorityLevelConfigurationConditionType = Annotated[str, named("v1.PriorityLevelConfigurationConditionType")]


@api_type("flowcontrol.v1")
class QueuingConfiguration:
    """Queues for requests that cannot be served at once."""

    queues: Annotated[Int32, ALWAYS] = 0
    """How many queues there are; the default is 64."""
    hand_size: Annotated[Int32, ALWAYS] = 0
    """Among how many queues a flow's requests are spread; the default is 8."""
    queue_length_limit: Annotated[Int32, ALWAYS] = 0
    """How many requests a queue holds before more are refused; the default is 50."""


@api_type("flowcontrol.v1")
class LimitResponse:
    """What happens to requests that cannot be served at once."""

    type: Annotated[LimitResponseType, REQUIRED] = ""
    """Queue them, or Reject them."""
    queuing: QueuingConfiguration | None = None
    """The queues, for Queue."""


@api_type("flowcontrol.v1")
class LimitedPriorityLevelConfiguration:
    """A level whose requests share a part of the server's capacity."""

    nominal_concurrency_shares: Annotated[Int32 | None, ALWAYS] = None
    """The level's part of the capacity, in proportion to those of all levels; the default is 30."""
    limit_response: LimitResponse = field(default_factory=LimitResponse)
    """What happens to requests beyond the limit."""
    lendable_percent: Int32 | None = None
    """How many percent of its seats other levels may borrow; the default is 0."""
    borrowing_limit_percent: Int32 | None = None
    """How many seats it may borrow itself, in percent of its own; none is without limit."""


@api_type("flowcontrol.v1")
class ExemptPriorityLevelConfiguration:
    """A level whose requests never wait."""

    nominal_concurrency_shares: Int32 | None = None
    """The level's part of the capacity, which others may borrow; the default is 0."""
    lendable_percent: Int32 | None = None
    """How many percent of its seats other levels may borrow; the default is 0."""


@api_type("flowcontrol.v1")
class PriorityLevelConfigurationSpec:
    """How a level's requests are limited: by the one of the two that `type` names."""

    type: Annotated[PriorityLevelEnablement, REQUIRED] = ""
    """Limited, or Exempt for the level of that name."""
    limited: LimitedPriorityLevelConfiguration | None = None
    """The limits, for Limited."""
    exempt: ExemptPriorityLevelConfiguration | None = None
    """What is lent to others, for Exempt."""


@api_type("flowcontrol.v1")
class PriorityLevelConfigurationCondition:
    """One observed aspect of a priority level."""

    type: PriorityLevelConfigurationConditionType = ""
    """The aspect."""
    status: ConditionStatus = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("flowcontrol.v1")
class PriorityLevelConfigurationStatus:
    """What is known of a priority level."""

    conditions: Annotated[tuple[PriorityLevelConfigurationCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("flowcontrol.v1")
class PriorityLevelConfiguration:
    """How many requests of one priority the API serves at a time, and what becomes of more."""

    kind: str = "PriorityLevelConfiguration"
    """The kind of this object."""
    api_version: str = "flowcontrol.apiserver.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: PriorityLevelConfigurationSpec = field(default_factory=PriorityLevelConfigurationSpec)
    """What is wanted."""
    status: PriorityLevelConfigurationStatus = field(default_factory=PriorityLevelConfigurationStatus)
    """What is observed. Written by the system."""
