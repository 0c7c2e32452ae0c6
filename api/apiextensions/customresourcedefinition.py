"""The CustomResourceDefinition kind: a kind that a client brings along."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.apiextensions.conversion import CustomResourceConversion
from podwright.api.apiextensions.version import CustomResourceDefinitionVersion
from podwright.api.core.values import ConditionStatus
from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Int64, Time, api_type, map_by, named

ResourceScope = Annotated[str, named("v1.ResourceScope")]
ConditionType = Annotated[str, named("v1.CustomResourceDefinitionConditionType")]


@api_type("apiextensions.v1")
class CustomResourceDefinitionNames:
    """What the kind and its resource are called."""

    plural: Annotated[str, REQUIRED] = ""
    """The resource's name in paths: lower case, in the plural. It cannot be changed."""
    singular: str = ""
    """The singular of it; the default is the kind in lower case."""
    short_names: Annotated[tuple[str, ...], ATOMIC] = ()
    """Short forms for people to type."""
    kind: Annotated[str, REQUIRED] = ""
    """The kind: CamelCase, in the singular."""
    list_kind: str = ""
    """The kind of lists; the default is the kind followed by List."""
    categories: Annotated[tuple[str, ...], ATOMIC] = ()
    """Groups of resources that it is listed with, such as `all`."""


@api_type("apiextensions.v1")
class CustomResourceDefinitionSpec:
    """What is served, and in which versions."""

    group: Annotated[str, REQUIRED] = ""
    """The API group: a domain. It cannot be changed."""
    names: Annotated[CustomResourceDefinitionNames, REQUIRED] = field(default_factory=CustomResourceDefinitionNames)
    """What it is called."""
    scope: Annotated[ResourceScope, REQUIRED] = ""
    """Namespaced or Cluster."""
    versions: Annotated[tuple[CustomResourceDefinitionVersion, ...], REQUIRED, ATOMIC] = ()
    """The versions of the kind."""
    conversion: CustomResourceConversion | None = None
    """How objects get from one version to another."""
    preserve_unknown_fields: bool = False
    """Outdated; must be false. Schemas say where unknown fields are kept."""


@api_type("apiextensions.v1")
class CustomResourceDefinitionCondition:
    """One observed aspect of a definition."""

    type: Annotated[ConditionType, REQUIRED] = ""
    """The aspect: NamesAccepted, Established, Terminating, NonStructuralSchema or another one."""
    status: Annotated[ConditionStatus, REQUIRED] = ""
    """Whether it holds: True, False or Unknown."""
    last_transition_time: Annotated[Time | None, ALWAYS] = None
    """When the status last changed."""
    reason: str = ""
    """A word that says why."""
    message: str = ""
    """A sentence that says why."""
    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""


@api_type("apiextensions.v1")
class CustomResourceDefinitionStatus:
    """What became of the definition."""

    conditions: Annotated[tuple[CustomResourceDefinitionCondition, ...], ALWAYS, map_by("type")] = ()
    """The observed aspects."""
    accepted_names: Annotated[CustomResourceDefinitionNames, ALWAYS] = field(
        default_factory=CustomResourceDefinitionNames
    )
    """The names under which it is served."""
    stored_versions: Annotated[tuple[str, ...], ALWAYS, ATOMIC] = ()
    """The versions in whose form objects may be stored; none of them can be taken out of the spec."""
    observed_generation: Int64 = 0
    """The generation of the spec this is based on."""


@api_type("apiextensions.v1")
class CustomResourceDefinition:
    """Defines a kind that is then served like the built-in ones. Its name must be `<plural>.<group>`."""

    kind: str = "CustomResourceDefinition"
    """The kind of this object."""
    api_version: str = "apiextensions.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    spec: Annotated[CustomResourceDefinitionSpec, REQUIRED] = field(default_factory=CustomResourceDefinitionSpec)
    """What is served."""
    status: CustomResourceDefinitionStatus = field(default_factory=CustomResourceDefinitionStatus)
    """What became of it. Written by the system."""
