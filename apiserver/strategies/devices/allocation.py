"""What was allocated for a claim, and what drivers say of it: written by schedulers and drivers, checked as any."""

from __future__ import annotations

import ipaddress
from typing import Any

from podwright.api import field_errors, names
from podwright.api.resource.allocation import AllocationResult
from podwright.apiserver.strategies import drivers, formats, shown
from podwright.apiserver.strategies.devices.items import each, label, label_key, pool_name, same, share_id, unique
from podwright.apiserver.strategies.devices.request import (
    REQUESTS_LIMIT,
    RequestNames,
    validate_reference,
    validate_references,
)
from podwright.apiserver.strategies.devices.selection import (
    CONFIG_LIMIT,
    validate_data,
    validate_settings,
    validate_toleration,
)
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategies.pod.affinity import validate_node_selector

JSON = dict[str, Any]

_RESERVED_LIMIT = 256
_CONDITIONS_LIMIT = 8
_BINDING_LIMIT = 4
_IPS_LIMIT = 16
_NAME_LIMIT, _ADDRESS_LIMIT = 256, 128
_SOURCES = ("FromClaim", "FromClass")
_STATUSES = ("False", "True", "Unknown")


def device_id(device: JSON) -> tuple[str, str, str, str]:
    """What tells devices apart: driver, pool, name, share."""
    return (
        device.get("driver") or "",
        device.get("pool") or "",
        device.get("device") or "",
        device.get("shareID") or "",
    )


def allocated(status: JSON) -> list[JSON]:
    """The devices that were given."""
    return ((status.get("allocation") or {}).get("devices") or {}).get("results") or []


def validate_status(errors: Errors, status: JSON, before: JSON, known: RequestNames, *, deleted: bool) -> None:
    """Check a changed status against the claim's requests and the earlier status."""
    reserved: list[JSON] = status.get("reservedFor") or []
    where = "status.reservedFor"
    unique(errors, where, reserved, _RESERVED_LIMIT, _validate_consumer, lambda item: item.get("uid") or "")
    given = {device_id(result) for result in allocated(status)}

    def check(errors: Errors, path: str, item: JSON) -> None:
        _validate_device(errors, path, item)
        if device_id(item) not in given:
            shown_id = "/".join(part for part in device_id(item) if part)
            errors.append(field_errors.invalid(path, shown_id, "must be an allocated device in the claim"))

    unique(errors, "status.devices", status.get("devices"), -1, check, device_id)
    allocation, former = status.get("allocation"), before.get("allocation")
    if reserved and allocation is None:
        errors.append(field_errors.forbidden(where, "may not be specified when `allocated` is not set"))
    elif deleted and any(item not in (before.get("reservedFor") or ()) for item in reserved):
        detail = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"
        errors.append(field_errors.forbidden(where, detail))
    if allocation is not None and former is not None:
        if allocation != former:
            text = internal_text(AllocationResult, allocation)
            errors.append(shown.ShownError("Invalid", "status.allocation", text, "field is immutable"))
    elif allocation is not None:
        _validate_allocation(errors, "status.allocation", allocation, known)


def _validate_consumer(errors: Errors, path: str, consumer: JSON) -> None:
    missing = (name for name in ("resource", "name", "uid") if not consumer.get(name))
    errors.extend(field_errors.required(f"{path}.{name}") for name in missing)


def _validate_allocation(errors: Errors, path: str, allocation: JSON, known: RequestNames) -> None:
    devices: JSON = allocation.get("devices") or {}

    def result(errors: Errors, path: str, item: JSON) -> None:
        _validate_result(errors, path, item, known)

    def settings(errors: Errors, path: str, item: JSON) -> None:
        formats.one_of(errors, f"{path}.source", item.get("source"), _SOURCES)
        validate_references(errors, f"{path}.requests", item.get("requests"), known)
        validate_settings(errors, path, item)

    each(errors, f"{path}.devices.results", devices.get("results"), REQUESTS_LIMIT, result)
    each(errors, f"{path}.devices.config", devices.get("config"), 2 * CONFIG_LIMIT, settings)
    if allocation.get("nodeSelector") is not None:
        validate_node_selector(errors, f"{path}.nodeSelector", allocation["nodeSelector"])


