"""The MutatingAdmissionPolicy kind and its binding: changes of objects on their way, as expressions."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.admissionregistration.matching import MatchCondition, MatchResources, ParamKind, ParamRef, Variable
from podwright.api.admissionregistration.values import FailurePolicyType, PatchType, ReinvocationPolicyType
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type, merge_by


@api_type("admissionregistration.v1")
class ApplyConfiguration:
    """A change that is made as apply makes it."""

    expression: str = ""
    """A CEL expression that makes the fields to set, as `Object{...}`."""


@api_type("admissionregistration.v1")
class JSONPatch:
    """A change that is made by a JSON patch."""

    expression: str = ""
    """A CEL expression that makes the operations, as a list of `JSONPatch{...}`."""


@api_type("admissionregistration.v1")
class Mutation:
    """One change."""

    patch_type: Annotated[PatchType, REQUIRED] = ""
    """How it is made: ApplyConfiguration or JSONPatch."""
    apply_configuration: ApplyConfiguration | None = None
    """The change, if it is made as apply makes it."""
    json_patch: JSONPatch | None = None
    """The change, if it is made by a JSON patch."""


@api_type("admissionregistration.v1")
class MutatingAdmissionPolicySpec:
    """What a policy changes, and in which requests."""

    param_kind: ParamKind | None = None
    """The kind of its parameters, if it has any."""
    match_constraints: MatchResources | None = None
    """Which requests it is for."""
    variables: Annotated[tuple[Variable, ...], ATOMIC] = ()
    """Expressions that the others may use by name."""
    mutations: Annotated[tuple[Mutation, ...], ATOMIC] = ()
    """The changes, made one after another."""
    failure_policy: FailurePolicyType | None = None
    """What an expression that fails means: Fail (the default) refuses the request, Ignore lets it pass."""
    match_conditions: Annotated[tuple[MatchCondition, ...], merge_by("name")] = ()
    """Further conditions on requests, at most 64; all must hold."""
    reinvocation_policy: ReinvocationPolicyType = ""
    """Whether it acts again when others changed the object after it: Never or IfNeeded."""


@api_type("admissionregistration.v1")
class MutatingAdmissionPolicy:
    """Changes that are made to objects before they are stored. It acts through its bindings."""

    kind: str = "MutatingAdmissionPolicy"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: MutatingAdmissionPolicySpec = field(default_factory=MutatingAdmissionPolicySpec)
    """What is wanted."""


@api_type("admissionregistration.v1")
class MutatingAdmissionPolicyBindingSpec:
    """Where a policy acts, and with which parameters."""

    policy_name: str = ""
    """The policy."""
    param_ref: ParamRef | None = None
    """The parameters, if the policy has any."""
    match_resources: MatchResources | None = None
    """Limits the policy to some of the requests it is for."""


@api_type("admissionregistration.v1")
class MutatingAdmissionPolicyBinding:
    """Puts a MutatingAdmissionPolicy into force."""

    kind: str = "MutatingAdmissionPolicyBinding"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: MutatingAdmissionPolicyBindingSpec = field(default_factory=MutatingAdmissionPolicyBindingSpec)
    """What is wanted."""
