"""Whether a schema is structural: what fields there are is told outside of allOf, anyOf, oneOf and not.

Works on the schema's JSON. What a value must be like may be said anywhere; types, defaults, descriptions and the API's
extensions only where the fields are told. Errors come sorted by their texts.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.api.patterns import PatternError, compile_pattern

JSON = dict[str, Any]
_UNSUPPORTED: Final = (
    ("id", "id"), ("$schema", "schema"), ("$ref", "$ref"), ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"), ("additionalItems", "additionalItems"), ("definitions", "definitions"),
)  # fmt: skip
_INT_OR_STRING: Final = [{"type": "integer"}, {"type": "string"}]
_EMPTY_TYPE: Final = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
_PRESERVE, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
_EITHER: Final = "x-kubernetes-int-or-string"
# what a schema that only constrains must not say -> the words for that
_FORBIDDEN: Final = (
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    (_PRESERVE, "must be false to be structural"),
    (_EMBEDDED, "must be false to be structural"),
    (_EITHER, "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)


def unsupported(schema: JSON) -> str:
    """Say what keeps a schema from being judged at all; "" when nothing does."""
    for name, shown in _UNSUPPORTED:
        value = schema.get(name)
        if value or (value is not None and name == "additionalItems"):
            return f"OpenAPIV3Schema '{shown}' is not supported"
    items, extra = schema.get("items"), schema.get("additionalProperties")
    if isinstance(items, list):
        return "OpenAPIV3Schema 'items' must be a schema, but is an array"
    if schema.get(_PRESERVE) is False:
        return f"internal error: '{_PRESERVE}' must be true or undefined"
    parts = [part for part in (items, extra, schema.get("not")) if isinstance(part, dict)]
    parts += [*(schema.get("properties") or {}).values()]
    parts += [part for junctor in ("allOf", "anyOf", "oneOf") for part in schema.get(junctor) or ()]
    return next(filter(None, map(unsupported, parts)), "")


def validate(schema: JSON, path: str) -> list[FieldError]:
    """List why a schema is not structural."""
    errors = _Walk().schema(schema, "root", path)
    errors += _complete(schema, schema, path, path)
    return sorted(errors, key=lambda error: error.text())


class _Walk:
    """Walks the part of a schema that tells the fields."""

    def schema(self, schema: JSON, level: str, path: str) -> list[FieldError]:
        """One value's schema."""
        kind = schema.get("type") or ""
        items, extra = schema.get("items"), schema.get("additionalProperties")
        errors: list[FieldError] = []
        if kind == "array" and items is None:
            errors.append(field_errors.required(f"{path}.items", "must be specified"))
        if isinstance(items, dict):
            errors += self.schema(items, "item", f"{path}.items")
        for name, part in (schema.get("properties") or {}).items():
            errors += self.schema(part, "field", f"{path}.properties[{name}]")
        if extra is not None:
            if level == "root":
                errors.append(field_errors.forbidden(f"{path}.additionalProperties", "must not be used at the root"))
            if isinstance(extra, dict):
                errors += self.schema(extra, "field", f"{path}.additionalProperties")
        errors += _extensions(schema, path)
        errors += _values(schema, path, skip=_skipped(schema))
        errors += _type(schema, kind, level, path)
        errors += _meta(schema, level, path)
        return errors


def _extensions(schema: JSON, path: str) -> list[FieldError]:
    if not schema.get(_EITHER):
        return []
    bad = [name for name in (_PRESERVE, _EMBEDDED) if schema.get(name)]
    return [field_errors.invalid(f"{path}.{name}", True, f"must be false if {_EITHER} is true") for name in bad]


