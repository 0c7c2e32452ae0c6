"""The ResourceQuota kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.core.values import ResourceList
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ATOMIC, EMPTY, REQUIRED, api_type, named

ResourceQuotaScope = Annotated[
    str,
    named(
        "v1.ResourceQuotaScope",
        "BestEffort",
        "CrossNamespacePodAffinity",
        "NotBestEffort",
        "NotTerminating",
        "PriorityClass",
        "Terminating",
        "VolumeAttributesClass",
    ),
]
ScopeSelectorOperator = Annotated[str, named("v1.ScopeSelectorOperator", "DoesNotExist", "Exists", "In", "NotIn")]


@api_type("core.v1")
class ScopedResourceSelectorRequirement:
    """One condition on the objects that a quota counts."""

    scope_name: Annotated[ResourceQuotaScope, REQUIRED] = ""
    """The aspect that is looked at, such as PriorityClass."""
    operator: Annotated[ScopeSelectorOperator, REQUIRED] = ""
    """How the values are applied: In, NotIn, Exists or DoesNotExist."""
    values: Annotated[tuple[str, ...], ATOMIC] = ()
    """The values for In and NotIn; empty for the others."""


@api_type("core.v1", atomic=True)
class ScopeSelector:
    """Conditions that must all hold for an object to be counted."""

    match_expressions: Annotated[tuple[ScopedResourceSelectorRequirement, ...], ATOMIC] = ()
    """The conditions."""


@api_type("core.v1")
class ResourceQuotaSpec:
    """How much a namespace may use."""

    hard: ResourceList = EMPTY
    """The most that may be used, per counted resource, such as pods, requests.cpu or count/deployments.apps."""
    scopes: Annotated[tuple[ResourceQuotaScope, ...], ATOMIC] = ()
    """Conditions without values that an object must meet to be counted."""
    scope_selector: ScopeSelector | None = None
    """Conditions with values that an object must meet to be counted, in addition to the scopes."""


@api_type("core.v1")
class ResourceQuotaStatus:
    """What is known of a quota."""

    hard: ResourceList = EMPTY
    """The limits that are enforced."""
    used: ResourceList = EMPTY
    """How much the namespace uses, per counted resource."""


@api_type("core.v1")
class ResourceQuota:
    """Limits what all objects of a namespace use together."""

    kind: str = "ResourceQuota"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: ResourceQuotaSpec = field(default_factory=ResourceQuotaSpec)
    """What is allowed."""
    status: ResourceQuotaStatus = field(default_factory=ResourceQuotaStatus)
    """What is enforced and used. Written by the system."""
