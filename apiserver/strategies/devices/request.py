"""What claims and templates ask for: the defaults and rules of requests, constraints and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.devices.items import each, fully_qualified, label, name_of, same, unique
from podwright.apiserver.strategies.devices.selection import (
    CONFIG_LIMIT,
    default_toleration,
    validate_selectors,
    validate_settings,
    validate_toleration,
)
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]
RequestNames = dict[str, frozenset[str]]

REQUESTS_LIMIT = 32
_CONSTRAINTS_LIMIT = 32
_ALTERNATIVES_LIMIT = 8
_TOLERATIONS_LIMIT = 16
_MODES = ("All", "ExactCount")
_ONE = "exactly one of `exactly` or `firstAvailable` is required"
_REFERENCE = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"


def default_requests(spec: JSON) -> None:
    """Fill in that a request is for one device, and the operators of tolerations."""
    for request in _details(spec):
        if not request.get("allocationMode"):
            request["allocationMode"] = "ExactCount"
        if request["allocationMode"] == "ExactCount" and not request.get("count"):
            request["count"] = 1
        for toleration in request.get("tolerations") or ():
            default_toleration(toleration)


def _details(spec: JSON) -> Iterator[JSON]:
    for request in (spec.get("devices") or {}).get("requests") or ():
        if request.get("exactly") is not None:
            yield request["exactly"]
        yield from request.get("firstAvailable") or ()


def request_names(spec: JSON) -> RequestNames:
    """The names of the requests, each with those of its alternatives."""
    return {
        name_of(request): frozenset(name_of(part) for part in request.get("firstAvailable") or ())
        for request in (spec.get("devices") or {}).get("requests") or ()
    }


def validate_requests(errors: Errors, path: str, spec: JSON) -> None:
    """Check the spec of a claim."""
    devices: JSON = spec.get("devices") or {}
    where, known = f"{path}.devices", request_names(spec)
    unique(errors, f"{where}.requests", devices.get("requests"), REQUESTS_LIMIT, _validate_request, name_of)

    def constraint(errors: Errors, path: str, item: JSON) -> None:
        _validate_constraint(errors, path, item, known)

    def settings(errors: Errors, path: str, item: JSON) -> None:
        validate_references(errors, f"{path}.requests", item.get("requests"), known)
        validate_settings(errors, path, item)

    each(errors, f"{where}.constraints", devices.get("constraints"), _CONSTRAINTS_LIMIT, constraint)
    each(errors, f"{where}.config", devices.get("config"), CONFIG_LIMIT, settings)


def validate_references(errors: Errors, path: str, references: list[str] | None, known: RequestNames) -> None:
    """Check names of requests in constraints and settings."""

    def check(errors: Errors, path: str, item: str) -> None:
        validate_reference(errors, path, item, known)

    unique(errors, path, references, REQUESTS_LIMIT, check, same)


def validate_reference(errors: Errors, path: str, reference: str, known: RequestNames) -> None:
    """Check the name of a request, or of a request and one of its alternatives."""
    parts = reference.split("/")
    if len(parts) > 2:
        errors.append(field_errors.invalid(path, reference, _REFERENCE))
        return
    for part in parts:
        label(errors, path, part)
    if parts[0] not in known or not known[parts[0]].issuperset(parts[1:]):
        errors.append(field_errors.invalid(path, reference, _REFERENCE))


def _validate_request(errors: Errors, path: str, request: JSON) -> None:
    label(errors, f"{path}.name", request.get("name"))
    exactly, alternatives = request.get("exactly"), request.get("firstAvailable")
    if exactly is None and not alternatives:
        errors.append(field_errors.required(path, _ONE))
    elif exactly is not None and alternatives:
        errors.append(field_errors.invalid(path, None, f"{_ONE}, but multiple fields are set"))
    elif exactly is not None:
        _validate_details(errors, f"{path}.exactly", exactly)
    else:
        where = f"{path}.firstAvailable"
        unique(errors, where, alternatives, _ALTERNATIVES_LIMIT, _validate_alternative, name_of)


def _validate_alternative(errors: Errors, path: str, request: JSON) -> None:
    label(errors, f"{path}.name", request.get("name"))
    _validate_details(errors, path, request)


def _validate_details(errors: Errors, path: str, request: JSON) -> None:
    name, where = request.get("deviceClassName") or "", f"{path}.deviceClassName"
    if not name:
        errors.append(field_errors.required(where))
    else:
        formats.complain(errors, where, name, names.dns1123_subdomain(name))
    validate_selectors(errors, f"{path}.selectors", request.get("selectors"))
    mode, count = request.get("allocationMode"), request.get("count") or 0
    if mode == "All":
        if count:
            detail = "must not be specified when allocationMode is 'All'"
            errors.append(field_errors.invalid(f"{path}.count", count, detail))
    elif mode == "ExactCount":
        if count <= 0:
            errors.append(field_errors.invalid(f"{path}.count", count, "must be greater than zero"))
    else:
        errors.append(field_errors.not_supported(f"{path}.allocationMode", mode, _MODES))
    each(errors, f"{path}.tolerations", request.get("tolerations"), _TOLERATIONS_LIMIT, validate_toleration)


def _validate_constraint(errors: Errors, path: str, constraint: JSON, known: RequestNames) -> None:
    validate_references(errors, f"{path}.requests", constraint.get("requests"), known)
    given = [name for name in ("matchAttribute", "distinctAttribute") if constraint.get(name) is not None]
    if not given:
        detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
        errors.append(field_errors.required(path, detail))
    else:
        fully_qualified(errors, f"{path}.{given[0]}", constraint[given[0]])
    if len(given) > 1:
        shown = ", ".join(f"`{name}`" for name in given)
        detail = "must specify exactly one of: `distinctAttribute`, `matchAttribute`"
        errors.append(field_errors.invalid(path, f"{{{shown}}}", detail))
