"""What must be true of the question of an access review. Pure."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.selectors import operator_and_values

JSON = dict[str, Any]

_PATH = (("Path", "path", ""), ("Verb", "verb", ""))


def validate(review: JSON, *, subject: bool, local: bool = False) -> Errors:
    """List what is wrong; `subject` for reviews that name somebody, `local` for those of one namespace."""
    errors: Errors = []
    spec: JSON = review["spec"]
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        detail = "cannot be specified in combination with resourceAttributes"
        errors.append(_shown_path(path, detail))
    if resource is None and path is None:
        detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(field_errors.invalid("spec.resourceAttributes", None, detail))
    if subject and not spec.get("user") and not spec.get("groups"):
        detail = "at least one of user or group must be specified"
        errors.append(field_errors.invalid("spec.user", spec.get("user") or "", detail))
    if resource is not None:
        _validate_selectors(errors, "spec.resourceAttributes", resource)
    _validate_metadata(errors, review["metadata"], local=local)
    if local and resource is not None and (resource.get("namespace") or "") != review["metadata"].get("namespace"):
        where = "spec.resourceAttributes.namespace"
        errors.append(field_errors.invalid(where, resource.get("namespace") or "", "must match metadata.namespace"))
    if local and path is not None:
        errors.append(_shown_path(path, "disallowed on this kind of request"))
    return errors


def _shown_path(path: JSON, detail: str) -> field_errors.FieldError:
    return shown.ShownError("Invalid", "spec.nonResourceAttributes", shown.members(path, _PATH), detail)


def _validate_metadata(errors: Errors, metadata: JSON, *, local: bool) -> None:
    if set(metadata) - {"managedFields", "namespace"}:
        detail = "must be empty except for namespace" if local else "must be empty"
        errors.append(field_errors.invalid("metadata", metadata, detail))


def _validate_selectors(errors: Errors, path: str, resource: JSON) -> None:
    for name, key_check in (("fieldSelector", False), ("labelSelector", True)):
        selector, where = resource.get(name), f"{path}.{name}"
        if selector is None:
            continue
        raw, parts = selector.get("rawSelector") or "", selector.get("requirements") or ()
        if raw and parts:
            detail = "may not specified at the same time as requirements"
            errors.append(field_errors.invalid(f"{where}.rawSelector", raw, detail))
        elif not raw and not parts:
            detail = f"when {where} is specified, requirements or rawSelector is required"
            errors.append(field_errors.required(f"{where}.requirements", detail))
        for index, part in enumerate(parts):
            _validate_requirement(errors, f"{where}.requirements[{index}]", part, label=key_check)


def _validate_requirement(errors: Errors, path: str, part: JSON, *, label: bool) -> None:
    key: str = part.get("key") or ""
    operator_and_values(errors, path, part)
    if label:
        formats.qualified_name(errors, f"{path}.key", key)
    elif not key:
        errors.append(field_errors.required(f"{path}.key", "must be specified"))
