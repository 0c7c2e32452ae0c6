"""Whether a definition is good: its names, versions, schemas and all they say.

Where all versions say the same of something, refusals name it as if it were said once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.structural.node import Node
from podwright.apiserver.custom import approval
from podwright.apiserver.custom.definition import is_true
from podwright.apiserver.strategies.customresourcedefinition import (
    conversion,
    defaults,
    internal,
    naming,
    parts,
    schema,
    structural,
)

JSON = dict[str, Any]
# what a schema with a status of its own may say at its root -> how refusals spell it
_ROOT_WITH_STATUS: Final = {
    "description": "Description", "type": "Type", "format": "Format", "title": "Title", "maximum": "Maximum",
    "exclusiveMaximum": "ExclusiveMaximum", "minimum": "Minimum", "exclusiveMinimum": "ExclusiveMinimum",
    "maxLength": "MaxLength", "minLength": "MinLength", "pattern": "Pattern", "maxItems": "MaxItems",
    "minItems": "MinItems", "uniqueItems": "UniqueItems", "multipleOf": "MultipleOf", "required": "Required",
    "items": "Items", "properties": "Properties", "externalDocs": "ExternalDocs", "example": "Example",
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields", "x-kubernetes-validations": "XValidations",
}  # fmt: skip
_BEFORE_TYPE: Final = ("id", "$schema", "$ref")


def validate_new(obj: JSON) -> list[FieldError]:
    """List what is wrong with a new definition."""
    errors: list[FieldError] = []
    spec: JSON = obj["spec"]
    wanted = f"{(spec.get('names') or {}).get('plural') or ''}.{spec.get('group') or ''}"
    name = obj["metadata"].get("name") or ""
    if name and name != wanted:
        errors.append(field_errors.invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    errors += _spec(spec, None)
    errors += _status(obj)
    errors += _approval(obj, None)
    errors += _preserve(spec)
    return errors


def validate_change(obj: JSON, old: JSON) -> list[FieldError]:
    """List what is wrong with a changed definition."""
    spec, before = obj["spec"], old["spec"]
    errors = _spec(spec, old)
    fixed: list[tuple[str, Any, Any]] = []
    if is_true(old, "Established"):
        fixed += [
            ("spec.scope", spec.get("scope"), before.get("scope")),
            ("spec.names.kind", spec["names"].get("kind"), before["names"].get("kind")),
        ]
    fixed += [
        ("spec.group", spec.get("group"), before.get("group")),
        ("spec.names.plural", spec["names"].get("plural"), before["names"].get("plural")),
    ]
    errors += [field_errors.invalid(path, now, "field is immutable") for path, now, then in fixed if now != then]
    errors += _status(obj)
    errors += _approval(obj, old)
    errors += _preserve(spec)
    return errors


def _spec(spec: JSON, old: JSON | None) -> list[FieldError]:
    before: JSON | None = None if old is None else old["spec"]
    errors: list[FieldError] = []
    _group(errors, spec.get("group") or "")
    scope = spec.get("scope") or ""
    if not scope:
        errors.append(field_errors.required("spec.scope"))
    elif scope not in {"Cluster", "Namespaced"}:
        errors.append(field_errors.not_supported("spec.scope", scope, ("Cluster", "Namespaced")))
    errors += _versions(spec, before)
    found: JSON = spec.get("names") or {}
    for key in ("plural", "singular", "kind", "listKind"):
        if not found.get(key):
            errors.append(field_errors.required(f"spec.names.{key}"))
    errors += naming.validate_names(found, "spec.names")
    errors += _shared(spec, before)
    errors += conversion.validate(spec.get("conversion"), "spec.conversion", old)
    return errors


def _group(errors: list[FieldError], group: str) -> None:
    if not group:
        errors.append(field_errors.required("spec.group"))
        return
    problems = names.dns1123_subdomain(group)
    if problems:
        errors.append(field_errors.invalid("spec.group", group, ",".join(problems)))
    elif "." not in group:
        errors.append(field_errors.invalid("spec.group", group, "should be a domain with at least one dot"))


def _versions(spec: JSON, before: JSON | None) -> list[FieldError]:
    """The versions one by one, with what each says differently from others."""
    versions: list[JSON] = spec.get("versions") or []
    common = _common(versions)
    errors: list[FieldError] = []
    if not (common["schema"] and versions and _schema_of(versions[0]) is not None):
        for index, version in enumerate(versions):
            if _schema_of(version) is None:
                errors.append(field_errors.required(f"spec.versions[{index}].schema.openAPIV3Schema"))
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        naming.label(errors, f"{path}.name", version.get("name") or "")
        errors += _deprecation(version, path)
        place = _Place(f"{path}.", f"{path}.schema", status=_has_status(version))
        errors += _parts(version, before, place, lambda part: not common[part])
    listed = [version.get("name") for version in versions]
    if len(set(listed)) != len(listed):
        errors.append(internal.invalid_versions(versions, common, "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        detail = "must have exactly one version marked as storage version"
        errors.append(internal.invalid_versions(versions, common, detail))
    if versions and versions[0].get("name"):
        naming.label(errors, "spec.version", versions[0]["name"])
    return errors


def _common(versions: list[JSON]) -> dict[str, bool]:
    """What all versions say alike."""
    keys = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
    return {key: all(v.get(key) == versions[0].get(key) for v in versions) if versions else False for key in keys}


def _shared(spec: JSON, before: JSON | None) -> list[FieldError]:
    """What all versions say alike, once."""
    versions: list[JSON] = spec.get("versions") or []
    if not versions:
        return []
    common = _common(versions)
    place = _Place("spec.", "spec.validation", status=any(_has_status(version) for version in versions))
    return _parts(versions[0], before, place, lambda part: common[part])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where refusals say that something is said, and whether the status has a writer of its own there."""

    prefix: str
    schema: str
    status: bool


