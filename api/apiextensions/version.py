"""One version of a client's kind: its schema, and what is served besides the objects themselves."""

from __future__ import annotations

from typing import Annotated

from podwright.api.apiextensions.jsonschema import JSONSchemaProps
from podwright.api.modeling.fields import ATOMIC, REQUIRED, Int32, TypeName, Wire, api_type


@api_type("apiextensions.v1")
class CustomResourceValidation:
    """The schema of a version."""

    open_api_v3_schema: Annotated[JSONSchemaProps | None, Wire("openAPIV3Schema")] = None
    """What objects look like. It must be structural."""


@api_type("apiextensions.v1")
class CustomResourceSubresourceStatus:
    """Asks for a status subresource. There is nothing to say about it."""


@api_type("apiextensions.v1")
class CustomResourceSubresourceScale:
    """Where a Scale's values are in an object, as paths such as `.spec.replicas`."""

    spec_replicas_path: Annotated[str, REQUIRED] = ""
    """The wanted number of replicas, under `.spec`."""
    status_replicas_path: Annotated[str, REQUIRED] = ""
    """The present number of replicas, under `.status`."""
    label_selector_path: str | None = None
    """The selector of what is counted, in its text form, under `.spec` or `.status`."""


@api_type("apiextensions.v1")
class CustomResourceSubresources:
    """What is served under an object's own path."""

    status: CustomResourceSubresourceStatus | None = None
    """With it, `status` is written through the path /status alone, and everything else without touching it."""
    scale: CustomResourceSubresourceScale | None = None
    """With it, the path /scale shows and changes the number of replicas."""


@api_type("apiextensions.v1")
class CustomResourceColumnDefinition:
    """A column of the kind's tables."""

    name: Annotated[str, REQUIRED] = ""
    """The heading."""
    type: Annotated[str, REQUIRED] = ""
    """string, integer, number, boolean or date (shown as an age)."""
    format: str = ""
    """A finer kind of the type."""
    description: str = ""
    """What the column tells."""
    priority: Int32 = 0
    """0 for columns that are always shown; higher ones only in wide tables."""
    json_path: Annotated[str, REQUIRED, Wire("jsonPath")] = ""
    """Where in an object the value is: a simple path that begins with a dot."""


@api_type("apiextensions.v1")
class SelectableField:
    """A field that lists and watches may select by."""

    json_path: Annotated[str, REQUIRED, Wire("jsonPath")] = ""
    """Where in an object the value is: a simple path to a string, integer or boolean."""


@api_type("apiextensions.v1")
class CustomResourceDefinitionVersion:
    """One version of the kind."""

    name: Annotated[str, REQUIRED] = ""
    """The version's name, such as v1beta1."""
    served: Annotated[bool, REQUIRED] = False
    """Whether clients can use it."""
    storage: Annotated[bool, REQUIRED] = False
    """Whether objects are kept in its form; exactly one version's are."""
    deprecated: bool = False
    """Whether every answer in this version carries a warning."""
    deprecation_warning: str | None = None
    """The text of that warning, where it should be another than the usual."""
    schema: Annotated[CustomResourceValidation | None, TypeName("v1.CustomResourceValidation")] = None
    """What objects look like."""
    subresources: CustomResourceSubresources | None = None
    """Which subresources there are."""
    additional_printer_columns: Annotated[tuple[CustomResourceColumnDefinition, ...], ATOMIC] = ()
    """The columns of tables beside the name; without any, the age."""
    selectable_fields: Annotated[tuple[SelectableField, ...], ATOMIC] = ()
    """Fields that lists and watches may select by, eight at most."""
