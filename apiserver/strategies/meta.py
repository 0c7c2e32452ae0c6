"""What every object's metadata must look like, when it is created and when it is changed.

The registry checks metadata with `validate_new` and `validate_change` before a strategy sees the object. Nothing here
knows a kind; a kind's own naming rule comes in as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.managers import manager_problems
from podwright.api.quoting import quote
from podwright.apiserver.strategies import formats, shown

JSON = dict[str, Any]
Errors = list[FieldError]
NameRule = Callable[[str], list[str]]

ANNOTATIONS_LIMIT = 256 * 1024
"""Bytes of all keys and values together."""

_IMMUTABLE = "field is immutable"
_STANDARD_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))
# name of the field, what an absent one counts as
_FIXED = (
    ("name", ""),
    ("namespace", ""),
    ("uid", ""),
    ("creationTimestamp", None),
    ("deletionTimestamp", None),
    ("deletionGracePeriodSeconds", None),
)


def validate_new(
    meta: JSON, *, namespaced: bool, name_rule: NameRule, path: str = "metadata", bare_finalizers: bool = False
) -> Errors:
    """List what is wrong with the metadata of a new object, whose name has been generated already.

    With `bare_finalizers`, finalizers need no domain.
    """
    errors: Errors = []
    prefix = meta.get("generateName")
    if prefix:
        formats.complain(errors, f"{path}.generateName", prefix, _of_prefix(prefix, name_rule))
    name = meta.get("name")
    if not name:
        errors.append(field_errors.required(f"{path}.name", "name or generateName is required"))
    else:
        formats.complain(errors, f"{path}.name", name, name_rule(name))
    _validate_namespace(errors, meta.get("namespace") or "", namespaced, path)
    formats.not_negative(errors, f"{path}.generation", meta.get("generation"))
    _validate_common(errors, meta, path)
    finalizers = meta.get("finalizers")
    if finalizers:
        validate_finalizers(errors, finalizers, f"{path}.finalizers")
        managed_fields(errors, meta, path)
        if not bare_finalizers:
            _standard_finalizers(errors, finalizers, path)
    else:
        managed_fields(errors, meta, path)
    return errors


def validate_change(meta: JSON, old: JSON, *, bare_finalizers: bool = False) -> Errors:
    """List what is wrong with changed metadata, as `validate_new` does (any name will do) and against the old one."""
    namespaced, rule = bool(old.get("namespace")), names.path_segment
    errors = validate_new(meta, namespaced=namespaced, name_rule=rule, bare_finalizers=bare_finalizers)
    return errors + _validate_against(meta, old, "metadata", well_formed=not errors, bare_finalizers=bare_finalizers)


def _validate_against(
    meta: JSON, old: JSON, path: str, *, well_formed: bool = False, bare_finalizers: bool = False
) -> Errors:
    """List which of the fields that are fixed for an object's life have changed, and what is not well formed.

    With `well_formed`, `validate_new` found nothing: all that looks at the new metadata alone need not look again.
    """
    errors: Errors = []
    finalizers: Sequence[str] = meta.get("finalizers") or ()
    if old.get("deletionTimestamp") is not None:
        added = sorted(set(finalizers) - set(old.get("finalizers") or ()))
        if added:
            listed = ", ".join(map(quote, added))
            problem = (
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                f"[]string{{{listed}}}"
            )
            errors.append(field_errors.forbidden(f"{path}.finalizers", problem))
    if not meta.get("resourceVersion"):
        errors.append(field_errors.invalid(f"{path}.resourceVersion", "", "must be specified for an update"))
    generation = meta.get("generation") or 0
    if generation < (old.get("generation") or 0):
        errors.append(field_errors.invalid(f"{path}.generation", generation, "must not be decremented"))
    for name, absent in _FIXED:
        value = meta.get(name) or absent if absent == "" else meta.get(name, absent)
        if value != (old.get(name) or absent if absent == "" else old.get(name, absent)):
            errors.append(field_errors.invalid(f"{path}.{name}", value, _IMMUTABLE))
    if well_formed:
        return errors
    _validate_common(errors, meta, path)
    managed_fields(errors, meta, path)
    if not bare_finalizers:
        _standard_finalizers(errors, finalizers, path)
    return errors


def repeated_on_update(
    obj: JSON,
    old: JSON,
    *,
    changes: int = 1,
    creations: int = 0,
    namespaced: bool = True,
    name_rule: NameRule,
    good: bool = False,
) -> Errors:
    """List metadata errors again, as often as API clients see them for a kind after the registry's own check.

    With `good`, the registry's check found nothing: then all but the kind's rule for names has been looked at. So a
    good object costs one pass; only a bad one is worded several times.
    """
    meta: JSON = obj["metadata"]
    if good and namespaced is bool(old["metadata"].get("namespace")) and _well_named(meta, name_rule):
        return []
    errors: Errors = _validate_against(meta, old["metadata"], "metadata") * changes
    if creations:
        errors += validate_new(meta, namespaced=namespaced, name_rule=name_rule) * creations
    return errors


def _well_named(meta: JSON, rule: NameRule) -> bool:
    name, prefix = meta.get("name"), meta.get("generateName")
    return bool(name) and not rule(name) and not (prefix and any(_of_prefix(prefix, rule)))


def validate_annotations(errors: Errors, annotations: JSON | None, path: str) -> None:
    """Check keys (their case does not matter) and the total size."""
    size = 0
    for key, value in (annotations or {}).items():
        if problems := names.qualified_name(key.lower()):
            formats.complain(errors, path, key, problems)
        size += len(key) + len(value)
    if size * 4 > ANNOTATIONS_LIMIT and _bytes_of(annotations or {}) > ANNOTATIONS_LIMIT:
        errors.append(field_errors.too_long(path, "", ANNOTATIONS_LIMIT))


def validate_finalizers(errors: Errors, finalizers: Sequence[str], path: str) -> None:
    """Check the form of finalizers, and that the two that decide over dependents do not meet."""
    for finalizer in finalizers:
        formats.qualified_name(errors, path, finalizer)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        errors.append(
            field_errors.invalid(path, list(finalizers), "finalizer orphan and foregroundDeletion cannot be both set")
        )


def _standard_finalizers(errors: Errors, finalizers: Sequence[str], path: str) -> None:
    for index, finalizer in enumerate(finalizers):
        standard_finalizer(errors, finalizer, f"{path}.finalizers[{index}]")


def standard_finalizer(errors: Errors, finalizer: str, path: str) -> None:
    """Check that a finalizer without a domain is one of the API's own."""
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        formats.complain(errors, path, finalizer, names.fully_qualified(finalizer))


