"""The ResourceClaimTemplate kind."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, api_type
from podwright.api.resource.request import ResourceClaimSpec


@api_type("resource.v1")
class ResourceClaimTemplateSpec:
    """From what a pod's own claim is made."""

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Labels and annotations copied to the claim; nothing else may be given."""
    spec: Annotated[ResourceClaimSpec, REQUIRED] = field(default_factory=ResourceClaimSpec)
    """The claim's spec."""


@api_type("resource.v1")
class ResourceClaimTemplate:
    """From what claims of single pods are made. Such a claim goes with its pod."""

    kind: str = "ResourceClaimTemplate"
    """The kind of this object."""
    api_version: str = "resource.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[ResourceClaimTemplateSpec, REQUIRED] = field(default_factory=ResourceClaimTemplateSpec)
    """What the claims are like. It cannot be changed."""