def _validate_result(errors: Errors, path: str, result: JSON, known: RequestNames) -> None:
    validate_reference(errors, f"{path}.request", result.get("request") or "", known)
    drivers.driver_name(errors, f"{path}.driver", result.get("driver"))
    pool_name(errors, f"{path}.pool", result.get("pool"))
    label(errors, f"{path}.device", result.get("device"))
    validate_binding(errors, path, result)
    for index, toleration in enumerate(result.get("tolerations") or ()):
        validate_toleration(errors, f"{path}.tolerations[{index}]", toleration)
    share_id(errors, f"{path}.shareID", result.get("shareID"))


def validate_binding(errors: Errors, path: str, device: JSON) -> None:
    """Check the conditions a device's preparation reports: none twice, both kinds or neither."""
    good, bad = device.get("bindingConditions") or [], device.get("bindingFailureConditions") or []
    for name, conditions in (("bindingConditions", good), ("bindingFailureConditions", bad)):
        unique(errors, f"{path}.{name}", conditions, _BINDING_LIMIT, label_key, same)
    for index, condition in enumerate(bad):
        if condition in good:
            where = f"{path}.bindingFailureConditions[{index}]"
            detail = "bindingFailureConditions must not overlap with bindingConditions"
            errors.append(field_errors.invalid(where, condition, detail))
    if bad and not good:
        detail = "bindingConditions are required to use bindingFailureConditions"
        errors.append(field_errors.invalid(f"{path}.bindingConditions", None, detail))
    if good and not bad:
        detail = "bindingFailureConditions are required to use bindingConditions"
        errors.append(field_errors.invalid(f"{path}.bindingFailureConditions", None, detail))


def _validate_device(errors: Errors, path: str, device: JSON) -> None:
    drivers.driver_name(errors, f"{path}.driver", device.get("driver"))
    pool_name(errors, f"{path}.pool", device.get("pool"))
    label(errors, f"{path}.device", device.get("device"))
    share_id(errors, f"{path}.shareID", device.get("shareID"))
    conditions: list[JSON] = device.get("conditions") or []
    if len(conditions) > _CONDITIONS_LIMIT:
        errors.append(field_errors.too_many(f"{path}.conditions", len(conditions), _CONDITIONS_LIMIT))
    for index, condition in enumerate(conditions):
        _validate_condition(errors, f"{path}.conditions[{index}]", condition)
    if device.get("data") is not None:
        validate_data(errors, f"{path}.data", device["data"])
    network = device.get("networkData")
    if network is not None:
        _validate_network(errors, f"{path}.networkData", network)


def _validate_condition(errors: Errors, path: str, condition: JSON) -> None:
    kind, status, reason = (condition.get(name) or "" for name in ("type", "status", "reason"))
    if not kind:
        errors.append(field_errors.required(f"{path}.type", "must be set"))
    else:
        formats.qualified_name(errors, f"{path}.type", kind)
    if status not in _STATUSES:
        errors.append(field_errors.not_supported(f"{path}.status", status, _STATUSES))
    if (condition.get("observedGeneration") or 0) < 0:
        detail = "must be greater than or equal to zero"
        errors.append(field_errors.invalid(f"{path}.observedGeneration", condition["observedGeneration"], detail))
    if condition.get("lastTransitionTime") is None:
        errors.append(field_errors.required(f"{path}.lastTransitionTime", "must be set"))
    if not reason:
        errors.append(field_errors.required(f"{path}.reason", "must be set"))


def _validate_network(errors: Errors, path: str, network: JSON) -> None:
    for name, limit in (("interfaceName", _NAME_LIMIT), ("hardwareAddress", _ADDRESS_LIMIT)):
        if len((network.get(name) or "").encode()) > limit:
            errors.append(field_errors.too_long(f"{path}.{name}", "", limit))
    unique(errors, f"{path}.ips", network.get("ips"), _IPS_LIMIT, _validate_address, same)


def _validate_address(errors: Errors, path: str, address: str) -> None:
    host, slash, bits = address.partition("/")
    try:
        canonical = str(ipaddress.ip_interface(f"{names.loose_address(host)}{slash}{int(bits)}"))
    except ValueError:
        detail = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"
        errors.append(field_errors.invalid(path, address, detail))
        return
    if canonical != address:
        errors.append(field_errors.invalid(path, address, f'must be in canonical form ("{canonical}")'))
