"""What may be written in a schema, keyword by keyword."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.structural.formats import known_format
from podwright.api.structural.node import META_FIELDS, Node
from podwright.apiserver.strategies import shown
from podwright.apiserver.strategies.customresourcedefinition.paths import PathError, resolve

JSON = dict[str, Any]
_TYPES: Final = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED: Final = ("additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_MAY_BE_EMPTY: Final = frozenset(("patternProperties", "definitions"))
_REASONS: Final = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_NEWLINE: Final = re.compile(r"[\n\r]")
_JUNCTORS: Final = ("allOf", "oneOf", "anyOf")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a schema one is: whether defaults are allowed there, and why not; whether it is of metadata."""

    path: str
    no_defaults: str | None = None
    inside_meta: bool = False
    root: bool = False


def validate(schema: JSON, place: Place) -> list[FieldError]:
    """List what is wrong with a schema and all within it."""
    errors = _keywords(schema, place)
    path = place.path
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(field_errors.forbidden(f"{path}.uniqueItems", detail))
    errors += _members(schema, place)
    for part, where in _constraints(schema, path):
        errors += validate(part, replace(place, path=where, root=False))
    items = schema.get("items")
    if isinstance(items, dict):
        errors += validate(items, replace(place, path=f"{path}.items", root=False))
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        where = f"{path}.x-kubernetes-preserve-unknown-fields"
        errors.append(field_errors.invalid(where, False, "must be true or undefined"))
    errors += _map_type(schema, path)
    errors += _list_type(schema, path)
    errors += _rules(schema, path)
    return errors


def unknown_formats(spec: JSON) -> list[str]:
    """The formats in all schemas of a definition that are no constraint there, each once."""
    schemas = [(version.get("schema") or {}).get("openAPIV3Schema") for version in spec.get("versions") or ()]
    return list(dict.fromkeys(name for schema in schemas if schema is not None for name in _unknown_formats(schema)))


def _unknown_formats(schema: JSON) -> Iterator[str]:
    form, kind = schema.get("format") or "", schema.get("type") or ""
    if form and not known_format(form, (kind,) if kind else ()):
        yield form
    for part, _ in _constraints(schema, ""):
        yield from _unknown_formats(part)
    for part in (schema.get("items"), schema.get("additionalProperties"), *(schema.get("properties") or {}).values()):
        if isinstance(part, dict):
            yield from _unknown_formats(part)


def _keywords(schema: JSON, place: Place) -> list[FieldError]:
    path, kind = place.path, schema.get("type") or ""
    errors: list[FieldError] = []
    if kind and kind not in _TYPES:
        errors.append(field_errors.not_supported(f"{path}.type", kind, _TYPES))
    if schema.get("default") is not None and place.no_defaults is not None:
        errors.append(field_errors.forbidden(f"{path}.default", f"must not be set {place.no_defaults}".rstrip()))
    if schema.get("id"):
        errors.append(field_errors.forbidden(f"{path}.id", "id is not supported"))
    for name in _UNSUPPORTED:
        value = schema.get(name)
        if value is not None and (value or name not in _MAY_BE_EMPTY):
            errors.append(field_errors.forbidden(f"{path}.{name}", f"{name} is not supported"))
    if kind == "null":
        detail = "type cannot be set to null, use nullable as an alternative"
        errors.append(field_errors.forbidden(f"{path}.type", detail))
    if isinstance(schema.get("items"), list):
        errors.append(field_errors.forbidden(f"{path}.items", "items must be a schema object and not an array"))
    if place.inside_meta and schema.get("x-kubernetes-embedded-resource"):
        where = f"{path}.x-kubernetes-embedded-resource"
        errors.append(field_errors.forbidden(where, "must not be used inside of resource meta"))
    return errors