def _type(schema: JSON, kind: str, level: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if schema.get(_EMBEDDED) and kind != "object":
        detail = f"must be object if {_EMBEDDED} is true"
        where = f"{path}.type"
        errors.append(field_errors.invalid(where, kind, detail) if kind else field_errors.required(where, detail))
    elif not kind and not schema.get(_EITHER) and not schema.get(_PRESERVE):
        errors.append(field_errors.required(f"{path}.type", _EMPTY_TYPE[level]))
    if schema.get(_EMBEDDED) and schema.get("additionalProperties") is not None:
        detail = f"must not be used if {_EMBEDDED} is set"
        errors.append(field_errors.forbidden(f"{path}.additionalProperties", detail))
    if level == "root" and kind and kind != "object":
        errors.append(field_errors.invalid(f"{path}.type", kind, "must be object at the root"))
    return errors


def _meta(schema: JSON, level: str, path: str) -> list[FieldError]:
    """What is said of kind, apiVersion and metadata of an object of the API."""
    properties: JSON = schema.get("properties") or {}
    checked = level == "root" or bool(schema.get(_EMBEDDED))
    errors: list[FieldError] = []
    for name in ("kind", "apiVersion"):
        found = (properties.get(name) or {}).get("type") or ""
        if checked and name in properties and found != "string":
            errors.append(field_errors.invalid(f"{path}.properties[{name}].type", found, "must be string"))
    if "metadata" in properties:
        metadata, where = properties["metadata"], f"{path}.properties[metadata]"
        kind = metadata.get("type") or ""
        if checked and kind != "object":
            errors.append(field_errors.invalid(f"{where}.type", kind, "must be object"))
        if level == "root" and not _plain_metadata(metadata):
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            errors.append(field_errors.forbidden(where, detail))
    if schema.get(_EMBEDDED) and not schema.get(_PRESERVE) and not properties:
        detail = f"must not be empty if {_EMBEDDED} is true without {_PRESERVE}"
        errors.append(field_errors.required(f"{path}.properties", detail))
    return errors


def _plain_metadata(metadata: JSON) -> bool:
    known = set(metadata.get("properties") or ()) <= {"name", "generateName"}
    return known and not set(metadata) - {"type", "properties", "default"}


def _skipped(schema: JSON) -> str:
    """The place where an integer or a string may be told as alternatives."""
    if schema.get("anyOf") == _INT_OR_STRING:
        return "anyOf"
    first = (schema.get("allOf") or [{}])[0]
    return "allOf" if first.get("anyOf") == _INT_OR_STRING else ""


def _values(schema: JSON, path: str, *, skip: str = "") -> list[FieldError]:
    """The constraints of one value."""
    errors: list[FieldError] = []
    for junctor in ("anyOf", "allOf", "oneOf"):
        if junctor == skip == "anyOf":
            continue
        for index, part in enumerate(schema.get(junctor) or ()):
            inner = "anyOf" if junctor == skip and index == 0 else ""
            errors += _nested(part, f"{path}.{junctor}[{index}]", skip=inner)
    if schema.get("not") is not None:
        errors += _nested(schema["not"], f"{path}.not")
    pattern = schema.get("pattern") or ""
    if pattern:
        try:
            compile_pattern(pattern)
        except PatternError as error:
            detail = f"must be a valid regular expression, but isn't: {error}"
            errors.append(field_errors.invalid(f"{path}.pattern", pattern, detail))
    return errors


def _nested(schema: JSON, path: str, *, skip: str = "") -> list[FieldError]:
    """A schema that only constrains."""
    errors = _values(schema, path, skip=skip)
    items = schema.get("items")
    if isinstance(items, dict):
        errors += _nested(items, f"{path}.items")
    for name, part in (schema.get("properties") or {}).items():
        errors += _nested(part, f"{path}.properties[{name}]")
    for name, words in _FORBIDDEN:
        if schema.get(name) not in (None, "", False, []):
            errors.append(field_errors.forbidden(f"{path}.{name}", words))
    if "metadata" in (schema.get("properties") or {}):
        where = f"{path}.properties[metadata]"
        errors.append(field_errors.forbidden(where, "must not be specified in a nested context"))
    return errors


def _complete(values: JSON, schema: JSON | None, told: str, path: str) -> list[FieldError]:
    """Whether every field that is constrained at `path` is told at `told` too."""
    parts = [(values["not"], f"{path}.not")] if values.get("not") is not None else list[tuple[JSON, str]]()
    for junctor in ("allOf", "anyOf", "oneOf"):
        parts += [(part, f"{path}.{junctor}[{i}]") for i, part in enumerate(values.get(junctor) or ())]
    errors: list[FieldError] = []
    for part, where in parts:
        errors += _complete_nested(part, schema, told, where)
    return errors


def _complete_nested(values: JSON, schema: JSON | None, told: str, path: str) -> list[FieldError]:
    if schema is None:
        return [field_errors.required(told, f"because it is defined in {path}")]
    errors = _complete(values, schema, told, path)
    if isinstance(values.get("items"), dict):
        errors += _complete_nested(values["items"], _dict(schema.get("items")), f"{told}.items", f"{path}.items")
    properties: JSON = schema.get("properties") or {}
    for name, part in (values.get("properties") or {}).items():
        there, where = f"{told}.properties[{name}]", f"{path}.properties[{name}]"
        errors += _complete_nested(part, properties.get(name), there, where)
    return errors


def _dict(value: Any) -> JSON | None:
    return value if isinstance(value, dict) else None
