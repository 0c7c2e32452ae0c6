"""The ValidatingAdmissionPolicy kind and its binding: rules as expressions that requests must fulfil."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.admissionregistration.matching import MatchCondition, MatchResources, ParamKind, ParamRef, Variable
from podwright.api.admissionregistration.values import FailurePolicyType, ValidationAction
from podwright.api.meta import Condition, ObjectMeta, StatusReason
from podwright.api.modeling.fields import ATOMIC, REQUIRED, SET, Int64, api_type, map_by, merge_by


@api_type("admissionregistration.v1")
class Validation:
    """A rule, and what is said to those who break it."""

    expression: Annotated[str, REQUIRED] = ""
    """A CEL expression that must be true."""
    message: str = ""
    """What is said when it is not; the default names the expression."""
    reason: StatusReason | None = None
    """The reason of the refusal: Forbidden, Invalid (the default) or RequestEntityTooLarge."""
    message_expression: str = ""
    """A CEL expression that makes the message."""


@api_type("admissionregistration.v1")
class AuditAnnotation:
    """Something the audit log is to know of a request."""

    key: Annotated[str, REQUIRED] = ""
    """The key, behind the policy's name and a slash."""
    value_expression: Annotated[str, REQUIRED] = ""
    """A CEL expression that makes the value; null leaves it out."""


@api_type("admissionregistration.v1")
class ValidatingAdmissionPolicySpec:
    """What a policy demands, and of which requests."""

    param_kind: ParamKind | None = None
    """The kind of its parameters, if it has any."""
    match_constraints: MatchResources | None = None
    """Which requests it is for."""
    validations: Annotated[tuple[Validation, ...], ATOMIC] = ()
    """The rules; all must be fulfilled."""
    failure_policy: FailurePolicyType | None = None
    """What an expression that fails means: Fail (the default) refuses the request, Ignore lets it pass."""
    audit_annotations: Annotated[tuple[AuditAnnotation, ...], ATOMIC] = ()
    """What the audit log is to know, at most 20."""
    match_conditions: Annotated[tuple[MatchCondition, ...], merge_by("name")] = ()
    """Further conditions on requests, at most 64; all must hold."""
    variables: Annotated[tuple[Variable, ...], merge_by("name")] = ()
    """Expressions that the others may use by name."""


@api_type("admissionregistration.v1")
class ExpressionWarning:
    """Something that looks wrong in an expression."""

    field_ref: Annotated[str, REQUIRED] = ""
    """The expression's field."""
    warning: Annotated[str, REQUIRED] = ""
    """What looks wrong."""


@api_type("admissionregistration.v1")
class TypeChecking:
    """What checking the expressions against the matched kinds found."""

    expression_warnings: Annotated[tuple[ExpressionWarning, ...], ATOMIC] = ()
    """The findings."""


@api_type("admissionregistration.v1")
class ValidatingAdmissionPolicyStatus:
    """What is known of a policy."""

    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""
    type_checking: TypeChecking | None = None
    """What checking the expressions found; none before they were checked."""
    conditions: Annotated[tuple[Condition, ...], map_by("type")] = ()
    """Observed aspects."""


@api_type("admissionregistration.v1")
class ValidatingAdmissionPolicy:
    """Rules that requests must fulfil. It acts through its bindings."""

    kind: str = "ValidatingAdmissionPolicy"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ValidatingAdmissionPolicySpec = field(default_factory=ValidatingAdmissionPolicySpec)
    """What is wanted."""
    status: ValidatingAdmissionPolicyStatus = field(default_factory=ValidatingAdmissionPolicyStatus)
    """What is observed. Written by the system."""


@api_type("admissionregistration.v1")
class ValidatingAdmissionPolicyBindingSpec:
    """Where a policy acts, how, and with which parameters."""

    policy_name: str = ""
    """The policy."""
    param_ref: ParamRef | None = None
    """The parameters, if the policy has any."""
    match_resources: MatchResources | None = None
    """Limits the policy to some of the requests it is for."""
    validation_actions: Annotated[tuple[ValidationAction, ...], SET] = ()
    """What happens when a rule is broken: Deny or Warn, and Audit."""


@api_type("admissionregistration.v1")
class ValidatingAdmissionPolicyBinding:
    """Puts a ValidatingAdmissionPolicy into force."""

    kind: str = "ValidatingAdmissionPolicyBinding"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ValidatingAdmissionPolicyBindingSpec = field(default_factory=ValidatingAdmissionPolicyBindingSpec)
    """What is wanted."""
