"""What somebody may want to do: the questions of all access reviews."""

from __future__ import annotations

from typing import Annotated

from podwright.api.meta import LabelSelectorRequirement
from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type, named

FieldSelectorOperator = Annotated[str, named("v1.FieldSelectorOperator")]


@api_type("meta.v1")
class FieldSelectorRequirement:
    """One condition on the value of a field."""

    key: Annotated[str, REQUIRED] = ""
    """The field's path."""
    operator: Annotated[FieldSelectorOperator, REQUIRED] = ""
    """How it is compared: In, NotIn, Exists or DoesNotExist."""
    values: Annotated[tuple[str, ...], ATOMIC] = ()
    """The values for In and NotIn."""


@api_type("authorization.v1")
class FieldSelectorAttributes:
    """To which field selector a list or watch is limited."""

    raw_selector: str = ""
    """The selector as a query has it; not together with requirements."""
    requirements: Annotated[tuple[FieldSelectorRequirement, ...], ATOMIC] = ()
    """The selector taken apart; all must hold."""


@api_type("authorization.v1")
class LabelSelectorAttributes:
    """To which label selector a list or watch is limited."""

    raw_selector: str = ""
    """The selector as a query has it; not together with requirements."""
    requirements: Annotated[tuple[LabelSelectorRequirement, ...], ATOMIC] = ()
    """The selector taken apart; all must hold."""


@api_type("authorization.v1")
class ResourceAttributes:
    """A request to a resource."""

    namespace: str = ""
    """The namespace; empty means all of them, or none for cluster-wide kinds."""
    verb: str = ""
    """What is to be done: get, list, watch, create, update, patch, delete, or `*`."""
    group: str = ""
    """The resource's API group; `*` means all."""
    version: str = ""
    """The version; `*` means all."""
    resource: str = ""
    """The resource; `*` means all."""
    subresource: str = ""
    """The subresource, if one is meant."""
    name: str = ""
    """The object's name; empty means all."""
    field_selector: FieldSelectorAttributes | None = None
    """The limit by fields, if there is one."""
    label_selector: LabelSelectorAttributes | None = None
    """The limit by labels, if there is one."""


@api_type("authorization.v1")
class NonResourceAttributes:
    """A request to a path that is no resource's."""

    path: str = ""
    """The path."""
    verb: str = ""
    """The HTTP method in lower case."""