def _has_status(version: JSON) -> bool:
    return (version.get("subresources") or {}).get("status") is not None


def _parts(version: JSON, before: JSON | None, place: _Place, wanted: Callable[[str], bool]) -> list[FieldError]:
    prefix, errors = place.prefix, list[FieldError]()
    if wanted("schema"):
        errors += _schema(version, before, f"{place.schema}.openAPIV3Schema", status=place.status)
    if wanted("subresources"):
        errors += parts.subresources(version.get("subresources"), f"{prefix}subresources")
    if wanted("additionalPrinterColumns"):
        columns = version.get("additionalPrinterColumns") or []
        errors += parts.columns(columns, f"{prefix}additionalPrinterColumns")
    if wanted("selectableFields") and version.get("selectableFields"):
        old = _version(before, version.get("name"))
        as_before = old is not None and old.get("selectableFields") == version["selectableFields"]
        errors += parts.selectable_fields(
            version["selectableFields"], _schema_of(version), f"{prefix}selectableFields", as_before=as_before
        )
    return errors


def _version(spec: JSON | None, name: str | None) -> JSON | None:
    return next((v for v in (spec or {}).get("versions") or () if v.get("name") == name), None)


def _schema_of(version: JSON) -> JSON | None:
    return (version.get("schema") or {}).get("openAPIV3Schema")


def _schema(version: JSON, before: JSON | None, path: str, *, status: bool) -> list[FieldError]:
    found = _schema_of(version)
    if found is None:
        return []
    errors: list[FieldError] = []
    if status:
        errors += _root_with_status(found, path)
    if found.get("nullable"):
        errors.append(field_errors.forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    unknown = structural.unsupported(found)
    bad = [] if unknown else structural.validate(found, path) or defaults.validate(Node(found), path)
    errors += bad
    keywords = schema.validate(found, schema.Place(path, root=True))
    errors += keywords
    if unknown and not errors:
        errors.append(field_errors.invalid(path, "", unknown))
    if not bad and not unknown:
        old = _schema_of(_version(before, version.get("name")) or {})
        errors += _rules(found, path, old, frozenset(error.field for error in keywords))
    return errors


def _rules(found: JSON, path: str, old: JSON | None, broken: frozenset[str]) -> list[FieldError]:
    if b'"x-kubernetes-validations"' not in orjson.dumps(found):
        return []
    from podwright.apiserver.strategies.customresourcedefinition import rules_check

    return rules_check.validate(found, path, old, broken)


def _root_with_status(found: JSON, path: str) -> list[FieldError]:
    kind = found.get("type") or ""
    first = any(found.get(name) for name in _BEFORE_TYPE)
    if kind and kind != "object" and not first:
        detail = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        return [field_errors.invalid(f"{path}.type", kind, detail)]
    others = [value for name, value in found.items() if name not in _ROOT_WITH_STATUS]
    if any(not (value is None or value is False or value == "") for value in others):
        allowed = " ".join(_ROOT_WITH_STATUS.values())
        detail = f"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled"
        return [internal.invalid_schema(path, found, detail)]
    return []


def _deprecation(version: JSON, path: str) -> list[FieldError]:
    text, where = version.get("deprecationWarning"), f"{path}.deprecationWarning"
    if text is None:
        return []
    if not version.get("deprecated"):
        return [field_errors.invalid(where, text, "can only be set for deprecated versions")]
    problems: list[str] = []
    if len(text.encode()) > 256:
        problems.append("must be <= 256 characters long")
    if not text:
        problems.append("must not be an empty string")
    for index, char in enumerate(text):
        if not char.isprintable():
            problems.append(
                f"must only contain printable UTF-8 characters; non-printable character found at index {index}"
            )
            break
    return [field_errors.invalid(where, text, problem) for problem in problems]


def _status(obj: JSON) -> list[FieldError]:
    status: JSON = obj.get("status") or {}
    errors = naming.validate_names(status.get("acceptedNames") or {}, "status.acceptedNames")
    stored: list[str] = status.get("storedVersions") or []
    path = "status.storedVersions"
    if not stored:
        return [*errors, field_errors.invalid(path, None, "must have at least one stored version")]
    listed = [version.get("name") for version in obj["spec"].get("versions") or ()]
    for version in obj["spec"].get("versions") or ():
        if version.get("storage") and version.get("name") not in stored:
            errors.append(field_errors.invalid(path, stored, f"must have the storage version {version.get('name')}"))
    for index, name in enumerate(stored):
        if name not in listed:
            detail = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            errors.append(field_errors.invalid(f"{path}[{index}]", name, detail))
    return errors


def _approval(obj: JSON, old: JSON | None) -> list[FieldError]:
    group = obj["spec"].get("group") or ""
    if not approval.is_protected(group):
        return []
    found = approval.approval(obj["metadata"].get("annotations") or {})
    if found.state in {"Approved", "Bypassed"}:
        return []
    if old is not None and approval.approval(old["metadata"].get("annotations") or {}).state == found.state:
        return []
    where = f"metadata.annotations[{approval.ANNOTATION}]"
    if found.state == "Missing":
        return [field_errors.required(where, found.text)]
    value = (obj["metadata"].get("annotations") or {}).get(approval.ANNOTATION)
    return [field_errors.invalid(where, value, found.text)]


def _preserve(spec: JSON) -> list[FieldError]:
    if not spec.get("preserveUnknownFields"):
        return []
    detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
    return [field_errors.invalid("spec.preserveUnknownFields", True, detail)]
