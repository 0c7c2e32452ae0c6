"""Names of drivers, of storage and of devices alike, and of what their parameters may be."""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_NAME_LIMIT = 63
_PARAMETERS_LIMIT = 512
_PARAMETERS_SIZE = 256 * 1024


def driver_name(errors: Errors, path: str, name: str | None) -> None:
    """Check the name of a driver: a subdomain of at most 63 characters, in which capitals are let pass."""
    name = name or ""
    if not name:
        errors.append(field_errors.required(path))
    if len(name.encode()) > _NAME_LIMIT:
        errors.append(field_errors.too_long(path, "", _NAME_LIMIT))
    formats.complain(errors, path, name, names.dns1123_subdomain(name.lower()))


def provisioner(errors: Errors, path: str, name: str | None) -> None:
    """Check the name of who makes volumes: a qualified name."""
    if not name:
        errors.append(field_errors.required(path))
    else:
        lower = name.lower()
        formats.complain(errors, path, lower, names.qualified_name(lower))


def parameters(errors: Errors, path: str, values: JSON | None, *, required: bool) -> None:
    """Check settings for a driver: how many, how large in all, and no empty key."""
    values = values or {}
    if len(values) > _PARAMETERS_LIMIT:
        errors.append(field_errors.too_long(path, "", _PARAMETERS_LIMIT))
        return
    if "" in values:
        errors.append(field_errors.invalid(path, "", "field can not be empty."))
    if sum(len(key.encode()) + len(value.encode()) for key, value in values.items()) > _PARAMETERS_SIZE:
        errors.append(field_errors.too_long(path, "", _PARAMETERS_SIZE))
    if required and not values:
        errors.append(field_errors.required(path, "must contain at least one key/value pair"))
