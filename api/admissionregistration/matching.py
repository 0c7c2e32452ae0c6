"""Which requests a webhook or policy is for: what the kinds of this group share."""

from __future__ import annotations

from typing import Annotated

from podwright.api.admissionregistration.values import (
    MatchPolicyType,
    OperationType,
    ParameterNotFoundActionType,
    ScopeType,
)
from podwright.api.meta import LabelSelector
from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type


@api_type("admissionregistration.v1")
class RuleWithOperations:
    """Operations on resources."""

    operations: Annotated[tuple[OperationType, ...], ATOMIC] = ()
    """What is done: CREATE, UPDATE, DELETE, CONNECT, or `*` for all of them."""
    api_groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The API groups of the resources; `*` stands for all and stands alone."""
    api_versions: Annotated[tuple[str, ...], ATOMIC] = ()
    """The versions; `*` stands for all and stands alone."""
    resources: Annotated[tuple[str, ...], ATOMIC] = ()
    """The resources, or `resource/subresource`; `*` stands for all resources, `*/*` for their subresources too."""
    scope: ScopeType | None = None
    """Cluster, Namespaced, or `*` (the default) for both."""


@api_type("admissionregistration.v1", atomic=True)
class NamedRuleWithOperations:
    """Operations on resources, perhaps only on objects of some names."""

    resource_names: Annotated[tuple[str, ...], ATOMIC] = ()
    """The only objects that are meant; none means all of them."""
    operations: Annotated[tuple[OperationType, ...], ATOMIC] = ()
    """What is done: CREATE, UPDATE, DELETE, CONNECT, or `*` for all of them."""
    api_groups: Annotated[tuple[str, ...], ATOMIC] = ()
    """The API groups of the resources; `*` stands for all and stands alone."""
    api_versions: Annotated[tuple[str, ...], ATOMIC] = ()
    """The versions; `*` stands for all and stands alone."""
    resources: Annotated[tuple[str, ...], ATOMIC] = ()
    """The resources, or `resource/subresource`; `*` stands for all resources, `*/*` for their subresources too."""
    scope: ScopeType | None = None
    """Cluster, Namespaced, or `*` (the default) for both."""


@api_type("admissionregistration.v1", atomic=True)
class MatchResources:
    """Which requests a policy is for; all of its conditions must hold."""

    namespace_selector: LabelSelector | None = None
    """By the labels of the object's namespace; the default is every namespace, and cluster-wide objects."""
    object_selector: LabelSelector | None = None
    """By the labels of the object, before or after the change; the default is every object."""
    resource_rules: Annotated[tuple[NamedRuleWithOperations, ...], ATOMIC] = ()
    """By what is done to which resource; one of them must fit."""
    exclude_resource_rules: Annotated[tuple[NamedRuleWithOperations, ...], ATOMIC] = ()
    """What is not meant although it fits a rule."""
    match_policy: MatchPolicyType | None = None
    """Whether a rule also means other versions of its resource (Equivalent, the default) or not (Exact)."""


@api_type("admissionregistration.v1")
class MatchCondition:
    """A condition on a request, as an expression."""

    name: Annotated[str, REQUIRED] = ""
    """A name by which it is reported."""
    expression: Annotated[str, REQUIRED] = ""
    """A CEL expression that must be true for the request to be meant."""


@api_type("admissionregistration.v1", atomic=True)
class ParamKind:
    """The kind of the objects that hold a policy's parameters."""

    api_version: str = ""
    """The kind's group and version."""
    kind: str = ""
    """The kind."""


@api_type("admissionregistration.v1", atomic=True)
class ParamRef:
    """The objects with the parameters of one binding: one by its name or several by their labels."""

    name: str = ""
    """The object's name; not together with a selector."""
    namespace: str = ""
    """The object's namespace; none means the one of the request's object."""
    selector: LabelSelector | None = None
    """Chooses the objects by their labels; not together with a name."""
    parameter_not_found_action: ParameterNotFoundActionType | None = None
    """What happens when there is no such object: Allow or Deny."""


@api_type("admissionregistration.v1", atomic=True)
class Variable:
    """A named expression that others may use."""

    name: Annotated[str, REQUIRED] = ""
    """The name, under which it is found in `variables`."""
    expression: Annotated[str, REQUIRED] = ""
    """The CEL expression; it may use the variables before it."""
