"""The IngressClass kind: which controller an Ingress is for."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, REQUIRED, api_type


@api_type("networking.v1")
class IngressClassParametersReference:
    """Names an object with settings for the controller."""

    api_group: str | None = None
    """The object's API group; none means the core group."""
    kind: Annotated[str, REQUIRED] = ""
    """The object's kind."""
    name: Annotated[str, REQUIRED] = ""
    """The object's name."""
    scope: Annotated[str | None, ALWAYS] = None
    """Cluster (the default) or Namespace."""
    namespace: str | None = None
    """The object's namespace, if the scope is Namespace."""


@api_type("networking.v1")
class IngressClassSpec:
    """What is wanted of an IngressClass."""

    controller: str = ""
    """The controller's name, as `domain/path`. It cannot be changed."""
    parameters: IngressClassParametersReference | None = None
    """Settings for the controller."""


@api_type("networking.v1")
class IngressClass:
    """A kind of Ingress, served by one controller."""

    kind: str = "IngressClass"
    """The kind of this object."""
    api_version: str = "networking.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: IngressClassSpec = field(default_factory=IngressClassSpec)
    """What is wanted."""
