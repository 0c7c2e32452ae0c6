"""The FlowSchema kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    REQUIRED,
    SET,
    Int32,
    Time,
    api_type,
    merge_by,
    named,
)

ConditionStatus = Annotated[str, named("v1.ConditionStatus")]
FlowDistinguisherMethodType = Annotated[str, named("v1.FlowDistinguisherMethodType")]
FlowSchemaConditionType = Annotated[str, named("v1.FlowSchemaConditionType")]
SubjectKind = Annotated[str, named("v1.SubjectKind")]


@api_type("flowcontrol.v1")
class PriorityLevelConfigurationReference:
    """The priority level of a flow schema's requests."""

    name: Annotated[str, REQUIRED] = ""
    """The name of the PriorityLevelConfiguration."""


@api_type("flowcontrol.v1")
class FlowDistinguisherMethod:
    """How matching requests are told apart into flows."""

    type: Annotated[FlowDistinguisherMethodType, REQUIRED] = ""
    """What makes a flow: ByUser or ByNamespace."""


@api_type("flowcontrol.v1")
class UserSubject:
    """Users by name."""

    name: Annotated[str, REQUIRED] = ""
    """The user's name, or * for every user."""


@api_type("flowcontrol.v1")
class GroupSubject:
    """Users by group."""

    name: Annotated[str, REQUIRED] = ""
    """The group's name, or * for every group."""


@api_type("flowcontrol.v1")
class ServiceAccountSubject:
    """Service accounts by name."""

    namespace: Annotated[str, REQUIRED] = ""
    """The account's namespace."""
    name: Annotated[str, REQUIRED] = ""
    """The account's name, or * for every account of the namespace."""


@api_type("flowcontrol.v1")
class Subject:
    """Who makes a request: the one of the three that `kind` names."""

    kind: Annotated[SubjectKind, REQUIRED] = ""
    """Which of the others is given: User, Group or ServiceAccount."""
    user: UserSubject | None = None
    """A user."""
    group: GroupSubject | None = None
    """A group of users."""
    service_account: ServiceAccountSubject | None = None
    """A service account."""


@api_type("flowcontrol.v1")
class ResourcePolicyRule:
    """Requests to resources. A request matches when all of its aspects are listed."""

    verbs: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """The verbs; * alone is every verb."""
    api_groups: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """The API groups; * alone is every group."""
    resources: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """The resources, with a subresource after a slash; * alone is every resource."""
    cluster_scope: bool = False
    """Whether requests that name no namespace match."""
    namespaces: Annotated[tuple[str, ...], ALWAYS, SET] = ()
    """The namespaces; * alone is every namespace. May be empty only with clusterScope."""


@api_type("flowcontrol.v1")
class NonResourcePolicyRule:
    """Requests to paths that are no resources."""

    verbs: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """The verbs; * alone is every verb."""
    non_resource_urls: Annotated[tuple[str, ...], REQUIRED, SET] = ()
    """The paths, each with a final /* for all below it; * alone is every path."""


@api_type("flowcontrol.v1")
class PolicyRulesWithSubjects:
    """Requests of some subjects. A request matches when one subject and one rule does."""

    subjects: Annotated[tuple[Subject, ...], REQUIRED, ATOMIC] = ()
    """Who makes the requests."""
    resource_rules: Annotated[tuple[ResourcePolicyRule, ...], ATOMIC] = ()
    """Which requests to resources match."""
    non_resource_rules: Annotated[tuple[NonResourcePolicyRule, ...], ATOMIC] = ()
    """Which requests to other paths match."""


@api_type("flowcontrol.v1")
class FlowSchemaSpec:
    """Which requests go to which priority level."""

    priority_level_configuration: Annotated[PriorityLevelConfigurationReference, REQUIRED] = field(
        default_factory=PriorityLevelConfigurationReference
    )
    """The priority level of matching requests."""
    matching_precedence: Annotated[Int32, ALWAYS] = 0
    """Which schema wins when several match: the lowest number, between 1 and 10000. The default is 1000."""
    distinguisher_method: FlowDistinguisherMethod | None = None
    """How flows are told apart; none makes all matching requests one flow."""
    rules: Annotated[tuple[PolicyRulesWithSubjects, ...], ATOMIC] = ()
    """Which requests match; without any rule, none does."""


@api_type("flowcontrol.v1")
class FlowSchemaCondition:
    """One observed aspect of a flow schema."""

    type: FlowSchemaConditionType = ""
    """The aspect; Dangling is a schema whose priority level does not exist."""
    status: ConditionStatus = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""


@api_type("flowcontrol.v1")
class FlowSchemaStatus:
    """What is known of a flow schema."""

    conditions: Annotated[tuple[FlowSchemaCondition, ...], merge_by("type")] = ()
    """The observed aspects."""


@api_type("flowcontrol.v1")
class FlowSchema:
    """Sorts requests to the API into flows and gives them a priority level."""

    kind: str = "FlowSchema"
    """The kind of this object."""
    api_version: str = "flowcontrol.apiserver.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: FlowSchemaSpec = field(default_factory=FlowSchemaSpec)
    """Which requests are meant, and where they go."""
    status: FlowSchemaStatus = field(default_factory=FlowSchemaStatus)
    """What is observed. Written by the system."""
