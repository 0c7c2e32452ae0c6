"""Versions and schemas inside refusals: with every member, spelled as API clients have always seen them there.

What all versions say alike is left out of each, for it counts as said once for all.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies.shown import ShownError, compact

JSON = dict[str, Any]
Spelling = tuple[tuple[str, str, Any], ...]
_SCHEMA: Final[Spelling] = (
    ("ID", "id", ""), ("Schema", "$schema", ""), ("Ref", "$ref", None), ("Description", "description", ""),
    ("Type", "type", ""), ("Nullable", "nullable", False), ("Format", "format", ""), ("Title", "title", ""),
    ("Default", "default", None), ("Maximum", "maximum", None), ("ExclusiveMaximum", "exclusiveMaximum", False),
    ("Minimum", "minimum", None), ("ExclusiveMinimum", "exclusiveMinimum", False), ("MaxLength", "maxLength", None),
    ("MinLength", "minLength", None), ("Pattern", "pattern", ""), ("MaxItems", "maxItems", None),
    ("MinItems", "minItems", None), ("UniqueItems", "uniqueItems", False), ("MultipleOf", "multipleOf", None),
    ("Enum", "enum", None), ("MaxProperties", "maxProperties", None), ("MinProperties", "minProperties", None),
    ("Required", "required", None), ("Items", "items", None), ("AllOf", "allOf", None), ("OneOf", "oneOf", None),
    ("AnyOf", "anyOf", None), ("Not", "not", None), ("Properties", "properties", None),
    ("AdditionalProperties", "additionalProperties", None), ("PatternProperties", "patternProperties", None),
    ("Dependencies", "dependencies", None), ("AdditionalItems", "additionalItems", None),
    ("Definitions", "definitions", None), ("ExternalDocs", "externalDocs", None), ("Example", "example", None),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", None),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", False),
    ("XIntOrString", "x-kubernetes-int-or-string", False), ("XListMapKeys", "x-kubernetes-list-map-keys", None),
    ("XListType", "x-kubernetes-list-type", None), ("XMapType", "x-kubernetes-map-type", None),
    ("XValidations", "x-kubernetes-validations", None),
)  # fmt: skip
_RULE: Final[Spelling] = (
    ("Rule", "rule", ""), ("Message", "message", ""), ("MessageExpression", "messageExpression", ""),
    ("Reason", "reason", None), ("FieldPath", "fieldPath", ""), ("OptionalOldSelf", "optionalOldSelf", None),
)  # fmt: skip
_COLUMN: Final[Spelling] = (
    ("Name", "name", ""), ("Type", "type", ""), ("Format", "format", ""), ("Description", "description", ""),
    ("Priority", "priority", 0), ("JSONPath", "jsonPath", ""),
)  # fmt: skip


def invalid_versions(versions: list[JSON], common: dict[str, bool], detail: str) -> FieldError:
    """The refusal of all versions together."""
    return ShownError("Invalid", "spec.versions", compact([_version(v, common) for v in versions]), detail)


def invalid_schema(path: str, schema: JSON, detail: str) -> FieldError:
    """The refusal of a schema as a whole."""
    return ShownError("Invalid", path, compact(_schema(schema)), detail)


def _spelled(value: JSON, spelling: Spelling) -> JSON:
    return {shown: value.get(name, absent) for shown, name, absent in spelling}


def _version(version: JSON, common: dict[str, bool]) -> JSON:
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    own = {key: None if common[key] else version.get(key) for key in common}
    return {
        "Name": version.get("name", ""),
        "Served": version.get("served", False),
        "Storage": version.get("storage", False),
        "Deprecated": version.get("deprecated", False),
        "DeprecationWarning": version.get("deprecationWarning"),
        "Schema": None if own["schema"] is None else {"OpenAPIV3Schema": None if schema is None else _schema(schema)},
        "Subresources": _subresources(own["subresources"]),
        "AdditionalPrinterColumns": _list(own["additionalPrinterColumns"], _COLUMN),
        "SelectableFields": _list(own["selectableFields"], (("JSONPath", "jsonPath", ""),)),
    }


def _list(values: list[JSON] | None, spelling: Spelling) -> list[JSON] | None:
    return None if values is None else [_spelled(value, spelling) for value in values]


def _subresources(value: JSON | None) -> JSON | None:
    if value is None:
        return None
    scale = value.get("scale")
    paths = ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
    return {
        "Status": value.get("status"),
        "Scale": scale and {name[0].upper() + name[1:]: scale.get(name) for name in paths},
    }


def _schema(schema: JSON) -> JSON:
    made = _spelled(schema, _SCHEMA)
    for shown, name, _ in _SCHEMA:
        value = schema.get(name)
        if name in {"allOf", "oneOf", "anyOf"} and value is not None:
            made[shown] = [_schema(part) for part in value]
        elif name == "properties" and value is not None:
            made[shown] = {key: _schema(value[key]) for key in sorted(value)}
        elif name == "not" and value is not None:
            made[shown] = _schema(value)
    items, extra = schema.get("items"), schema.get("additionalProperties")
    if isinstance(items, dict):
        made["Items"] = {"Schema": _schema(items), "JSONSchemas": None}
    if extra is not None:
        inner = _schema(extra) if isinstance(extra, dict) else None
        made["AdditionalProperties"] = {"Allows": extra is not False, "Schema": inner}
    made["XValidations"] = _list(schema.get("x-kubernetes-validations"), _RULE)
    return made