def _members(schema: JSON, place: Place) -> list[FieldError]:
    errors: list[FieldError] = []
    path, extra, properties = place.path, schema.get("additionalProperties"), schema.get("properties") or {}
    if extra is not None:
        if properties and extra is not True:
            detail = "additionalProperties and properties are mutual exclusive"
            errors.append(field_errors.forbidden(f"{path}.additionalProperties", detail))
        if isinstance(extra, dict):
            inner = replace(place, path=f"{path}.additionalProperties", root=False)
            if place.inside_meta:
                inner = replace(inner, no_defaults="inside additionalProperties applying to object metadata")
            errors += validate(extra, inner)
    for name, part in properties.items():
        inner = replace(place, path=f"{path}.properties[{name}]", root=False)
        if (place.root or schema.get("x-kubernetes-embedded-resource")) and name in META_FIELDS:
            inner = replace(inner, inside_meta=True)
            if place.root:
                inner = replace(inner, no_defaults=f"in top-level {name}")
        errors += validate(part, inner)
    return errors


def _constraints(schema: JSON, path: str) -> list[tuple[JSON, str]]:
    found = [(schema["not"], f"{path}.not")] if schema.get("not") is not None else list[tuple[JSON, str]]()
    for junctor in _JUNCTORS:
        found += [(part, f"{path}.{junctor}[{i}]") for i, part in enumerate(schema.get(junctor) or ())]
    return found


def _map_type(schema: JSON, path: str) -> list[FieldError]:
    found, kind = schema.get("x-kubernetes-map-type"), schema.get("type") or ""
    if found is None:
        return []
    errors = _wants_type(kind, "object", "x-kubernetes-map-type", path)
    if found not in {"atomic", "granular"}:
        errors.append(field_errors.not_supported(f"{path}.x-kubernetes-map-type", found, ("atomic", "granular")))
    return errors


def _wants_type(kind: str, wanted: str, extension: str, path: str) -> list[FieldError]:
    if kind == wanted:
        return []
    detail, where = f"must be {wanted} if {extension} is specified", f"{path}.type"
    return [field_errors.invalid(where, kind, detail) if kind else field_errors.required(where, detail)]


def _list_type(schema: JSON, path: str) -> list[FieldError]:
    extension = "x-kubernetes-list-type"
    found, keys = schema.get(extension), schema.get("x-kubernetes-list-map-keys") or []
    items, where = schema.get("items"), f"{path}.x-kubernetes-list-type"
    errors: list[FieldError] = []
    if found is not None:
        errors += _wants_type(schema.get("type") or "", "array", extension, path)
        if not errors and found == "set" and isinstance(items, dict):
            errors += _set_item(items, f"{path}.items")
        if found not in {"atomic", "set", "map"}:
            errors.append(field_errors.not_supported(where, found, ("atomic", "set", "map")))
    if keys and found != "map":
        detail = "must be map if x-kubernetes-list-map-keys is non-empty"
        errors.append(field_errors.invalid(where, found, detail) if found else field_errors.required(where, detail))
    if found == "map":
        errors += _map_list(keys, items, path)
    if found in {"set", "map"} and isinstance(items, dict):
        if items.get("nullable"):
            detail = f"cannot be nullable when x-kubernetes-list-type is {found}"
            errors.append(field_errors.forbidden(f"{path}.items.nullable", detail))
        if found == "map":
            errors += _keys_always_there(keys, items, f"{path}.items")
    return errors


def _set_item(items: JSON, path: str) -> list[FieldError]:
    detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
    kind = items.get("type")
    if kind == "array" and items.get("x-kubernetes-list-type") not in {None, "atomic"}:
        return [field_errors.invalid(f"{path}.x-kubernetes-list-type", items.get("x-kubernetes-list-type"), detail)]
    if kind == "object" and items.get("x-kubernetes-map-type") != "atomic":
        return [field_errors.invalid(f"{path}.x-kubernetes-map-type", items.get("x-kubernetes-list-type"), detail)]
    return []


