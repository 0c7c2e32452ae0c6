"""The schema language in which clients describe their kinds: OpenAPI's, with the API's own extensions."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import (
    ATOMIC,
    EMPTY,
    REQUIRED,
    AnyValue,
    Float64,
    Int64,
    Map,
    Merge,
    TypeName,
    Wire,
    api_type,
    named,
)

FieldValueErrorReason = Annotated[str, named("v1.FieldValueErrorReason")]


@api_type("apiextensions.v1")
class ExternalDocumentation:
    """Points to documentation elsewhere."""

    description: str = ""
    """What is found there."""
    url: str = ""
    """Where it is."""


@api_type("apiextensions.v1")
class ValidationRule:
    """A condition in the Common Expression Language that the values of a schema must fulfil."""

    rule: Annotated[str, REQUIRED] = ""
    """The expression. It sees the value as `self` and, in a rule about changes, the former one as `oldSelf`."""
    message: str = ""
    """What a refusal says; without it, the rule itself is shown."""
    message_expression: str = ""
    """An expression that makes what a refusal says, and goes before `message`."""
    reason: FieldValueErrorReason | None = None
    """The machine-readable reason of a refusal; the default is FieldValueInvalid."""
    field_path: str = ""
    """The field that a refusal names, relative to the value: `.spec.size`. The default is the value itself."""
    optional_old_self: bool | None = None
    """Whether a rule about changes is evaluated on creation too; `oldSelf` is then an optional."""


@api_type("apiextensions.v1")
class JSONSchemaProps:
    """What is known of a value and of all values within it."""

    id: Annotated[str, Wire("id")] = ""
    """Not supported."""
    schema: Annotated[str, Wire("$schema")] = ""
    """The dialect of this schema."""
    ref: Annotated[str | None, Wire("$ref")] = None
    """Not supported."""
    description: str = ""
    """What the value means."""
    type: str = ""
    """object, array, string, integer, number or boolean."""
    format: str = ""
    """A finer kind of string or number, such as date-time or int32. Unknown ones are ignored."""
    title: str = ""
    """A short name of the value."""
    default: AnyValue | None = None
    """What an absent value is filled in with."""
    maximum: Float64 | None = None
    """The largest number."""
    exclusive_maximum: bool = False
    """Whether `maximum` itself is too large."""
    minimum: Float64 | None = None
    """The smallest number."""
    exclusive_minimum: bool = False
    """Whether `minimum` itself is too small."""
    max_length: Int64 | None = None
    """The most characters of a string."""
    min_length: Int64 | None = None
    """The fewest characters of a string."""
    pattern: str = ""
    """A regular expression (RE2) that must be found in a string."""
    max_items: Int64 | None = None
    """The most items of a list."""
    min_items: Int64 | None = None
    """The fewest items of a list."""
    unique_items: bool = False
    """Not supported; a list type says it better."""
    multiple_of: Float64 | None = None
    """A number of which the value must be a multiple."""
    enum: Annotated[tuple[AnyValue, ...], ATOMIC] = ()
    """The values that are allowed."""
    max_properties: Int64 | None = None
    """The most members of an object."""
    min_properties: Int64 | None = None
    """The fewest members of an object."""
    required: Annotated[tuple[str, ...], ATOMIC] = ()
    """The members an object must have."""
    items: Annotated[JSONSchemaProps | tuple[JSONSchemaProps, ...] | None, TypeName("v1.JSONSchemaPropsOrArray")] = None
    """What the items of a list are."""
    all_of: Annotated[tuple[JSONSchemaProps, ...], ATOMIC] = ()
    """Schemas that must all hold as well."""
    one_of: Annotated[tuple[JSONSchemaProps, ...], ATOMIC] = ()
    """Schemas of which exactly one must hold."""
    any_of: Annotated[tuple[JSONSchemaProps, ...], ATOMIC] = ()
    """Schemas of which one at least must hold."""
    not_: JSONSchemaProps | None = None
    """A schema that must not hold."""
    properties: Map[str, JSONSchemaProps] = EMPTY
    """The members of an object."""
    additional_properties: Annotated[JSONSchemaProps | bool | None, TypeName("v1.JSONSchemaPropsOrBool")] = None
    """What all other members of an object are, or whether there may be any."""
    pattern_properties: Map[str, JSONSchemaProps] = EMPTY
    """Not supported."""
    dependencies: Map[
        str, Annotated[JSONSchemaProps | tuple[str, ...], TypeName("v1.JSONSchemaPropsOrStringArray")]
    ] = EMPTY
    """Not supported."""
    additional_items: Annotated[JSONSchemaProps | bool | None, TypeName("v1.JSONSchemaPropsOrBool")] = None
    """Not supported."""
    definitions: Map[str, JSONSchemaProps] = EMPTY
    """Not supported."""
    external_docs: ExternalDocumentation | None = None
    """Where to read more."""
    example: AnyValue | None = None
    """A value as it may look."""
    nullable: bool = False
    """Whether the value may be null."""
    x_preserve_unknown_fields: Annotated[bool | None, Wire("x-kubernetes-preserve-unknown-fields")] = None
    """Whether members that no schema knows are kept; only `true` may be set."""
    x_embedded_resource: Annotated[bool, Wire("x-kubernetes-embedded-resource")] = False
    """Whether the value is an object of the API with a kind, an apiVersion and metadata."""
    x_int_or_string: Annotated[bool, Wire("x-kubernetes-int-or-string")] = False
    """Whether the value may be an integer or a string."""
    x_list_map_keys: Annotated[tuple[str, ...], ATOMIC, Wire("x-kubernetes-list-map-keys")] = ()
    """The members that tell the items of a list of type map apart."""
    x_list_type: Annotated[str | None, Wire("x-kubernetes-list-type")] = None
    """How a list is merged: atomic (as a whole, the default), set (by value) or map (by keys)."""
    x_map_type: Annotated[str | None, Wire("x-kubernetes-map-type")] = None
    """How an object is merged: granular (member by member, the default) or atomic."""
    x_validations: Annotated[
        tuple[ValidationRule, ...],
        Merge(("merge",), "rule", "map", ("rule",)),
        Wire("x-kubernetes-validations"),
    ] = ()
    """Conditions in the Common Expression Language."""
