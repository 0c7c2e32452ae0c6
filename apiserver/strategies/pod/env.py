"""Environment variables of containers: names, sources, and the keys they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import references
from podwright.apiserver.strategies.pod.paths import no_backsteps

JSON = dict[str, Any]

_ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"


def validate_env(errors: Errors, path: str, variables: Sequence[JSON]) -> None:
    """Check a container's `env`."""
    for index, variable in enumerate(variables):
        name = variable.get("name")
        if not name:
            errors.append(field_errors.required(f"{path}[{index}].name"))
        else:
            problems = names.env_var_name(name)
            if problems:
                formats.complain(errors, f"{path}[{index}].name", name, problems)
        source = variable.get("valueFrom")
        if source is not None:
            _validate_source(errors, f"{path}[{index}].valueFrom", source, variable.get("value") or "")


def validate_env_from(errors: Errors, path: str, sources: Sequence[JSON]) -> None:
    """Check a container's `envFrom`."""
    for index, source in enumerate(sources):
        where = f"{path}[{index}]"
        prefix = source.get("prefix")
        if prefix:
            formats.complain(errors, f"{where}.prefix", prefix, names.env_var_name(prefix))
        count = 0
        for kind in ("configMapRef", "secretRef"):
            reference = source.get(kind)
            if reference is None:
                continue
            count += 1
            name = reference.get("name")
            if not name:
                errors.append(field_errors.required(f"{where}.{kind}.name"))
            else:
                problems = names.dns1123_subdomain(names.generated(name))
                formats.complain(errors, f"{where}.{kind}.name", name, problems)
        if count == 0:
            errors.append(field_errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif count > 1:
            errors.append(field_errors.invalid(path, "", "may not have more than one field specified at a time"))


def validate_file_volumes(errors: Errors, path: str, variables: Sequence[JSON], volumes: dict[str, JSON]) -> None:
    """Check that files variables are read from lie in emptyDir volumes of the pod."""
    for index, variable in enumerate(variables):
        reference = (variable.get("valueFrom") or {}).get("fileKeyRef")
        if reference is None:
            continue
        where = f"{path}[{index}].valueFrom.fileKeyRef.volumeName"
        name = reference.get("volumeName") or ""
        volume = volumes.get(name)
        if volume is None:
            errors.append(field_errors.not_found(where, name))
        elif volume.get("emptyDir") is None:
            errors.append(field_errors.invalid(where, name, "referenced volume must be of type emptyDir"))


def _validate_source(errors: Errors, path: str, source: JSON, value: str) -> None:
    count = 0
    for kind, check in _SOURCES.items():
        reference = source.get(kind)
        if reference is not None:
            count += 1
            check(errors, f"{path}.{kind}", reference)
    if count == 0:
        errors.append(field_errors.invalid(path, "", _ONE_OF))
    elif value:
        errors.append(field_errors.invalid(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        errors.append(field_errors.invalid(path, "", "may not have more than one field specified at a time"))


def _field(errors: Errors, path: str, reference: JSON) -> None:
    references.validate_field_ref(errors, path, reference, references.ENV_FIELDS)


def _resource(errors: Errors, path: str, reference: JSON) -> None:
    references.validate_resource_ref(errors, path, reference, in_volume=False)


def _key(errors: Errors, path: str, reference: JSON) -> None:
    formats.dns_subdomain(errors, f"{path}.name", reference.get("name") or "")
    key = reference.get("key")
    if not key:
        errors.append(field_errors.required(f"{path}.key"))
    else:
        formats.complain(errors, f"{path}.key", key, names.config_key(key))


def _file_key(errors: Errors, path: str, reference: JSON) -> None:
    key, volume, file = (reference.get(name) for name in ("key", "volumeName", "path"))
    if not key:
        errors.append(field_errors.required(f"{path}.key"))
    else:
        formats.complain(errors, f"{path}.key", key, names.env_var_name(key))
    if not volume:
        errors.append(field_errors.required(f"{path}.volumeName"))
    else:
        formats.dns_label(errors, f"{path}.volumeName", volume)
    if not file:
        errors.append(field_errors.required(f"{path}.path"))
    else:
        no_backsteps(errors, f"{path}.path", file)


_SOURCES = {
    "fieldRef": _field,
    "resourceFieldRef": _resource,
    "configMapKeyRef": _key,
    "secretKeyRef": _key,
    "fileKeyRef": _file_key,
}