def _map_list(keys: list[str], items: Any, path: str) -> list[FieldError]:
    where, errors = f"{path}.x-kubernetes-list-map-keys", list[FieldError]()
    if not keys:
        errors.append(field_errors.required(where, "must not be empty if x-kubernetes-list-type is map"))
    if items is None:
        detail = "must have a schema if x-kubernetes-list-type is map"
        return [*errors, field_errors.required(f"{path}.items", detail)]
    if not isinstance(items, dict):
        detail = "must only have a single schema if x-kubernetes-list-type is map"
        return [*errors, field_errors.invalid(f"{path}.items", items, detail)]
    if items.get("type") != "object":
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        return [*errors, field_errors.invalid(f"{path}.items.type", items.get("type") or "", detail)]
    properties: JSON = items.get("properties") or {}
    for index, key in enumerate(keys):
        if key not in properties:
            errors.append(field_errors.invalid(where, keys, "entries must all be names of item properties"))
        elif properties[key].get("type") in {"array", "object"}:
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            errors.append(field_errors.invalid(f"{path}.items.properties[{key}].type", items.get("type"), detail))
        if key in keys[:index]:
            errors.append(field_errors.invalid(where, keys, "must not contain duplicate entries"))
    return errors


def _keys_always_there(keys: list[str], items: JSON, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    properties: JSON = items.get("properties") or {}
    for key in keys:
        part = properties.get(key)
        if part is None:
            continue
        start = "this property is in x-kubernetes-list-map-keys, so it "
        if key not in (items.get("required") or ()) and part.get("default") is None:
            detail = start + "must have a default or be a required property"
            errors.append(field_errors.required(f"{path}.properties[{key}].default", detail))
        if part.get("nullable"):
            errors.append(field_errors.forbidden(f"{path}.properties[{key}].nullable", start + "cannot be nullable"))
    return errors


def _rules(schema: JSON, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        errors += _rule(schema, rule, f"{path}.x-kubernetes-validations[{index}]")
    return errors


def _rule(schema: JSON, rule: JSON, path: str) -> list[FieldError]:
    text, message = (rule.get("rule") or "").strip(), rule.get("message") or ""
    errors: list[FieldError] = []
    if not text:
        errors.append(field_errors.required(f"{path}.rule", "rule is not specified"))
    elif message and not message.strip():
        errors.append(field_errors.invalid(f"{path}.message", message, "must be non-empty if specified"))
    elif _NEWLINE.search(message.strip()):
        errors.append(field_errors.invalid(f"{path}.message", message, "must not contain line breaks"))
    elif _NEWLINE.search(text) and not message.strip():
        detail = "message must be specified if rule contains line breaks"
        errors.append(field_errors.required(f"{path}.message", detail))
    expression = rule.get("messageExpression") or ""
    if expression and not expression.strip():
        detail = "messageExpression must be non-empty if specified"
        errors.append(field_errors.required(f"{path}.messageExpression", detail))
    reason = rule.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.append(field_errors.not_supported(f"{path}.reason", reason, _REASONS))
    field = rule.get("fieldPath") or ""
    if field and not field.strip():
        errors.append(field_errors.invalid(f"{path}.fieldPath", field, "must be non-empty if specified"))
    if _NEWLINE.search(field):
        errors.append(field_errors.invalid(f"{path}.fieldPath", field, "must not contain line breaks"))
    if field:
        try:
            resolve(Node(schema), field)
        except PathError:
            errors.append(field_errors.invalid(f"{path}.fieldPath", field, "must be a valid path"))
    return errors


def shown_rule(rule: JSON) -> str:
    """A rule as messages show it."""
    members = (
        ("Rule", "rule", ""), ("Message", "message", ""), ("MessageExpression", "messageExpression", ""),
        ("Reason", "reason", None), ("FieldPath", "fieldPath", ""), ("OptionalOldSelf", "optionalOldSelf", None),
    )  # fmt: skip
    return shown.members(rule, members)