def managed_fields(errors: Errors, meta: JSON, path: str) -> None:
    """Check the records of who owns which field."""
    for index, entry in enumerate(meta.get("managedFields") or ()):
        where = f"{path}.managedFields[{index}]"
        operation = entry.get("operation") or ""
        if operation not in {"Apply", "Update"}:
            errors.append(field_errors.invalid(f"{where}.operation", operation, "must be `Apply` or `Update`"))
        kind = entry.get("fieldsType") or ""
        if kind and kind != "FieldsV1":
            errors.append(field_errors.invalid(f"{where}.fieldsType", kind, "must be `FieldsV1`"))
        errors += manager_problems(f"{where}.manager", entry.get("manager") or "")
        subresource = entry.get("subresource") or ""
        if len(subresource.encode()) > 256:
            errors.append(field_errors.too_long(f"{where}.subresource", "", 256))


def _validate_common(errors: Errors, meta: JSON, path: str) -> None:
    if meta.get("labels"):
        formats.labels(errors, f"{path}.labels", meta["labels"])
    if meta.get("annotations"):
        validate_annotations(errors, meta["annotations"], f"{path}.annotations")
    if meta.get("ownerReferences"):
        _validate_owners(errors, meta["ownerReferences"], f"{path}.ownerReferences")


def _validate_namespace(errors: Errors, namespace: str, namespaced: bool, path: str) -> None:
    if not namespaced:
        if namespace:
            errors.append(field_errors.forbidden(f"{path}.namespace", "not allowed on this type"))
    elif not namespace:
        errors.append(field_errors.required(f"{path}.namespace"))
    else:
        formats.dns_label(errors, f"{path}.namespace", namespace)


def _validate_owners(errors: Errors, owners: Sequence[JSON], path: str) -> None:
    controller = ""
    for owner in owners:
        version, kind = owner.get("apiVersion") or "", owner.get("kind") or ""
        group, _, number = version.rpartition("/")
        if not number or "/" in group:
            errors.append(field_errors.invalid(f"{path}.apiVersion", version, "version must not be empty"))
        for name in ("kind", "name", "uid"):
            if not owner.get(name):
                errors.append(field_errors.invalid(f"{path}.{name}", "", "must not be empty"))
        if (group, number, kind) == ("", "v1", "Event"):
            text = shown.compact(shown.ordered(owner, ()))
            errors.append(shown.ShownError("Invalid", path, text, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            current = f"{kind}/{owner.get('name') or ''}"
            if controller:
                errors.append(
                    shown.ShownError(
                        "Invalid",
                        path,
                        shown.owners(owners),
                        'Only one reference can have Controller set to true. Found "true" in references for '
                        f"{controller} and {current}",
                    )
                )
            else:
                controller = current


def _of_prefix(prefix: str, rule: NameRule) -> Iterable[str]:
    return rule(names.generated(prefix))


def _bytes_of(annotations: JSON) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
